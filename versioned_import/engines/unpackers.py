"""Child processes that get and unpack wheels beside one another, one for each processor if there is enough to do."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from versioned_import.engines.child import end
from versioned_import.errors import InstallError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

_COMMAND = (sys.executable, "-P", "-m", "versioned_import.in_pip.unpacker")
_MOST = 8
_WORTH_A_CHILD = 4  # to start one takes as long as to unpack some wheels


class Unpackers:
    """Some child processes, started at once; `words` are options for pip, for the files that they get by a URL.

    None outlives the block that it is used in, however that ends.
    """

    def __init__(self, jobs: int, words: Sequence[str], environ: Mapping[str, str]) -> None:
        self.command = (*_COMMAND, *words)
        self.count = max(1, min(jobs // _WORTH_A_CHILD, len(_processors()), _MOST))
        self.environ = environ
        self.children: list[subprocess.Popen[str]] = []
        self.listeners: list[threading.Thread] = []
        self.answers: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        for _ in range(self.count):
            self.children.append(
                subprocess.Popen(
                    self.command,
                    env=dict(self.environ),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    encoding="utf-8",
                )
            )
        for number, child in enumerate(self.children):
            self.listeners.append(threading.Thread(target=self._listen, args=(number, child), daemon=True))
            self.listeners[-1].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for child, listener in zip(self.children, self.listeners, strict=False):
            end(child)
            listener.join()  # it reads until its child has ended
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with suppress(OSError):  # what was not written any more
                        pipe.close()

    def problem(self) -> str:
        """Wait until all are ready; return why this pip can't be used from inside, or ""."""
        found = [self._next()[1] for _ in self.children]
        return str(next(filter(None, found), ""))

    def unpack(self, jobs: Sequence[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Yield each job with its answer, as they come. Raises the first InstallError."""
        # The largest first: none is left for the end, when the other processors have nothing more to do.
        waiting = sorted(jobs, key=_size)
        busy: dict[int, dict[str, Any]] = {}
        for number in range(len(self.children)):
            self._give(number, waiting, busy)
        while busy:
            number, answer = self._next()
            job = busy.pop(number)
            if "error" in answer:
                raise InstallError(*answer["error"])
            self._give(number, waiting, busy)
            yield job, answer

    def _give(self, number: int, waiting: list[dict[str, Any]], busy: dict[int, dict[str, Any]]) -> None:
        if not waiting:
            return
        busy[number] = job = waiting.pop()
        try:
            print(json.dumps(job), file=self.children[number].stdin, flush=True)
        except OSError:
            self.answers.put((number, ""))

    def _next(self) -> tuple[int, Any]:
        number, line = self.answers.get()
        if not line:
            raise InstallError("unpacking", "the child process that does it has ended", "Run the same command again.")
        return number, json.loads(line)

    def _listen(self, number: int, child: subprocess.Popen[str]) -> None:
        if child.stdout is not None:
            for line in child.stdout:
                self.answers.put((number, line))
        self.answers.put((number, ""))


def _size(job: dict[str, Any]) -> int:
    return 0 if job["url"] else os.path.getsize(job["wheel"])


def _processors() -> Sequence[int] | set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
