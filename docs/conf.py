# ruff: noqa: INP001
"""How Sphinx makes the pages: `sphinx-build -W docs build/docs`, or `nox -s docs`.

The pages are plain Markdown and read the same on a forge: links are relative paths, headings are their own anchors.
"""

import subprocess
import sys
import tomllib
from pathlib import Path

from pygments.lexers.python import PythonLexer
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

HERE = Path(__file__).resolve().parent
PEP = HERE.parent / "pep-draft" / "pep-9999.rst"

project = "versioned_import"
author = "the authors of versioned_import"
project_copyright = author
version = release = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
nitpicky = True
# Indented blocks are statements, messages or file trees: no one language.
highlight_language = "text"

html_theme = "furo"
html_title = f"{project} {release}"
html_copy_source = False
html_show_sphinx = False


def setup(app: Sphinx) -> None:
    """Show cells as what they nearly are, since IPython's own lexer would cost an installation; add the page of the PEP."""
    app.add_lexer("ipython", PythonLexer)
    app.connect("source-read", link_the_pep)
    app.connect("build-finished", write_the_pep)


def link_the_pep(app: Sphinx, page: str, source: list[str]) -> None:
    """Let docs/pep.md lead to the rendered PEP; on a forge, where there is none, it leads to the source."""
    if page == "pep" and app.builder.format == "html":
        name, link = PEP.with_suffix(".html").name, f"](../pep-draft/{PEP.name})"
        before, found, after = source[0].partition(link)
        if not found:
            message = f"docs/pep.md has no link to {link}"
            raise ExtensionError(message)
        before, _, title = before.rpartition("[")
        source[0] = f'{before}<a href="{name}">{title}</a>{after}'


def write_the_pep(app: Sphinx, failed: Exception | None) -> None:
    """Write the PEP beside the pages; what `tools/pep.py` finds fails the build.

    In a process of its own, because Sphinx has put its own roles and directives in the place of docutils'.
    """
    if failed is not None or app.builder.format != "html":
        return
    command = [sys.executable, str(HERE.parent / "tools" / "pep.py"), str(app.outdir)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"{PEP.name} can't be rendered:\n{done.stderr}"
        raise ExtensionError(message)
