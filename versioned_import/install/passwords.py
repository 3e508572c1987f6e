"""Texts without the passwords that URLs in them may bear."""

from __future__ import annotations

import re

_LOGIN = re.compile(r"(?<=://)[^/?#\s]+@")


def without_password(text: str) -> str:
    """Return a URL, or any text with URLs in it, without the names and passwords that may stand in them.

    What names environment variables (`${TOKEN}@host`) stays: it holds no secret and is needed again.
    """
    return _LOGIN.sub(_kept, text)


def _kept(login: re.Match[str]) -> str:
    return login[0] if "${" in login[0] or login[0] == "git@" else ""
