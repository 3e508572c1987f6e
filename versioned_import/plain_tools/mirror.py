"""A temporary copy of what a tool may look at: what stands for `/path` lies at `base/path`, so positions of files agree.

Files are hard links where the file system allows it, so a tool that writes into one writes into the file itself; only the
files that plain Python can't read are new. Directories without any Python file are links to the real ones, virtual
environments and caches too. Where links lead out of the project, what they lead to is copied as well.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING

from versioned_import.plain_tools.judging import judged
from versioned_import.plain_tools.masks import blanked
from versioned_import.plain_tools.places import (
    CONFIGURATIONS,
    cookie_at,
    declares_cookie,
    extended_by,
    holds_python,
    is_below,
    is_home,
    is_wanted,
    is_whole,
    project_of,
    without_sources,
)
from versioned_import.plain_tools.source import Source, SourceError
from versioned_import.plain_tools.taking_over import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from versioned_import.plain_tools.taking_over import Stamp


class Mirror:
    """The copy; used as a context, at the end of which it is gone. `sources` are the files that plain Python can't read.

    `asked` are the paths that the tool is told to go through; none means the directory. A tool that `decodes` reads files by
    their cookie and changes them: it can reach nothing with a cookie that isn't masked, else SourceError is raised.
    """

    def __init__(
        self,
        roots: Sequence[str],
        directory: str,
        named: Sequence[str],
        asked: Sequence[str] = (),
        *,
        decodes: bool = True,
    ) -> None:
        self.base = ""
        self.roots = list(roots)
        self.directory = directory
        self.sources: dict[str, Source] = {}
        self.doubtful: dict[str, SourceError] = {}
        """Files that may have clauses, but can't be read: nothing is taken over for them."""
        self._decodes = decodes
        self._asked = list(asked)
        self._kept = {directory, *named, *map(os.path.realpath, named)}
        places = {directory, *(path if os.path.isdir(path) else os.path.dirname(path) for path in named)}
        self._near = [place for place in places if place != os.sep and not is_home(place)]
        self.known: dict[str, set[str]] = {}
        """The entries that each mirrored directory was given."""
        self.plain: dict[str, tuple[Stamp, Stamp]] = {}
        """The plain files, and how to see that the copy, or the file itself, was changed."""
        self._links: list[str] = []

    def __enter__(self) -> Self:
        self.base = os.path.realpath(tempfile.mkdtemp(prefix="versioned-lint-"))
        try:
            for root in tuple(self.roots):
                self._make_parents(root)
                for act, path in self._plan(root, careful=project_of(root) is None):
                    act(path)
            self._make_parents(os.path.join(self.directory, "x"))
            self._check_links()
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
        self._put(path, self.sources[path].encoded(text))

    def read(self, path: str) -> str:
        """Return the text that the copy of one of `sources` has now; raises SourceError if it is none."""
        try:
            with open(self.place(path), "rb") as file:
                return file.read().decode(self.sources[path].encoding)
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(path, f"what the tool made of it can't be read: {error}", "") from None

    def changed_doubts(self) -> list[SourceError]:
        """Return what is wrong with those of `doubtful` that the tool has changed in the copy, or the user meanwhile."""
        changed = []
        for path, error in self.doubtful.items():
            try:
                with open(path, "rb") as real, open(self.place(path), "rb") as copy:
                    same = real.read() == copy.read()
            except OSError:
                same = False
            if not same:
                changed.append(error)
        return changed

    def _make_parents(self, path: str) -> None:
        """Make the directories above a path, each with the settings that tools look for there."""
        parent = os.path.dirname(path)
        if parent in self.known or parent == path:
            return
        self._make_parents(parent)
        if os.path.lexists(self.place(parent)):
            return
        self._make_directory(parent)
        for name in CONFIGURATIONS:
            settings = os.path.join(parent, name)
            if os.path.exists(settings):
                self._link(settings)
                self._copy_extended(settings)

    def _plan(self, directory: str, *, careful: bool) -> list[tuple[Callable[[str], None], str]]:
        """Return what makes the copy of a directory: nothing if there is nothing below that a tool may want.

        Outside of projects it is careful: below a user's home, only what the tool is asked to go through is near, and what
        lies in directories with Python files.
        """
        planned: list[tuple[Callable[[str], None], str]] = []
        wanted = any(is_below(path, directory) for path in self._kept)
        try:
            with os.scandir(directory) as found:
                entries = sorted(found, key=lambda entry: entry.name)
        except OSError:
            return []  # a link then, of which the tool will say that it can't be read
        for entry in entries:
            if entry.path == self.base:
                continue
            if entry.is_dir(follow_symlinks=False):
                below = self._plan(entry.path, careful=careful) if self._enters(entry.path, careful=careful) else []
                wanted = wanted or bool(below)
                planned += below or [(self._link, entry.path)]
            elif entry.is_file(follow_symlinks=False):
                wanted = wanted or is_wanted(entry.name) or entry.path in self._kept or declares_cookie(entry.path)
                planned.append((self._copy, entry.path))
            else:
                wanted = wanted or self._decodes
                planned.append((self._link, entry.path))
        return [(self._make_directory, directory), *planned] if wanted else []

    def _enters(self, directory: str, *, careful: bool) -> bool:
        """Tell whether the copy of a directory may be more than a link to it."""
        if any(is_below(path, directory) for path in self._kept):
            return True
        if is_whole(directory):
            return (
                self._decodes
                and self._is_asked(directory)
                and not without_sources(directory)
                and _has_cookie(directory)
            )
        if not careful or self._is_asked(directory):
            return True
        return any(is_below(directory, place) for place in self._near) and holds_python(directory)

    def _is_asked(self, path: str) -> bool:
        """Tell whether the tool may come to a path by what it is told to go through."""
        return not self._asked or any(is_below(path, one) or is_below(one, path) for one in self._asked)

    def _make_directory(self, path: str) -> None:
        os.makedirs(self.place(path), 0o700, exist_ok=True)
        self.known.setdefault(path, {".black"} if path == os.sep else set())  # a cache of this run
        self._note(path)

    def _note(self, path: str) -> None:
        """Remember that an entry was there before the tool ran."""
        parent = os.path.dirname(path)
        if parent in self.known:
            self.known[parent].add(os.path.basename(path))

    def _link(self, path: str) -> None:
        """Make a link to a real directory or file; what is a link itself leads into the copy, if that has its target."""
        self._note(path)
        if os.path.lexists(self.place(path)):
            return
        target = path
        if os.path.islink(path):
            target = self._target(path, os.path.realpath(path))
            self._links.append(path)
        os.symlink(target, self.place(path))

    def _target(self, path: str, target: str) -> str:
        """Return where the copy of a link leads; what lies out of the project is copied too, if it has to be."""
        for root in self.roots:
            real = os.path.realpath(root)
            if is_below(target, real):
                return self.place(root.rstrip(os.sep) + target[len(real.rstrip(os.sep)) :])
            if is_below(root, target):
                return self.place(target)
        if os.path.isfile(target):
            if not is_wanted(os.path.basename(target)) and target not in self._kept and not declares_cookie(target):
                return target
            self._make_parents(target)
            self._copy(target)
            return self.place(target)
        followed = self._decodes and self._is_asked(path)
        if not os.path.isdir(target) or not (followed or any(is_below(kept, path) for kept in self._kept)):
            return target
        if self._asked:
            self._asked.append(target)
        planned = self._plan(target, careful=False) if self._enters(target, careful=False) else []
        if not planned:
            return target
        self.roots.append(target)
        self._make_parents(target)
        for act, one in planned:
            act(one)
        return self.place(target)

    def _check_links(self) -> None:
        """Raise SourceError if a link leads a tool that decodes to a file that it would write as the codec reads it."""
        for path in self._links if self._decodes else ():
            target = os.path.realpath(self.place(path))
            if is_below(target, self.base) or not self._is_asked(path):
                continue
            if found := cookie_at(target):
                reason = f"it leads to {found}, which has the cookie and can't be masked there"
                raise SourceError(path, reason, "Name the paths that are to be changed, without this one.")

    def _copy(self, path: str) -> None:
        """Make the copy of a file: a hard link if it is plain, or no Python."""
        self._note(path)
        if os.path.lexists(self.place(path)):
            return
        found = judged(path, named=path in self._kept)
        if isinstance(found, Source):
            self.sources[path] = found
            self.write(path, blanked(found))
        elif found is not None:
            self.doubtful[path] = found
            with open(path, "rb") as file:
                self._put(path, file.read())  # no hard link, so the tool can't change it
        else:
            self.copy_plain(path)
            self._copy_extended(path)

    def copy_plain(self, path: str) -> None:
        """Make the copy of a file that may be given to a tool as it is."""
        try:
            real = stamp(path)  # before it is read: whoever changes it from now on is seen
        except FileNotFoundError:
            return  # it has gone since the directory was listed
        try:
            os.link(path, self.place(path))
        except OSError:  # another file system, or not ours
            try:
                if not is_wanted(os.path.basename(path)):
                    raise
                shutil.copy2(path, self.place(path))
            except OSError:  # or unreadable, as the tool will say
                os.symlink(path, self.place(path))
                return
        self.plain[path] = stamp(self.place(path)), real

    def _copy_extended(self, settings: str) -> None:
        """Make copies of the files, out of the project, on which a file of settings builds."""
        for path in extended_by(settings):
            if not any(is_below(path, root) for root in self.roots):
                self._make_parents(path)
                self._copy(path)

    def _put(self, path: str, data: bytes) -> None:
        copy = self.place(path)
        if not is_below(os.path.realpath(copy), self.base):
            raise SourceError(path, "its copy would be the file itself", "")
        status = os.stat(path)
        with open(copy, "wb") as file:
            file.write(data)
        os.chmod(copy, status.st_mode & 0o7777 | 0o200)
        os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))


def _has_cookie(directory: str) -> bool:
    return cookie_at(directory) is not None
