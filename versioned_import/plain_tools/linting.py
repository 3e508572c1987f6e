"""Running a tool on files with clauses, from the command line to what is written back."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from versioned_import.plain_tools import diffs, ruff
from versioned_import.plain_tools.blank_rules import BlankRules
from versioned_import.plain_tools.judging import refusal
from versioned_import.plain_tools.masks import blanked, with_stand_ins, without_clauses
from versioned_import.plain_tools.mirror import Mirror
from versioned_import.plain_tools.outputs import Rewriter
from versioned_import.plain_tools.places import PYTHON_ENDINGS, roots_of
from versioned_import.plain_tools.restore import restored_by_names, restored_by_stand_ins
from versioned_import.plain_tools.running import ending_orderly, environment_for, moved, printer, run_tool
from versioned_import.plain_tools.source import SourceError, parse_source, write_source
from versioned_import.plain_tools.taking_over import take_over
from versioned_import.plain_tools.tools import CHECKER, FORMATTER, executable, tool_of, without_colours

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from versioned_import.plain_tools.source import Source
    from versioned_import.plain_tools.tools import Tool

FAILED = 1


def lint(words: Sequence[str], kind: str, *, coloured: bool, tell: Callable[[str], None]) -> int:
    """Run the tool that some words name as if plain Python could read the files, and return its exit status.

    `kind` says what an unknown tool does (`tools.tool_of`). `tell` is called with each note and error. 1 if the tool's
    work on a file couldn't be taken over. Raises SourceError for a command line that can't be run; nothing has run then.
    """
    tool = tool_of(words, kind)
    command = executable(tool)
    directory = os.getcwd()
    named = _paths(tool.arguments)
    asked = () if kind else _asked(tool.arguments)
    changes = tool.kind != CHECKER
    mirror = Mirror(roots_of(directory, named), directory, named, asked, decodes=changes and tool.name != "ruff")
    with ending_orderly(), mirror:
        if mirror.sources or (changes and mirror.doubtful):
            return Lint(tool, mirror, coloured=coloured, tell=tell).run()
        status = subprocess.run(command, check=False).returncode  # nothing that plain Python can't read
        return status if status >= 0 else 128 - status


def _paths(arguments: Iterable[str]) -> list[str]:
    values = [word.rpartition("=")[2] if word.startswith("-") else word for word in arguments]
    return [os.path.abspath(value) for value in values if value and os.path.exists(value)]


def _asked(arguments: Sequence[str]) -> list[str]:
    """Return the paths that a tool is told to go through; none if each of them may be the value of an option."""
    before = ("", *arguments)
    certain = [
        word
        for option, word in zip(before, arguments, strict=False)
        if not word.startswith("-") and (not option.startswith("-") or word.endswith(PYTHON_ENDINGS))
    ]
    return _paths(word for word in arguments if not word.startswith("-")) if _paths(certain) else []


class Lint:
    """One run of a tool on a mirror."""

    def __init__(self, tool: Tool, mirror: Mirror, *, coloured: bool, tell: Callable[[str], None]) -> None:
        self.tool = without_colours(tool) if tool.shows_diff else tool
        self.mirror = mirror
        self.tell = tell
        # A diff has to be read here.
        self.environ = environment_for(
            mirror.base, mirror.roots, coloured=coloured and not tool.shows_diff, uncoloured=tool.shows_diff
        )
        # What mypy remembers of a mask, it would say of the file, by whose size and time it knows both.
        cache = self.environ.get("MYPY_CACHE_DIR") or ".mypy_cache"
        self.environ["MYPY_CACHE_DIR"] = os.path.join(cache, "versioned-import")

    def run(self) -> int:
        """Do what the tool's kind asks for and return the exit status."""
        if ruff.is_check(self.tool):
            return self._ruff_check()
        if self.tool.kind == CHECKER:
            return self._check(self.tool.arguments)
        return self._change(self.tool.arguments)

    def _check(self, arguments: Sequence[str]) -> int:
        """Let the tool look at the blanked files, and leave out what it says of the blanks."""
        rules = BlankRules(self.tool.name, self.mirror.sources, self.mirror.directory)
        status = rules.status(self._start(arguments, rules.filtered))
        return max(status, FAILED) if self._take_over([]) else status

    def _ruff_check(self) -> int:
        """Run `ruff check`: fix first, if it is to fix, and report on the files as they are then."""
        arguments = self.tool.arguments
        if self.tool.kind == CHECKER and ruff.is_set_to_fix(self._quietly, arguments):
            arguments = (*arguments, "--fix")
        if "--diff" in arguments or any(word.startswith("--add-noqa") for word in arguments):
            return self._change(arguments)
        status = 0
        if "--fix" in arguments or "--fix-only" in arguments:
            status = self._change(ruff.only_fixing(arguments), to_stderr=True)
            if status > 1 or "--fix-only" in arguments:
                return status
            for path in self.mirror.sources:
                self._read_again(path)
            arguments = tuple(ruff.only_looking(arguments))
        ignored = ruff.rules_about_blanks(self._quietly, arguments, self.mirror)
        return max(self._check((*arguments, *ignored)), status)

    def _change(self, arguments: Sequence[str], *, to_stderr: bool = False) -> int:
        """Let the tool change copies, and take over what it has made of them."""
        given: dict[str, str] = {}
        for path, source in self.mirror.sources.items():
            given[path] = with_stand_ins(source)[0] if self.tool.kind == FORMATTER else without_clauses(source)
            self.mirror.write(path, given[path])
        held: list[str] | None = [] if self.tool.shows_diff or to_stderr else None
        failed: list[str] = []
        status = self._start(arguments, held=held)
        if held is not None:
            shown = diffs.with_clauses(
                held, self.mirror.directory, lambda path, hunks: self._remade(path, hunks, failed)
            )
            printer(sys.stderr if to_stderr else sys.stdout)(shown)
        if status < 128:  # noqa: PLR2004 what a signal has ended is half done
            changed = {path: made for path in given if (made := self._made(path, failed)) not in (None, given[path])}
            self._take_back(changed, failed)
            for error in self.mirror.changed_doubts():
                self._refuse(refusal(error), failed)
            self._take_over(failed)
        return max(status, FAILED) if failed else status

    def _take_over(self, failed: list[str]) -> list[str]:
        """Take over what the tool has made of plain files, and return `failed` with what couldn't be."""
        for error in take_over(self.mirror, Rewriter(self.mirror.base).line):
            self._refuse(error, failed)
        return failed

    def _made(self, path: str, failed: list[str]) -> str | None:
        try:
            return self.mirror.read(path)
        except SourceError as error:
            self._refuse(error, failed)
            return None

    def _take_back(self, changed: dict[str, str], failed: list[str]) -> None:
        """Write the files that the tool has changed, with their clauses."""
        for path, made in changed.items():
            source = self.mirror.sources[path]
            try:
                text, gone = self._restored(source, made)
                write_source(source, source.encoded(text))
            except (SourceError, OSError) as error:
                self._refuse(error, failed)
                continue
            for statement in gone:
                self.tell(f"note: {self._shown(path)}: {self.tool.name} removed '{statement}'")

    def _restored(self, source: Source, made: str) -> tuple[str, list[str]]:
        if self.tool.kind == FORMATTER:
            return restored_by_stand_ins(source, made), []
        return restored_by_names(source, made)

    def _remade(self, path: str, hunks: list[str], failed: list[str]) -> tuple[str, str] | None:
        """Return the texts of a file with clauses before and after what a diff of its mask says."""
        source = self.mirror.source_at(self.mirror.place(path))
        if source is None:
            return None
        given = with_stand_ins(source)[0] if self.tool.kind == FORMATTER else without_clauses(source)
        try:
            return source.text, self._restored(source, diffs.applied(given, hunks, source.newline))[0]
        except SourceError as error:
            self._refuse(error, failed)
            return source.text, source.text

    def _refuse(self, error: SourceError | OSError, failed: list[str]) -> None:
        failed.append(str(error))
        self.tell(f"error: {error}")

    def _read_again(self, path: str) -> None:
        with open(path, "rb") as file:
            source = parse_source(path, file.read())
        self.mirror.sources[path] = source
        self.mirror.write(path, blanked(source))

    def _start(
        self,
        arguments: Sequence[str],
        filtered: Callable[[str], str] | None = None,
        held: list[str] | None = None,
    ) -> int:
        # Only what looks is given the blanks that quoted lines are known by; a diff has to come as it is.
        rewriter = Rewriter(self.mirror.base, self.mirror.sources.values() if filtered is not None else ())

        def rewritten(line: str) -> str:
            line = rewriter.line(line)
            return filtered(line) if filtered is not None else line

        return run_tool(self._words(arguments), self.mirror.place(self.mirror.directory), self.environ, rewritten, held)

    def _quietly(self, arguments: Sequence[str]) -> str:
        """Return what the tool prints on standard output; nobody else sees it."""
        environ = environment_for(self.mirror.base, self.mirror.roots, coloured=False)
        environ = {name: value for name, value in environ.items() if name not in ruff.OF_REPORTS}
        place = self.mirror.place(self.mirror.directory)
        done = subprocess.run(
            self._words(arguments), cwd=place, env={**environ, "PWD": place}, capture_output=True, check=False
        )
        return done.stdout.decode("utf-8", "surrogateescape")

    def _words(self, arguments: Sequence[str]) -> list[str]:
        program, *words = executable(self.tool)[: self.tool.at + 1]
        base = self.mirror.base  # what leads there already stays: `/` may be a root too
        return [
            program,
            *words,
            *(word if base in word else moved(word, base, self.mirror.roots) for word in arguments),
        ]

    def _shown(self, path: str) -> str:
        return os.path.relpath(path, self.mirror.directory)
