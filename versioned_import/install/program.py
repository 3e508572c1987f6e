"""What the statements of programs ask for: their files, their versioned imports, and the requirement of each."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from versioned_import.errors import InstallError
from versioned_import.install.groups import disjoint
from versioned_import.metadata.catalogue import open_catalogue
from versioned_import.resolver.request import Request
from versioned_import.resolver.story import USUAL_DISTRIBUTIONS
from versioned_import.syntax.clauses import find_clauses
from versioned_import.syntax.loader import check_text, has_cookie, read_text
from versioned_import.syntax.mask import mask
from versioned_import.syntax.parsing import parse
from versioned_import.syntax.positions import Positions
from versioned_import.syntax.rewrite import all_clauses
from versioned_import.syntax.tree import import_nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# Top-level names that many distributions share, none of which is called so.
_NAMESPACES = frozenset({"azure", "backports", "google", "jaraco", "ruamel", "sphinxcontrib", "zope"})
_ENDINGS = (".py", ".pyw")
_SHEBANG = re.compile(rb"#![^\n]*(?:python|pypy|versioned-import|uv run)")
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "dist-packages"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One source file: its versioned statements in order, and the names that its plain imports name."""

    path: str
    statements: tuple[Request, ...] = ()
    plain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A requirement for an installer, the statements that ask for it, and whether its name is only a guess."""

    requirement: str
    distribution: str
    statements: tuple[Request, ...]
    guessed: bool = False


def python_files(paths: Iterable[str]) -> list[str]:
    """Return the source files that some paths mean: a file itself, of a directory all `.py` and `.pyw` files below, sorted.

    Links to directories are followed; hidden directories, virtual environments and site directories below are passed
    over. Raises InstallError for a path that isn't there, can't be looked into or is no Python: nobody must take what
    couldn't be read for something that imports nothing.
    """
    found: dict[str, None] = {}
    for path in paths:
        if not os.path.exists(path):
            raise InstallError(path, "there is no such file or directory", "")
        if os.path.isdir(path):
            files = list(_below(path))
            if not files:
                advice = "Hidden directories, virtual environments and site directories below are passed over."
                raise InstallError(path, "there is no Python source file (.py, .pyw) in this directory", advice)
            found.update(dict.fromkeys(files))
        else:
            _check_python(path)
            found[path] = None
    return list(found)


def _below(directory: str) -> Iterator[str]:
    seen = {os.path.realpath(directory)}
    for parent, folders, files in os.walk(directory, onerror=_refuse, followlinks=True):
        folders[:] = [name for name in sorted(folders) if _is_searched(os.path.join(parent, name), seen)]
        yield from (os.path.join(parent, name) for name in sorted(files) if name.lower().endswith(_ENDINGS))


def _is_searched(folder: str, seen: set[str]) -> bool:
    """Tell whether a folder is to be looked into, once under all the links that lead to it."""
    place = os.path.realpath(folder)
    name = os.path.basename(folder)
    skipped = name.startswith(".") or not _SKIPPED.isdisjoint((name, os.path.basename(place)))
    if skipped or place in seen or os.path.exists(os.path.join(folder, "pyvenv.cfg")):
        return False
    seen.add(place)
    return True


def _refuse(error: OSError) -> NoReturn:
    raise InstallError(str(error.filename), f"it can't be read: {error.strerror}", "") from None


def _check_python(path: str) -> None:
    """Raise InstallError for a file that says nowhere that it is Python: a requirements file or a notebook may parse as it."""
    if path.lower().endswith(_ENDINGS):
        return
    if not os.path.isfile(path):
        raise InstallError(path, "it is neither a file nor a directory", "")  # a pipe can be read only once
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise InstallError(path, f"it can't be read: {error.strerror}", "") from None
    # Any other cookie may stand in a requirements file as well.
    if not _SHEBANG.match(data) and not has_cookie(data):
        reason = "it is no Python source: it is neither called .py or .pyw nor begins with `#!` and Python's name"
        raise InstallError(path, reason, _advice(path))


def read_program(path: str) -> Program:
    """Return what a source file imports. Raises InstallError if it can't be read or has a mistake."""
    try:
        with open(path, "rb") as file:
            source = read_text(file.read())
        check_text(source, path)
        tree = parse(mask(source, find_clauses(source)), path)
    except OSError as error:
        raise InstallError(path, f"it can't be read: {error.strerror}", "") from None
    except SyntaxError as error:
        raise InstallError(f"{path}:{error.lineno}" if error.lineno else path, error.msg, _advice(path)) from None
    except (ValueError, RecursionError) as error:
        raise InstallError(path, f"it is no Python source: {error}", "") from None
    positions = Positions(source)
    statements = tuple(
        Request(clause.name, clause.text, f"{path}:{positions.line_and_column(clause.name_start)[0]}")
        for clause in all_clauses(source)
    )
    versioned = {one.name.partition(".")[0] for one in statements}
    plain = {name: None for name in _imported(tree) if name.partition(".")[0] not in versioned}
    return Program(path=path, statements=statements, plain=tuple(plain))


def _advice(path: str) -> str:
    if path.endswith(".ipynb"):
        return "Of a notebook, name what `jupyter nbconvert --to script` makes of it."
    if path.endswith((".txt", ".in")):
        return f"A requirements file? pip install --allow-multiple -r {path}"
    return "Of locks, pylock.toml is read." if path.endswith(".lock") else ""


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in import_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif not node.level and node.module:
            yield node.module
            # `from namespace import module` names a module as well.
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name != "*")


def asked_for(statements: Iterable[Request], known: Callable[[str], Sequence[str]]) -> list[Asked]:
    """Return the requirements of statements, each once, in the order of the first statement that asks for it.

    `known` returns the distributions (canonical names) of which something installed provides an import name. Raises
    InstallError for a name whose distribution can't be told.
    """
    found: dict[str, Asked] = {}
    for statement in statements:
        name, guessed = distribution_of(statement, known)
        wanted = statement.wanted
        extras = f"[{','.join(wanted.extras)}]" if wanted.extras else ""
        text = f"{name}{extras}{wanted.specifiers}"
        before = found[text].statements if text in found else ()
        found[text] = Asked(requirement=text, distribution=name, statements=(*before, statement), guessed=guessed)
    return list(found.values())


def distribution_of(statement: Request, known: Callable[[str], Sequence[str]]) -> tuple[str, bool]:
    """Return the distribution that a statement asks for, and whether that is a guess by its import name.

    Raises InstallError where several provide the name, or for a namespace package that many share.
    """
    if statement.wanted.distribution:
        return statement.wanted.distribution, False
    providers = list(dict.fromkeys(known(statement.name)))
    if len(providers) == 1:
        return providers[0], False
    top = statement.name.partition(".")[0]
    example = f'import {statement.name} version "NAME{statement.wanted.specifiers}"'
    if providers:
        reason = f"several distributions provide {statement.name}: {', '.join(providers)}"
        raise InstallError(statement.asker, reason, f"Name the one that is meant: {example}")
    if top in _NAMESPACES:
        reason = f"many distributions have a part of {top}, and nothing installed has {statement.name}"
        raise InstallError(statement.asker, reason, f"Name the distribution: {example}")
    return USUAL_DISTRIBUTIONS.get(top, top), top not in USUAL_DISTRIBUTIONS


def clashes(asked: Sequence[Asked]) -> list[tuple[Asked, Asked]]:
    """Return the pairs that no one version of their distribution meets: they land in two groups."""
    return [
        (one, other)
        for at, one in enumerate(asked)
        for other in asked[at + 1 :]
        if one.distribution.lower() == other.distribution.lower()
        and disjoint(one.statements[0].wanted.specifiers, other.statements[0].wanted.specifiers)
    ]


def installed_names(sites: Sequence[str]) -> Callable[[str], Sequence[str]]:
    """Return a function that tells which distributions provide an import name: those of the first site directory."""
    catalogues = [catalogue for site in sites if (catalogue := open_catalogue(site)) is not None]

    def known(name: str) -> list[str]:
        for catalogue in catalogues:
            found = [
                str(one.distribution) for prefix in Request(name, "").prefixes() for one in catalogue.by_name(prefix)
            ]
            if found:
                return found
        return []

    return known
