"""What a distribution was installed from, where that was no package index (PEP 610)."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from versioned_import.metadata.files import read_text

if TYPE_CHECKING:
    from typing import Any


def direct_url(metadata_directory: str) -> dict[str, Any] | None:
    """Return the contents of a `direct_url.json`; None where there is none, or where it is no such file."""
    text = read_text(os.path.join(metadata_directory, "direct_url.json"))
    if text is None:
        return None
    try:
        data = json.loads(text)
    except ValueError:
        return None
    tables = ("vcs_info", "archive_info", "dir_info")
    if not isinstance(data, dict) or not all(isinstance(data.get(table, {}), dict) for table in tables):
        return None
    return data


def directory_of(metadata_directory: str) -> str:
    """Return the full path of the directory of sources that a distribution was built from, or ""."""
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    data = direct_url(metadata_directory) or {}
    return os.path.realpath(url2pathname(urlsplit(str(data.get("url", ""))).path)) if "dir_info" in data else ""
