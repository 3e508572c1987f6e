"""What the pages say of the code is true of the code, and every link in them leads somewhere."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import versioned_import
from versioned_import import errors
from versioned_import.syntax.loader import check_text

PROJECT = Path(__file__).resolve().parents[1]
DOCS = PROJECT / "docs"
SOURCES = [*sorted((PROJECT / "versioned_import").rglob("*.py")), PROJECT / "versioned_import_startup.py"]
PAGES = sorted([*PROJECT.glob("*.md"), *DOCS.rglob("*.md"), *(PROJECT / "grammar").glob("*.md")])
PEP = PROJECT / "pep-draft" / "pep-9999.rst"
BLOCK = re.compile(r"^(```|~~~).*?^\1$", re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as forges and MyST make them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.replace("\\", "").lower()).replace(" ", "-")
        number = 1
        while (name if number == 1 else f"{name}-{number - 1}") in found:
            number += 1
        found.add(name if number == 1 else f"{name}-{number - 1}")
    return found


def rows(page: str) -> list[list[str]]:
    """Return the rows of all tables of a page of docs/, each as its cells."""
    lines = re.findall(r"^\|(.+)\|$", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines]


def in_code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


class TestLinks:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
    def test_every_relative_link_leads_to_a_file_and_a_heading(self, page: Path) -> None:
        wrong = []
        text = re.sub(r"`[^`\n]*`", "", prose(page))
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.is_file() or not file.is_relative_to(PROJECT) or (anchor and anchor not in anchors(file)):
                wrong.append(target)
        assert not wrong

    def test_the_pep_has_no_link_to_a_file_that_is_not_there(self) -> None:
        targets = re.findall(r"`[^`<]*<([^>]+)>`_", PEP.read_text(encoding="utf-8"))
        relative = [target for target in targets if not re.match(r"[a-z]+:|[\w ]+_$", target)]
        assert [target for target in relative if not (PEP.parent / target).is_file()] == []

    def test_the_index_has_every_page(self) -> None:
        index = (DOCS / "index.md").read_text(encoding="utf-8")
        trees = re.findall(r"^```\{toctree\}\n(.*?)^```$", index, re.MULTILINE | re.DOTALL)
        listed = re.findall(r"^[\w/-]+$", "\n".join(trees), re.MULTILINE)
        pages = {str(page.relative_to(DOCS).with_suffix("")) for page in DOCS.rglob("*.md")} - {"index"}
        assert sorted(listed) == sorted(pages)


NAMED = re.compile(r"(VERSIONED_IMPORT|BLACK|CI|CLICOLOR|MYPY|PIP|PYTEST|PYTHON|RUFF|UV|XDG)_?[A-Z][A-Z_]*")


def key_of(node: ast.AST) -> ast.AST | None:
    """Return what names the variable, if a node of a syntax tree looks into an environment."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
        return node.slice
    if isinstance(node, ast.Compare) and any(ast.unparse(one).endswith("environ") for one in node.comparators):
        return node.left
    if isinstance(node, ast.Call) and node.args:
        of = node.func.value if isinstance(node.func, ast.Attribute) else None
        if ast.unparse(node.func).endswith("getenv") or (of is not None and ast.unparse(of).endswith("environ")):
            return node.args[0]
    return None


def variables_of(source: Path) -> set[str]:
    """Return the environment variables that a module names outside of its docstrings."""
    tree = ast.parse(source.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found: set[str] = set()
    for node in ast.walk(tree):
        key = key_of(node)
        if isinstance(key, ast.Constant):
            found.add(key.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            found.update(word for word in node.value.split() if NAMED.fullmatch(word))
        if isinstance(node, ast.Tuple):
            values = [one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if values and any(map(NAMED.fullmatch, values)) and all(map(str.isupper, values)):
                found.update(values)
    return found


def test_the_page_of_variables_has_exactly_those_that_the_sources_name() -> None:
    named = set().union(*map(variables_of, SOURCES))
    told = {name for row in rows("variables.md") for name in in_code(row[0])}
    assert sorted(told) == sorted(named)


class TestErrors:
    CLASSES = sorted(
        one.__name__ for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)
    )

    @pytest.mark.parametrize("name", CLASSES)
    def test_every_class_has_its_section_and_its_row(self, name: str) -> None:
        assert name.lower() in anchors(DOCS / "errors.md")
        assert f"[`{name}`](#{name.lower()})" in [row[0] for row in rows("errors.md")]

    @pytest.mark.parametrize("name", CLASSES)
    def test_the_row_says_what_else_it_is(self, name: str) -> None:
        (row,) = [row for row in rows("errors.md") if f"[`{name}`]" in row[0]]
        others = [base.__name__ for base in getattr(errors, name).__mro__[1:] if base.__module__ == "builtins"]
        assert in_code(row[1]) in ([], others[:1])
        assert in_code(row[1]) or others[:1] == ["Exception"]

    def test_every_attribute_is_told(self) -> None:
        told = in_code(prose(DOCS / "errors.md"))
        wanted = {name for one in self.CLASSES for name in getattr(getattr(errors, one), "__match_args__", ())}
        assert wanted <= set(told)


class TestApi:
    NAMES = sorted(set(versioned_import.__all__) - {"__version__"})

    @pytest.mark.parametrize("name", NAMES)
    def test_everything_public_has_a_docstring(self, name: str) -> None:
        assert inspect.getdoc(getattr(versioned_import, name))

    @pytest.mark.parametrize("name", [name for name in NAMES if name[0].islower()])
    def test_every_function_has_its_section_with_its_parameters(self, name: str) -> None:
        headings = re.findall(rf"^## ({name}\(.*\))$", (DOCS / "api.md").read_text(encoding="utf-8"), re.MULTILINE)
        written = [heading.replace("\\", "") for heading in headings]
        assert written == [f"{name}({parameters(getattr(versioned_import, name))})"]

    @pytest.mark.parametrize("name", [name for name in NAMES if name[0].isupper()])
    def test_every_class_is_told(self, name: str) -> None:
        assert re.search(rf"`{name}\b", prose(DOCS / "api.md"))


def parameters(function: object) -> str:
    """Return the parameters of a function as a heading shows them: names and defaults, without types."""
    signature = inspect.signature(function)  # type: ignore[arg-type]
    bare = [one.replace(annotation=inspect.Parameter.empty) for one in signature.parameters.values()]
    text = str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    return text[1:-1]


REFUSED = [in_code(row[0])[0] for row in rows("syntax.md") if row[0].startswith(("`import", "`from"))]
CLAUSES = [
    clause
    for row in rows("syntax.md")
    for clause in re.findall(r"`(version (?:\"[^\"]*\"|[^`\"]+))`", row[0])
    if "import" not in row[0]
]


class TestSyntax:
    @pytest.mark.parametrize("statement", REFUSED)
    def test_what_the_page_calls_refused_is_refused(self, statement: str) -> None:
        with pytest.raises(SyntaxError):
            check_text(f"{statement}\n", "example.py")

    @pytest.mark.parametrize("clause", CLAUSES)
    def test_what_the_page_calls_a_clause_is_one(self, clause: str) -> None:
        check_text(f"import something {clause}\n", "example.py")

    def test_there_are_some_of_both(self) -> None:
        assert len(REFUSED) >= 8
        assert len(CLAUSES) >= 14


class TestDiagram:
    def test_it_is_up_to_date(self) -> None:
        done = subprocess.run([sys.executable, PROJECT / "tools" / "diagram.py", "--check"], check=False)
        assert done.returncode == 0, "run: python3 tools/diagram.py"

    def test_the_page_names_modules_that_are_there(self) -> None:
        text = prose(DOCS / "how-an-import-travels.md")
        named = [one for one in in_code(text) if re.fullmatch(r"\w+/\w+\.py", one) and not one.startswith("tools/")]
        assert len(named) >= 10
        assert [one for one in named if not (PROJECT / "versioned_import" / one).is_file()] == []


def test_the_status_of_the_specification_is_the_same_everywhere() -> None:
    """Which sections are built is said in README and on the page about the PEP."""
    readme, page = ((PROJECT / "README.md"), DOCS / "pep.md")
    assert all(
        "sections 1 to 3, 5, 6 and 8" in " ".join(one.read_text(encoding="utf-8").split()) for one in (readme, page)
    )
