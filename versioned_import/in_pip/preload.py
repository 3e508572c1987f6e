"""What an installation needs late: pip 26.3 forbids every import once it has begun to install."""

from __future__ import annotations

import contextlib
import encodings.idna
import encodings.latin_1
import site
import tomllib

import versioned_import.libraries.packaging.utils
import versioned_import.libraries.packaging.version
import versioned_import.metadata.build
import versioned_import.metadata.store
import versioned_import.runtime.fallback  # the finder that is asked for imports which fail

__all__ = ["contextlib", "encodings", "site", "tomllib", "versioned_import"]
