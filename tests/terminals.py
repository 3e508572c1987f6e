"""Programs in a pseudo terminal, which is typed into and read as text."""

import codecs
import fcntl
import os
import pty
import re
import select
import subprocess
import termios
import time

# What a terminal obeys instead of showing it.
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b\][^\x07]*\x07|\x1b[=>78]|[\r\x07\x0e\x0f]")
_CUT_OFF = re.compile(r"\x1b([()]|\[[0-9;?]*[ -/]*|\][^\x07]*)?\Z")
CTRL_C, CTRL_D, UP = "\x03", "\x04", "\x1bOA"


class Terminal:
    """A program whose controlling terminal is this one."""

    def __init__(self, command, environ, cwd, size=(50, 200)):
        self._master, inner = pty.openpty()
        termios.tcsetwinsize(inner, size)
        self.process = subprocess.Popen(
            list(map(str, command)),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env=environ,
            cwd=cwd,
            start_new_session=True,
            # Nothing else makes it the controlling terminal, which Ctrl-C needs.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 no threads here
        )
        os.close(inner)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._pending = self._shown = self.raw = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)

    def type(self, keys):
        """Send keys; a newline is the return key."""
        os.write(self._master, keys.replace("\n", "\r").encode())

    def interrupt(self):
        """Press Ctrl-C at a person's pace: readline overlooks one that comes while it deals with the key before."""
        time.sleep(0.2)
        self.type(CTRL_C)

    def expect(self, text, seconds=30):
        """Wait for a text and return all that came since the last one, up to its end, without control sequences."""
        limit = time.monotonic() + seconds
        while True:
            before, found, after = self._shown.partition(text)
            if found:
                self._shown = after
                return before + found
            assert self._more(limit), f"no {text!r} in {self._shown!r}"

    def status(self, seconds=30):
        """Wait for the end and return the exit status; what was still shown is in `rest`."""
        limit = time.monotonic() + seconds
        while self._more(limit):
            pass
        self.rest = self._shown
        return self.process.wait(10)

    def _more(self, limit):
        ready, _, _ = select.select([self._master], [], [], max(0, limit - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux says so at the end
            return False
        text = self._decode(data)
        self.raw += text
        self._pending += text
        cut_off = _CUT_OFF.search(self._pending)
        whole = self._pending[: cut_off.start()] if cut_off else self._pending
        self._pending = self._pending[len(whole) :]
        self._shown += _CONTROL.sub("", whole)
        return bool(data)
