"""The modules of a warm versioned import, and in the compiled file of this one all their code: see `loading.py`.

It is loaded before the package is, whose own module is among those that it brings, so that nothing of them is searched for.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MODULES = (
    "loading",
    "",
    "syntax",
    "syntax.codec",
    "metadata",
    "metadata.places",
    "kept_code",
    "runtime",
    "runtime.importing",
    "runtime.noted",
    "runtime.shortcut",
    "runtime.texts",
    "runtime.pseudo_loader",
)
"""First what loads the others; then "" for the package itself, and each module behind those that it imports."""

KEPT: "Any" = (
    "put here by bundle.py: the package's directory; of each module its name, `source_status`, compiled file and code"
)

loading: "dict[str, Any]" = {}
"""The functions of `loading.py`, once they are needed (`versioned_import_startup.loading_of`)."""
