#!/usr/bin/env python3
"""Check the form of the draft PEP and render it to HTML with docutils.

    python tools/pep.py build/pep                        writes build/pep/pep-9999.html
    python tools/pep.py --form                           checks the form only, without docutils

The exit status is 1, with a message for each finding, if the form is not that of PEP 1 and PEP 12 or if docutils has
anything to say, be it a remark; then nothing is written. docutils and pygments are in the dependency group `docs`.
"""
# ruff: noqa: T201

import argparse
import html
import io
import sys
from pathlib import Path

import pep_form

PEP = Path(__file__).resolve().parents[1] / "pep-draft" / "pep-9999.rst"
# docutils' own style sheets, and colours for code.
STYLES = ("minimal.css", "responsive.css")
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
{stylesheet}<style>
{colours}
</style>
</head>
<body>
<h1>{title}</h1>
{body}</body>
</html>
"""


def main(arguments: list[str] | None = None) -> int:
    """Check and render the PEP that the command line names; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="tools/pep.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", nargs="?", type=Path, metavar="OUTDIR", help="where the page is written")
    parser.add_argument("--form", action="store_true", help="check the form only, and write nothing")
    parser.add_argument(
        "--source", type=Path, default=PEP, metavar="FILE", help="another text than pep-draft/pep-9999.rst"
    )
    options = parser.parse_args(arguments)
    if not options.form and options.directory is None:
        parser.error("say where the page is written, or --form")
    text = options.source.read_text("utf-8")
    found = pep_form.problems(text)
    page = ""
    if not options.form:
        try:
            page, remarks = rendered(text, str(options.source))
        except ModuleNotFoundError as missing:
            print(
                f"tools/pep.py: {missing.name} is missing; to get what renders: pip install docutils pygments",
                file=sys.stderr,
            )
            return 1
        found += remarks
    for problem in found:
        print(f"{options.source.name}: {problem}", file=sys.stderr)
    if found:
        return 1
    if options.form:
        return 0
    options.directory.mkdir(parents=True, exist_ok=True)
    target = options.directory / f"{options.source.stem}.html"
    target.write_text(page, "utf-8")
    print(target)
    return 0


def rendered(text: str, name: str) -> tuple[str, list[str]]:
    """Return the page of a PEP in reStructuredText, and what docutils said about it."""
    from docutils.core import publish_parts
    from docutils.readers.pep import Reader
    from docutils.writers.html5_polyglot import Writer
    from pygments.formatters import HtmlFormatter

    said = io.StringIO()
    settings = {
        "report_level": 1,
        "halt_level": 5,
        "warning_stream": said,
        "stylesheet_path": ",".join(STYLES),
        "stylesheet_dirs": [str(path) for path in map(Path, Writer.default_stylesheet_dirs)],
        "embed_stylesheet": True,
        "syntax_highlight": "short",
        "file_insertion_enabled": False,
        "raw_enabled": False,
    }
    parts = publish_parts(text, name, reader=Reader(), writer=Writer(), settings_overrides=settings)
    header = pep_form.header(text)
    page = PAGE.format(
        title=html.escape(f"PEP {header.get('PEP')} \N{EN DASH} {header.get('Title')}"),
        stylesheet=parts["stylesheet"],
        colours=HtmlFormatter(style="default").get_style_defs("pre.code"),
        body=parts["html_body"],
    )
    return page, [line.removeprefix(f"{name}:") for line in said.getvalue().splitlines() if line]


if __name__ == "__main__":
    sys.exit(main())
