"""Running a tool on the copy: its output rewritten line by line as it comes, its exit status, its signals."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from io import RawIOBase
    from types import FrameType
    from typing import IO, BinaryIO

_COLOURING = ("FORCE_COLOR", "CLICOLOR_FORCE", "MYPY_FORCE_COLOR")
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
    Raises KeyboardInterrupt after Ctrl-C, once the tool has ended, BrokenPipeError if nobody reads any more, and another
    OSError if its output can't be written.
    """
    process = subprocess.Popen(
        words, cwd=directory, env={**environ, "PWD": directory}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None  # noqa: S101 both are pipes
    assert process.stderr is not None  # noqa: S101
    broken: list[OSError] = []
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
            for pump in pumps:
                pump.join(timeout=_PATIENCE)
            raise
    for pump in pumps:  # however slowly somebody reads; a signal ends this process now
        pump.join()
    if broken:
        raise broken[0]
    return status if status >= 0 else 128 - status


def printer(stream: IO[str]) -> Callable[[str], object]:
    """Return what writes text just as it came, also what isn't of the stream's encoding, and without delay."""
    binary: BinaryIO | None = getattr(stream, "buffer", None)
    # Not through the buffer: a thread that waits in there for a slow reader would keep this process from ending.
    raw: RawIOBase | None = getattr(binary, "raw", None)

    def put(text: str) -> None:
        if binary is None:
            stream.write(text)
            stream.flush()
            return
        data = text.encode("utf-8", "surrogateescape")
        if raw is None:
            binary.write(data)
            stream.flush()
        else:
            _put_all(raw, data)

    stream.flush()
    return put


def _put_all(raw: RawIOBase, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        written = raw.write(rest)
        if written is None:  # a pipe that doesn't block is full
            select.select((), (raw,), ())
        else:
            rest = rest[written:]


def _pump(
    stream: IO[bytes], put: Callable[[str], object], rewritten: Callable[[str], str], broken: list[OSError]
) -> None:
    with stream:
        for line in stream:
            try:
                put(rewritten(line.decode("utf-8", "surrogateescape")))
            except OSError as error:
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


def environment_for(base: str, roots: Sequence[str], *, coloured: bool, uncoloured: bool = False) -> dict[str, str]:
    """Return the variables for a tool: paths into the project lead into the copy, caches of other places are off.

    `coloured` asks for colours, as the tool sees no terminal; `uncoloured` forbids them, whatever a user's variables say.
    """
    environ = dict(os.environ)
    for name in ("MYPYPATH", "CI_PROJECT_DIR", "RUFF_CONFIG", "MYPY_CONFIG_FILE_DIR"):
        if name in environ:
            parts = environ[name].split(os.pathsep)
            environ[name] = os.pathsep.join(moved(part, base, roots) for part in parts)
    # These caches are kept by absolute path, and no two copies have the same.
    environ |= {"RUFF_NO_CACHE": "true", "BLACK_CACHE_DIR": os.path.join(base, ".black")}
    if coloured:
        environ |= dict.fromkeys(_COLOURING, "1")
    if uncoloured:
        environ = {name: value for name, value in environ.items() if name not in _COLOURING} | {"NO_COLOR": "1"}
    return environ


def moved(word: str, base: str, roots: Sequence[str]) -> str:
    """Return a word of a command line of which an absolute path into a project leads into the copy."""
    option, equals, value = word.rpartition("=") if word.startswith("-") else ("", "", word)
    for root in roots:
        if value == root or value.startswith(root.rstrip(os.sep) + os.sep):
            return f"{option}{equals}{base}{value}"
    return word
