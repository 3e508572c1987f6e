"""The catalogue's form on disk: lines of text in buckets by key, so that one name is read without the rest.

    versioned_import catalogue 2 <tab> site directory <tab> its mtime in ns <tab> settled <tab> number of buckets <tab> checksum
    one entry of 32 bytes for each bucket, and one for the list of everything: offset, length, checksum
    the buckets: lines `key <tab> line`, then all lines once

Whatever does not agree with itself, or with the directory, is a miss. `settled` is 0 when the directory had changed within
two seconds of being read: a later change could bear the same time, so such a file serves nobody but its maker.
"""

import marshal
import os

from versioned_import.metadata.places import OWN_DIRECTORY, cache_directory, checksum, number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

_MAGIC = "versioned_import catalogue 2"
_ENTRY = 32
_PRIME = (1 << 31) - 1
PASSED_OVER = "!"
"""The first field of a line about a directory that looks like a version and is none."""
SETTLING_NS = 2_000_000_000


class Store:
    """One catalogue file. Opening or reading it raises OSError or ValueError where it is broken or somebody else's."""

    def __init__(self, path: str, site: str) -> None:
        self.path = path
        with open(path, "rb") as file:
            if not is_trusted(file.fileno(), site):
                raise ValueError("somebody else's catalogue")
            header = file.readline(8192)
        fields, _, stored_checksum = header.rpartition(b"\t")
        magic, stored_site, changed, settled, buckets = fields.decode().split("\t")
        if (magic, stored_site) != (_MAGIC, site) or int(stored_checksum, 16) != checksum(fields):
            raise ValueError("another catalogue, or a broken one")
        self.changed = int(changed) if settled == "1" else -1
        """The site directory's modification time that this file is true for; -1 if it serves nobody."""
        self.header = header
        self.buckets = int(buckets)

    def lines(self, key: str) -> list[str]:
        """Return the lines filed under a key."""
        head = f"{key}\t"
        (bucket,) = self._read(_bucket_of(key, self.buckets))
        return [line[len(head) :] for line in bucket.split("\n")[:-1] if line.startswith(head)]

    def has_any(self, *keys: str) -> bool:
        """Tell whether a line is filed under one of some keys."""
        buckets = self._read(*(_bucket_of(key, self.buckets) for key in keys))
        return any(f"\n{key}\t" in f"\n{bucket}" for key, bucket in zip(keys, buckets, strict=True))

    def everything(self) -> list[str]:
        """Return every line once."""
        (lines,) = self._read(self.buckets)
        return lines.split("\n")[:-1]

    def _read(self, *numbers: int) -> list[str]:
        """Return the texts of some buckets; what stands behind the last one is the list of everything."""
        found = []
        with open(self.path, "rb") as file:
            # Another process may have put a newer catalogue, of another layout, in the place of the one that was opened.
            if file.read(len(self.header)) != self.header:
                raise ValueError("another catalogue")
            for number in numbers:
                file.seek(len(self.header) + _ENTRY * number)
                offset, length, stored_checksum = (int(field, 16) for field in file.read(_ENTRY).split())
                if offset + length > os.fstat(file.fileno()).st_size:
                    raise ValueError("a cut or broken catalogue")  # read() would make room for the whole length first
                file.seek(offset)
                data = file.read(length)
                if len(data) != length or checksum(data) != stored_checksum:
                    raise ValueError("a broken catalogue")
                found.append(data.decode())
        return found


def catalogue_files(site: str) -> list[str]:
    """Return where the catalogue may stand: in the site directory, if an installer made a place there, or in the cache."""
    own = os.path.join(site, OWN_DIRECTORY)
    number = int.from_bytes(os.fsencode(site), "little") % ((1 << 61) - 1)
    kept = os.path.join(cache_directory(), "catalogues", f"{os.path.basename(site)}-{number:x}")
    return [os.path.join(own, "catalogue"), kept] if os.path.isdir(own) else [kept]


def stores_of(site: str) -> "Iterator[Store]":
    """Yield the catalogue files of a site directory that can be opened, whether true or not."""
    for path in catalogue_files(site):
        try:
            yield Store(path, site)
        except (OSError, ValueError):
            continue


def write(
    path: str, site: str, changed: int, settled: bool, filed: "Iterable[tuple[str, str]]", lines: list[str]
) -> None:
    """Write a catalogue file in one step; raises OSError. `filed` are pairs of key and line."""
    pairs = list(filed)
    buckets = max(1, len(pairs) // 4) | 1
    sorted_in: list[list[str]] = [[] for _ in range(buckets)]
    for key, line in pairs:
        sorted_in[_bucket_of(key, buckets)].append(f"{key}\t{line}\n")
    blobs = ["".join(bucket).encode() for bucket in sorted_in]
    blobs.append("".join(f"{line}\n" for line in lines).encode())
    fields = f"{_MAGIC}\t{site}\t{changed}\t{int(settled)}\t{buckets}".encode()
    header = b"%b\t%08x\n" % (fields, checksum(fields))
    offset = len(header) + _ENTRY * len(blobs)
    entries = []
    for blob in blobs:
        entries.append(f"{offset:012x} {len(blob):09x} {checksum(blob):08x}\n".encode())
        offset += len(blob)
    replace_file(path, b"".join((header, *entries, *blobs)))


def data_to_keep(data: "Any") -> bytes:
    """Return the content of a file from which `places.kept_data` reads plain data; raises ValueError for what isn't that."""
    body = marshal.dumps(data)
    return b"%016x%b" % (number_of(body), body)


def replace_file(path: str, data: bytes, *, mode: int = 0o666) -> None:
    """Write a file in one step, so that no reader ever sees half of it; raises OSError."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}.{id(data):x}"
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
        os.replace(temporary, path)
    except OSError:
        try:
            os.unlink(temporary)
        except OSError:
            pass
        raise


def is_trusted(descriptor: int, site: str) -> bool:
    """Tell whether a cache file is mine, root's, or of the owner of the site directory, who could change all of it."""
    if not hasattr(os, "geteuid"):  # Windows, and WebAssembly, which has one user
        return True
    return os.fstat(descriptor).st_uid in (os.geteuid(), 0, os.stat(site).st_uid)


def _bucket_of(key: str, buckets: int) -> int:
    # Not hash(): it differs from run to run and between builds.
    return int.from_bytes(key.encode(), "little") % _PRIME % buckets
