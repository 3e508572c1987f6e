"""The cases: from the files of `cases/` to data. Their format is described in docs/conformance.md."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

CASES = Path(__file__).resolve().parent.parent / "cases"
LIBRARY = "library.toml"
PURE = ("py3-none-any",)
# What an implementation may be said to lack, and what cannot be done by a command without the placeholder of that name.
ABILITIES = {
    "syntax-message": "the text of the SyntaxError says what is wrong with a clause",
    "byte-order-mark": "a file may begin with one, whatever says that it has clauses",
    "main-in-children": "a child process that multiprocessing starts anew can read the program, clauses and all",
    "switches": "the command takes the interpreter's switches",
    "python": "the command takes the interpreter",
}
_FILE = {"group", "case"}
_CASE = {"id", "spec", "main", "modules", "site", "sites", "front", "interpreter", "user", "current", "files"} | {
    "switches", "environment", "arguments", "stdin", "encoding", "newline", "bom", "system-site-packages", "needs", "then"
}  # fmt: skip
_EXPECTED = {"prints", "error", "says", "line", "file", "status"}
_STEP = {"install", "remove"}
_DISTRIBUTION = {"is", "like", "directory", "files", "requires", "requires-python", "tags", "entry-points", "missing"}
_MARK = re.compile(r"#[ \t]*\((\w+)\)[ \t]*$")


class CaseError(Exception):
    """A file of cases does not have the form that docs/conformance.md describes."""


@dataclass(frozen=True)
class Distribution:
    """A distribution as it is to be installed into one directory."""

    name: str
    version: str
    flat: bool
    directory: str
    files: dict[str, str]
    requires: tuple[str, ...] = ()
    requires_python: str = ""
    tags: tuple[str, ...] = PURE
    entry_points: str = ""
    missing: tuple[str, ...] = ()

    @property
    def info(self) -> str:
        """The name of its `.dist-info`."""
        return f"{re.sub(r'[-.]+', '_', self.name)}-{self.version}.dist-info"


@dataclass(frozen=True)
class Expected:
    """What a run of the program has to come to: what it prints, and the error that ends it, if one does."""

    prints: str = ""
    error: str = ""
    says: tuple[str, ...] = ()
    line: str = ""
    file: str = "main.py"
    status: int = 0


@dataclass(frozen=True)
class Step:
    """Another run of the same program, after distributions came to the first site directory, or went."""

    install: tuple[Distribution, ...]
    remove: tuple[str, ...]
    expected: Expected


@dataclass(frozen=True)
class Case:
    """A program, what is installed for it, and what has to come out."""

    id: str
    group: str
    spec: str
    modules: dict[str, str]
    """The program's files, `main.py` among them."""
    places: dict[str, tuple[Distribution, ...]]
    """Site directories by name, those of PYTHONPATH (`site1`, `site2`, ...) in the order of the search."""
    expected: Expected
    then: tuple[Step, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    switches: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    arguments: tuple[str, ...] = ()
    stdin: str = ""
    encoding: str = "utf-8"
    newline: str = "\n"
    bom: bool = False
    system_site_packages: bool = True
    needs: frozenset[str] = frozenset()

    @property
    def python_path(self) -> list[str]:
        """The names of the directories of PYTHONPATH."""
        return [name for name in self.places if name.startswith("site")]


def read_cases(directory: Path = CASES) -> list[Case]:
    """Return the cases of all files, in their order; raises CaseError."""
    library = tomllib.loads((directory / LIBRARY).read_text(encoding="utf-8"))
    cases = [
        case for path in sorted(directory.glob("*.toml")) if path.name != LIBRARY for case in _read_file(path, library)
    ]
    ids = [case.id for case in cases]
    twice = {one for one in ids if ids.count(one) > 1}
    if twice:
        raise CaseError(f"two cases are called {', '.join(sorted(twice))}")
    return cases


def marked_lines(text: str) -> dict[str, int]:
    """Return the numbers of the lines that end with a mark, `# (name)`."""
    found = ((_MARK.search(line), number) for number, line in enumerate(text.split("\n"), 1))
    return {match[1]: number for match, number in found if match}


def _read_file(path: Path, library: dict) -> list[Case]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"{path.name}: {error}") from None
    _known(content, _FILE, path.name)
    return [_case(table, content["group"], library, f"{path.name}: {table.get('id')}") for table in content["case"]]


def _case(table: dict, group: str, library: dict, where: str) -> Case:
    _known(table, _CASE | _EXPECTED, where)
    for key in ("id", "spec", "main"):
        if not table.get(key):
            raise CaseError(f"{where}: it has no {key}")
    case_id = table["id"]
    modules = {"main.py": table["main"], **table.get("modules", {})}
    encoding = table.get("encoding", "utf-8")
    cookie = f" -*- coding: {encoding} -*-" if encoding != "utf-8" else f" {case_id}"
    needs = set(table.get("needs", ()))
    needs |= ({"switches"} if "switches" in table else set()) | (
        {"python"} if {"interpreter", "user"} & table.keys() else set()
    )
    if not needs <= ABILITIES.keys():
        raise CaseError(f"{where}: there are no abilities called {', '.join(sorted(needs - ABILITIES.keys()))}")
    return Case(
        id=case_id,
        group=group,
        spec=" ".join(table["spec"].split()),
        modules={name: f"#{cookie}\n{text}" for name, text in modules.items()},
        places=_places(table, library, where),
        expected=_expected(table, where),
        then=tuple(_step(step, library, where) for step in table.get("then", ())),
        files=tuple(table.get("files", {}).items()),
        switches=tuple(table.get("switches", ())),
        environment=tuple(table.get("environment", {}).items()),
        arguments=tuple(table.get("arguments", ())),
        stdin=table.get("stdin", ""),
        encoding=encoding,
        newline=table.get("newline", "\n"),
        bom=table.get("bom", False),
        system_site_packages=table.get("system-site-packages", True),
        needs=frozenset(needs),
    )


def _places(table: dict, library: dict, where: str) -> dict[str, tuple[Distribution, ...]]:
    sites = table.get("sites", [table.get("site", [])])
    named = {f"site{number}": entries for number, entries in enumerate(sites, 1)}
    named |= {name: table[name] for name in ("front", "interpreter", "user", "current") if name in table}
    return {
        name: tuple(_distribution(entry, name, library, where) for entry in entries) for name, entries in named.items()
    }


def _step(table: dict, library: dict, where: str) -> Step:
    _known(table, _STEP | _EXPECTED, f"{where}, then")
    install = tuple(_distribution(entry, "site1", library, where) for entry in table.get("install", ()))
    return Step(install, tuple(table.get("remove", ())), _expected(table, where))


def _expected(table: dict, where: str) -> Expected:
    if not {"prints", "error", "status"} & table.keys():
        raise CaseError(f"{where}: it expects nothing")
    error = table.get("error", "")
    return Expected(
        prints=table.get("prints", "").strip("\n"),
        error=error,
        says=tuple(table.get("says", ())),
        line=table.get("line", ""),
        file=table.get("file", "main.py"),
        status=table.get("status", 1 if error else 0),
    )


def _distribution(entry: str | dict, place: str, library: dict, where: str) -> Distribution:
    table = {"is": entry} if isinstance(entry, str) else entry
    _known(table, _DISTRIBUTION, f"{where}: {table.get('is')}")
    words = table["is"].split()
    if len(words) not in (2, 3) or words[2:] not in ([], ["flat"]):
        raise CaseError(f"{where}: {table['is']!r} is not NAME VERSION or NAME VERSION flat")
    name, version, *flat = words
    like = table.get("like", name if name in library else "module")
    if like not in library:
        raise CaseError(f"{where}: the library has no {like}")
    table = {**library[like], **table}
    canonical = re.sub(r"[-_.]+", "-", name).lower()
    values = {
        "@NAME@": name,
        "@VERSION@": version,
        "@IMPORT@": canonical.replace("-", "_"),
        "@PART@": canonical.rpartition("-")[2],
        "@PLACE@": place,
        "@KIND@": "flat" if flat else "versioned",
        "@INFO@": f"{re.sub(r'[-.]+', '_', name)}-{version}.dist-info",
    }

    def filled(text: str) -> str:
        return re.sub(r"@[A-Z]+@", lambda match: values[match[0]], text)

    return Distribution(
        name,
        version,
        bool(flat),
        "" if flat else table.get("directory", f"{canonical}-{version}"),
        {filled(path): filled(text) for path, text in table["files"].items()},
        tuple(table.get("requires", ())),
        table.get("requires-python", ""),
        tuple(table.get("tags", PURE)),
        filled(table.get("entry-points", "")),
        tuple(map(filled, table.get("missing", ()))),
    )


def _known(table: dict, keys: set[str], where: str) -> None:
    unknown = table.keys() - keys
    if unknown:
        raise CaseError(f"{where}: there is no key {', '.join(sorted(unknown))}")
