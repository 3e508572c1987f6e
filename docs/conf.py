# ruff: noqa: INP001
"""How Sphinx makes the pages: `sphinx-build -W docs build/docs`, or `nox -s docs`.

The pages are plain Markdown and read the same on a forge: links are relative paths, headings are their own anchors.
"""

import tomllib
from pathlib import Path

from pygments.lexers.python import PythonLexer
from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent

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
    """Let cells be shown as what they nearly are; IPython's own lexer would cost an installation."""
    app.add_lexer("ipython", PythonLexer)
