#!/usr/bin/env python3
"""Draw the way of a versioned import through the modules, from the sources: `python3 tools/diagram.py`.

The modules stand in the order in which a statement travels, each with the first sentence of its docstring; an arrow leads
from a module to one further down that it really imports. `--check` writes nothing and ends
with 1 if the drawing isn't up to date.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
from html import escape
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
TARGET = PROJECT / "docs" / "how-an-import-travels.svg"
STEPS = {
    "Python starts": ("versioned_import_startup",),
    "The text of the file is read": (
        "syntax.codec",
        "syntax.loader",
        "syntax.tree",
        "syntax.rewrite",
        "syntax.clauses",
        "syntax.regions",
        "syntax.pseudo",
    ),
    "The statement is executed": (
        "runtime.pseudo_loader",
        "runtime.shortcut",
        "runtime.noted",
        "runtime.finder",
        "runtime.resolve",
        "runtime.loaded",
    ),
    "Warm: an earlier process has found the answer": ("runtime.memo",),
    "Cold: the answer has to be found": (
        "runtime.cold",
        "resolver.choose",
        "resolver.closure",
        "metadata.catalogue",
        "metadata.build",
        "metadata.store",
        "runtime.remember",
    ),
    "From then on": ("runtime.state",),
}
MODULES = tuple(module for modules in STEPS.values() for module in modules)

_WIDTH, _BOX, _HEIGHT, _GAP, _HEADING = 780, 560, 56, 8, 34
_LEFT, _TOP = 16, 8
_TIP = """<defs>
  <marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
    <path d="M0 0L8 4L0 8z"/>
  </marker>
</defs>"""
_STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #24292f }
  .name { font: 600 13px ui-monospace, monospace }
  .step { font-weight: 600; font-size: 15px }
  rect { fill: #f6f8fa; stroke: #8c959f }
  path { fill: none; stroke: #57606a; stroke-width: 1.2; marker-end: url(#tip) }
  #tip path { fill: #57606a; stroke: none; marker-end: none }
"""


def source_of(module: str) -> Path:
    """Return the source file of a module that is named as in STEPS."""
    below = (f"{module}.py",) if module == "versioned_import_startup" else ("versioned_import", *module.split("."))
    return PROJECT.joinpath(*below).with_suffix(".py")


def sentence_of(module: str) -> str:
    """Return the first paragraph of a module's docstring without what stands in parentheses at its end."""
    text = ast.get_docstring(ast.parse(source_of(module).read_text(encoding="utf-8"))) or ""
    return re.sub(r" \((?:spec|docs)[^)]*\)(?=\.?$)", "", " ".join(text.split("\n\n")[0].split()))


def imports_of(module: str) -> set[str]:
    """Return which of MODULES a module imports when it runs, at its top or inside of a function."""
    found: set[str] = set()
    waiting: list[ast.AST] = [ast.parse(source_of(module).read_text(encoding="utf-8"))]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
        waiting += ast.iter_child_nodes(node)
    return {name.removeprefix("versioned_import.") for name in found} & set(MODULES) - {module}


def drawing() -> str:
    """Return the SVG."""
    places: dict[str, int] = {}
    body: list[str] = []
    y = _TOP
    for step, modules in STEPS.items():
        y += _HEADING
        body.append(f'<text class="step" x="{_LEFT}" y="{y - 10}">{escape(step)}</text>')
        for module in modules:
            places[module] = y
            body += _box(module, y)
            y += _HEIGHT + _GAP
    arrows = [
        _arrow(places[one], places[other])
        for one in MODULES
        for other in sorted(imports_of(one), key=MODULES.index)
        if places[other] > places[one]
    ]
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" width="{_WIDTH}" height="{y}">',
            "<title>How an import travels through the modules</title>",
            f"<style>{_STYLE}</style>",
            _TIP,
            f'<rect x="0" y="0" width="{_WIDTH}" height="{y}" style="fill: #ffffff; stroke: none"/>',
            *body,
            *arrows,
            "</svg>\n",
        )
    )


def _box(module: str, y: int) -> list[str]:
    name = module.replace(".", "/") + ".py"
    lines = textwrap.wrap(sentence_of(module), 80, max_lines=2, placeholder=" ...")
    return [
        f'<rect x="{_LEFT}" y="{y}" width="{_BOX}" height="{_HEIGHT}" rx="5"/>',
        f'<text class="name" x="{_LEFT + 10}" y="{y + 17}">{escape(name)}</text>',
        *(
            f'<text x="{_LEFT + 10}" y="{y + 33 + 15 * number}">{escape(line)}</text>'
            for number, line in enumerate(lines)
        ),
    ]


def _arrow(start: int, end: int) -> str:
    """Return the arc from one box to another, the farther the wider."""
    x, middle = _LEFT + _BOX, _HEIGHT // 2
    reach = x + 24 + (end - start) // 6
    # Arrows leave in the lower half of a box and arrive in the upper one.
    leave, arrive = start + middle + 8, end + middle - 8
    return f'<path d="M{x} {leave}C{reach} {leave} {reach} {arrive} {x + 2} {arrive}"/>'


def main() -> int:
    """Write the drawing, or compare it; return the exit status."""
    if sys.argv[1:] == ["--check"]:
        return TARGET.read_text(encoding="utf-8") != drawing()
    TARGET.write_text(drawing(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
