"""One installed distribution at one place, as it stands in a catalogue: a line of text and back."""

import os.path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NewType

    CanonicalName = NewType("CanonicalName", str)


STARTERS = frozenset({"_distutils_hack"})
"""Modules that a flat install's .pth loads at each start and that hand over to whatever version is imported later.

That of setuptools is loaded in every environment of Python 3.11, and says nothing about the setuptools that a program uses.
"""


class Candidate:
    """One installed distribution at one place that provides import names."""

    __slots__ = ("changed", "dist_info", "distribution", "entry", "names", "requires_python", "site", "tags", "version")

    def __init__(
        self,
        *,
        site: str,
        entry: str,
        dist_info: str,
        distribution: "CanonicalName",
        version: str,
        names: "tuple[str, ...]",
        requires_python: str = "",
        tags: "tuple[str, ...]" = (),
        changed: int = 0,
    ) -> None:
        self.site = site
        """The site directory."""
        self.entry = entry
        """The versioned directory's name; "" for a flat install."""
        self.dist_info = dist_info
        """The name of the `.dist-info` (or `.egg-info`, or `.egg-link`) in `path`: the authority on all else."""
        self.distribution = distribution
        self.version = version
        """Normalised by PEP 440; as written where it is none."""
        self.names = names
        """The shortest import names that are not namespace packages: `yaml`, `google.protobuf`."""
        self.requires_python = requires_python
        self.tags = tags
        """The wheel tags of a versioned directory; empty for a flat install, which Python uses without asking."""
        self.changed = changed
        """Modification time, in nanoseconds, of what the data was read from."""

    @property
    def path(self) -> str:
        """The directory that holds the modules."""
        return os.path.join(self.site, self.entry) if self.entry else self.site

    @property
    def place(self) -> str:
        """The directory to show a person: the versioned directory, or the site directory and the kind of install."""
        if self.entry:
            return f"{self.path}{os.sep}"
        from versioned_import.metadata.editable import project_directory

        project = project_directory(self)
        return f"{self.site} (editable install of {project})" if project else f"{self.site} (flat install)"

    @property
    def tops(self) -> "dict[str, bool]":
        """Top-level import names, each with whether it is a namespace package here."""
        return {name.partition(".")[0]: "." in name for name in self.names}

    @property
    def metadata_directory(self) -> str:
        """The full path of the `.dist-info`."""
        if self.dist_info.endswith(".egg-link"):
            from versioned_import.metadata.editable import linked_metadata

            return linked_metadata(os.path.join(self.site, self.dist_info))
        return os.path.join(self.path, self.dist_info)

    def is_side_name(self, top: str) -> bool:
        """Tell whether a top-level name is not the one that the distribution is known by, which it has as well."""
        own_name = self.distribution.replace("-", "_")
        return top.lower() != own_name and own_name in map(str.lower, self.tops)

    def key(self) -> "tuple[str, str, str]":
        """Return what tells this candidate from every other."""
        return self.site, self.entry, self.dist_info

    def line(self) -> str:
        """Return the catalogue's line for this candidate, without line break."""
        names, tags = " ".join(self.names), " ".join(self.tags)
        fields = self.entry, self.dist_info, self.distribution, self.version, self.requires_python, tags, names
        return "\t".join((*fields, str(self.changed)))

    def __repr__(self) -> str:
        return f"<Candidate {self.distribution} {self.version} in {self.place}>"


def from_line(site: str, line: str) -> "Candidate":
    """Return the candidate of a catalogue's line; raises ValueError for anything else."""
    entry, dist_info, distribution, version, requires_python, tags, names, changed = line.split("\t")
    if not dist_info or not distribution or os.sep in entry or os.sep in dist_info or entry in (".", ".."):
        raise ValueError(line)
    return Candidate(
        site=site,
        entry=entry,
        dist_info=dist_info,
        distribution=distribution,  # type: ignore[arg-type]
        version=version,
        requires_python=requires_python,
        tags=tuple(tags.split()),
        names=tuple(names.split()),
        changed=int(changed),
    )


def is_storable(candidate: "Candidate") -> bool:
    """Tell whether a candidate survives being written as a line of UTF-8."""
    line = candidate.line()
    return line.replace("\t", "").isprintable() and line.count("\t") == 7  # noqa: PLR2004 between eight fields
