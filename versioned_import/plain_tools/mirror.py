"""A temporary copy of what a tool may look at: what stands for `/path` lies at `base/path`, so positions of files agree.

Files are hard links where the file system allows it, so a tool that writes into one writes into the file itself; only the
files that plain Python can't read are new. Directories without any Python file are links to the real ones, virtual
environments and caches too.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from typing import TYPE_CHECKING

from versioned_import.plain_tools.masks import blanked
from versioned_import.plain_tools.source import SourceError, may_need_mask, parse_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from versioned_import.plain_tools.source import Source

PYTHON_ENDINGS = (".py", ".pyi", ".pyw", ".ipynb")
# What tools look for in the directories above a project.
CONFIGURATIONS = (
    *("pyproject.toml", "setup.cfg", "tox.ini", ".editorconfig", ".gitignore", ".ignore", ".git", ".hg"),
    *("ruff.toml", ".ruff.toml", "mypy.ini", ".mypy.ini", "pyrightconfig.json", ".flake8", ".isort.cfg"),
    *(".pylintrc", "pylintrc", ".pylintrc.toml", "pylintrc.toml", ".pycodestyle", ".style.yapf", ".python-version"),
)
_MARKS = ("pyproject.toml", "setup.py", "setup.cfg", "ruff.toml", ".ruff.toml", "mypy.ini", "pyrightconfig.json")
_REPOSITORIES = (".git", ".hg", ".svn")
_WHOLE = frozenset(
    {
        *(".git", ".hg", ".svn", "__pycache__", "node_modules", "site-packages", "dist-packages", ".venv", "venv"),
        *(".mypy_cache", ".ruff_cache", ".pytest_cache", ".nox", ".tox", ".hypothesis", ".eggs"),
    }
)


def roots_of(directory: str, named: Iterable[str]) -> list[str]:
    """Return the directories that have to be mirrored for a tool that starts in `directory` and is given some paths.

    They are the projects around these places (the repository, else the nearest directory with a project's file), or the
    places themselves. None stands below another.
    """
    places = [directory, *(path if os.path.isdir(path) else os.path.dirname(path) for path in named)]
    found = {project_of(place) or place for place in places}
    return [one for one in sorted(found) if not any(one != other and is_below(one, other) for other in found)]


def project_of(directory: str) -> str | None:
    """Return the repository, else the nearest project, that holds a directory; never `/` or the user's home."""
    home = os.path.realpath(os.path.expanduser("~"))
    nearest = None
    while (parent := os.path.dirname(directory)) != directory and os.path.realpath(directory) != home:
        if any(os.path.exists(os.path.join(directory, name)) for name in _REPOSITORIES):
            return directory
        if nearest is None and any(os.path.exists(os.path.join(directory, name)) for name in _MARKS):
            nearest = directory
        directory = parent
    return nearest


def is_below(path: str, directory: str) -> bool:
    """Tell whether a path is a directory or lies below it."""
    return path == directory or path.startswith(directory.rstrip(os.sep) + os.sep)


class Mirror:
    """The copy; used as a context, at the end of which it is gone. `sources` are the files that plain Python can't read."""

    def __init__(self, roots: list[str], directory: str, named: Sequence[str]) -> None:
        self.base = ""
        self.roots = roots
        self.directory = directory
        self.named = {path for path in named if os.path.isfile(path)}
        self._kept = (directory, *named)
        self.sources: dict[str, Source] = {}
        self._known: dict[str, set[str]] = {}
        """The entries that each mirrored directory was given."""
        self._files: dict[str, tuple[int, int, int]] = {}
        """The plain files, and how to see that one was changed."""

    def __enter__(self) -> Self:
        self.base = os.path.realpath(tempfile.mkdtemp(prefix="versioned-lint-"))
        try:
            for root in self.roots:
                self._make_parents(root)
                for act, path in self._plan(root, careful=project_of(root) is None):
                    act(path)
            self._make_parents(os.path.join(self.directory, "x"))
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.base, ignore_errors=True)

    def place(self, path: str) -> str:
        """Return where the copy of an absolute path lies."""
        return self.base + path

    def source_at(self, copy: str) -> Source | None:
        """Return which of `sources` a path in the copy leads to, through links too."""
        path = os.path.realpath(copy)
        return self.sources.get(path[len(self.base) :]) if path.startswith(self.base) else None

    def write(self, path: str, text: str) -> None:
        """Give the copy of one of `sources` a text; mode and times are those of the file, by which tools keep caches."""
        source = self.sources[path]
        status = os.stat(path)
        with open(self.place(path), "wb") as file:
            file.write(source.encoded(text))
        os.chmod(self.place(path), status.st_mode & 0o7777 | 0o200)
        os.utime(self.place(path), ns=(status.st_atime_ns, status.st_mtime_ns))

    def read(self, path: str) -> str:
        """Return the text that the copy of one of `sources` has now; raises SourceError if it is none."""
        try:
            with open(self.place(path), "rb") as file:
                return file.read().decode(self.sources[path].encoding)
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(path, f"what the tool made of it can't be read: {error}", "") from None

    def take_over(self, rewritten: Callable[[str], str]) -> None:
        """Give the real directories what a tool has made in the copy: new files, and changes to plain ones.

        Paths of the copy in such files (a report) are replaced as `rewritten` says, but not in new directories (a cache).
        """
        for path, before in self._files.items():
            with contextlib.suppress(OSError):
                if _stamp(self.place(path)) != before:
                    _take_over_file(self.place(path), path, rewritten)
        for directory, known in self._known.items():
            with contextlib.suppress(OSError):
                for name in set(os.listdir(self.place(directory))) - known:
                    self._take_over_new(os.path.join(directory, name), rewritten)

    def _take_over_new(self, path: str, rewritten: Callable[[str], str]) -> None:
        if os.path.lexists(path) or not os.path.isdir(os.path.dirname(path)):
            return
        shutil.move(self.place(path), path)
        if os.path.isfile(path):
            _take_over_file(path, path, rewritten)

    def _make_parents(self, path: str) -> None:
        """Make the directories above a path, each with the settings that tools look for there."""
        parent = os.path.dirname(path)
        if parent in self._known or parent == path:
            return
        self._make_parents(parent)
        if os.path.lexists(self.place(parent)):
            return
        self._make_directory(parent)
        for name in CONFIGURATIONS:
            if os.path.exists(os.path.join(parent, name)):
                self._link(os.path.join(parent, name))

    def _plan(self, directory: str, *, careful: bool) -> list[tuple[Callable[[str], None], str]]:
        """Return what makes the copy of a directory: nothing if there is no Python file below, nor any settings.

        Outside of projects it is careful: below a user's home, only what lies in directories with Python files is near.
        """
        planned: list[tuple[Callable[[str], None], str]] = []
        wanted = any(is_below(path, directory) for path in self._kept)
        try:
            with os.scandir(directory) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            return []  # a link then, of which the tool will say that it can't be read
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                inside = any(is_below(path, entry.path) for path in self._kept)
                whole = not inside and (_is_whole(entry) or (careful and not _holds_python(entry.path)))
                below = [] if whole else self._plan(entry.path, careful=careful)
                wanted = wanted or bool(below)
                planned += below or [(self._link, entry.path)]
            elif entry.is_file(follow_symlinks=False):
                wanted = wanted or _is_wanted(entry.name) or entry.path in self.named
                planned.append((self._copy, entry.path))
            else:
                planned.append((self._link, entry.path))
        return [(self._make_directory, directory), *planned] if wanted else []

    def _make_directory(self, path: str) -> None:
        os.mkdir(self.place(path), 0o700)
        self._known[path] = set()
        self._note(path)

    def _note(self, path: str) -> None:
        """Remember that an entry was there before the tool ran."""
        parent = os.path.dirname(path)
        if parent in self._known:
            self._known[parent].add(os.path.basename(path))

    def _link(self, path: str) -> None:
        """Make a link to a real directory or file; one that leads into the project leads into the copy."""
        self._note(path)
        target = path
        if os.path.islink(path):
            target = os.path.realpath(path)
            if any(is_below(target, root) for root in self.roots):
                target = self.place(target)
        os.symlink(target, self.place(path))

    def _copy(self, path: str) -> None:
        """Make the copy of a file: a hard link if it is plain, or no Python."""
        self._note(path)
        if (path.endswith(PYTHON_ENDINGS) or path in self.named) and self._is_masked(path):
            self.write(path, blanked(self.sources[path]))
            return
        try:
            os.link(path, self.place(path))
        except OSError:  # another file system, or not ours
            if not _is_wanted(os.path.basename(path)):
                os.symlink(path, self.place(path))
                return
            try:
                shutil.copy2(path, self.place(path))
            except OSError:  # unreadable, as the tool will say
                os.symlink(path, self.place(path))
                return
        self._files[path] = _stamp(self.place(path))

    def _is_masked(self, path: str) -> bool:
        try:
            with open(path, "rb") as file:
                data = file.read()
            if not may_need_mask(data):
                return False
            source = parse_source(path, data)
        except (OSError, SourceError):
            return False  # the tool will say what is wrong
        if not source.clauses and not source.has_cookie:
            return False
        self.sources[path] = source
        return True


def _is_whole(entry: os.DirEntry[str]) -> bool:
    return entry.name in _WHOLE or os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))


def _holds_python(directory: str) -> bool:
    try:
        return any(name.endswith(PYTHON_ENDINGS) for name in os.listdir(directory))
    except OSError:
        return False


def _is_wanted(name: str) -> bool:
    return name.endswith(PYTHON_ENDINGS) or name in CONFIGURATIONS


def _stamp(path: str) -> tuple[int, int, int]:
    status = os.stat(path)
    return status.st_ino, status.st_size, status.st_mtime_ns


def _take_over_file(copy: str, path: str, rewritten: Callable[[str], str]) -> None:
    """Write what a tool made of a copy into the file itself, which it may be a hard link of."""
    with open(copy, "rb") as made, open(path, "rb") as real:
        before = real.read()
        text = made.read().decode("utf-8", "surrogateescape")
    data = rewritten(text).encode("utf-8", "surrogateescape")
    if data != before:
        with open(path, "wb") as real:
            real.write(data)
