"""Running a tool on the copy: its output rewritten line by line as it comes, its exit status, its signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import FrameType
    from typing import IO, BinaryIO

_PATIENCE = 10  # seconds that an interrupted tool has to end by itself


def run_tool(
    words: Sequence[str],
    directory: str,
    environ: Mapping[str, str],
    rewritten: Callable[[str], str],
    held_back: list[str] | None = None,
) -> int:
    """Run a command and return its exit status, 128 + N if signal N ended it, as a shell does.

    Each line of its output goes through `rewritten`; the lines of standard output go into `held_back` if that is given.
    Raises KeyboardInterrupt after Ctrl-C, once the tool has ended, and BrokenPipeError if nobody reads any more.
    """
    process = subprocess.Popen(
        words, cwd=directory, env={**environ, "PWD": directory}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None  # noqa: S101 both are pipes
    assert process.stderr is not None  # noqa: S101
    broken: list[BrokenPipeError] = []
    pumps = [
        threading.Thread(target=_pump, args=(stream, put, rewritten, broken), daemon=True)
        for stream, put in (
            (process.stdout, held_back.append if held_back is not None else printer(sys.stdout)),
            (process.stderr, printer(sys.stderr)),
        )
    ]
    for pump in pumps:
        pump.start()
    with _handling(lambda number, _: process.send_signal(number)):  # the tool ends, and then so does this
        try:
            status = process.wait()
        except KeyboardInterrupt:  # a terminal has sent it to the tool too
            _end(process)
            raise
        finally:
            for pump in pumps:
                pump.join(timeout=_PATIENCE)
    if broken:
        raise broken[0]
    return status if status >= 0 else 128 - status


def printer(stream: IO[str]) -> Callable[[str], object]:
    """Return what writes text just as it came, also what isn't of the stream's encoding, and without delay."""
    binary: BinaryIO | None = getattr(stream, "buffer", None)

    def put(text: str) -> None:
        if binary is None:
            stream.write(text)
        else:
            binary.write(text.encode("utf-8", "surrogateescape"))
        stream.flush()

    stream.flush()
    return put


def _pump(
    stream: IO[bytes], put: Callable[[str], object], rewritten: Callable[[str], str], broken: list[BrokenPipeError]
) -> None:
    with stream:
        for line in stream:
            try:
                put(rewritten(line.decode("utf-8", "surrogateescape")))
            except BrokenPipeError as error:
                broken.append(error)
                return


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=_PATIENCE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.terminate()
        process.wait()


@contextmanager
def ending_orderly() -> Iterator[None]:
    """Let a signal that asks this process to end be an exit, so that nothing temporary is left."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    with _handling(leave):
        yield


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def environment_for(base: str, roots: Sequence[str], *, coloured: bool) -> dict[str, str]:
    """Return the variables for a tool: paths into the project lead into the copy, caches of other places are off."""
    environ = dict(os.environ)
    for name in ("MYPYPATH", "CI_PROJECT_DIR", "RUFF_CONFIG", "MYPY_CONFIG_FILE_DIR"):
        if name in environ:
            parts = environ[name].split(os.pathsep)
            environ[name] = os.pathsep.join(moved(part, base, roots) for part in parts)
    # These caches are kept by absolute path, and no two copies have the same.
    environ |= {"RUFF_NO_CACHE": "true", "BLACK_CACHE_DIR": os.path.join(base, ".black")}
    if coloured:
        environ |= {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "MYPY_FORCE_COLOR": "1"}
    return environ


def moved(word: str, base: str, roots: Sequence[str]) -> str:
    """Return a word of a command line of which an absolute path into a project leads into the copy."""
    option, equals, value = word.rpartition("=") if word.startswith("-") else ("", "", word)
    for root in roots:
        if value == root or value.startswith(root.rstrip(os.sep) + os.sep):
            return f"{option}{equals}{base}{value}"
    return word
