"""The modules of a start from a lock, and in the compiled file of this one all their code: see `loading.py`.

As `warm.py`, it is loaded before the package is. What the runner needs besides comes the same way (`running.py`).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MODULES = (
    "loading",
    "",
    "metadata",
    "metadata.places",
    "projects",
    "projects.kept",
    "projects.in_force",
    "projects.search_path",
    "projects.finder",
    "projects.start",
)
"""First what loads the others; then "" for the package itself, and each module behind those that it imports."""

LATER = ("kept_code", "errors")
"""What is needed with the first locked module, and with the first that isn't locked; until then, it is only bytes."""

KEPT: "Any" = (
    "put here by bundle.py: the package's directory; of each module its name, `source_status`, compiled file and code;"
    " the same of those of LATER"
)

loading: "dict[str, Any]" = {}
"""The functions of `loading.py`, once they are needed (`versioned_import_startup.loading_of`)."""
