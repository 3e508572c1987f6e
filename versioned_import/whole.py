"""The modules of the whole way, and in the compiled file of this one all their code: see `loading.py`.

They stand apart from those of `warm.py`, which most processes read alone.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MODULES = ()
"""What is loaded with this one: nothing, since the package is loaded already."""

LATER = (
    "runtime.whole_way",
    "syntax.pseudo",
    "metadata.candidate",
    "runtime.state",
    "runtime.memo",
    "runtime.resolve",
    "runtime.finder",
    "resolver",
    "resolver.search_path",
)
"""What is needed where a statement can't go the short way (`runtime/whole_way.py`)."""

KEPT: "Any" = (
    "put here by bundle.py: the package's directory; of each module its name, `source_status`, compiled file and code;"
    " the same of those of LATER"
)
