#!/usr/bin/env python3
"""Draw the rules of grammar/versioned_import.toml: python3 tools/railroad_diagram.py.

It writes grammar/import_statement.svg, and needs the package railroad-diagrams.
"""

from __future__ import annotations

from html import escape
from io import StringIO

import railroad
from peg_rules import (
    GRAMMAR,
    Choice,
    Item,
    Keyword,
    Look,
    Maybe,
    Name,
    Option,
    Repeat,
    Series,
    read_grammar,
    read_rules,
)

DRAWING = GRAMMAR.with_name("import_statement.svg")
# Each has a diagram of its own; the others are drawn where they are used.
DRAWN = ("import_stmt", "dotted_as_names", "dotted_name", "version_clause", "import_from_targets")
EDGE = 24
HEADING = 30
GAP = 18
STYLE = """
svg { color-scheme: light dark; --card: #fbfaf7; --edge: #d9d4c7; --ink: #2b2a27; --line: #6b675e; --keyword: #e9e4d6;
  --box: #ffffff; --new: #ffe2a8; --new-line: #b06f00; }
@media (prefers-color-scheme: dark) {
  svg { --card: #1d1f22; --edge: #3a3d42; --ink: #ece9e1; --line: #a09b90; --keyword: #34363b; --box: #25282c;
    --new: #5a4312; --new-line: #e5ae45; }
}
.card { fill: var(--card); stroke: var(--edge); }
path { fill: none; stroke: var(--line); stroke-width: 1.6; }
text { fill: var(--ink); font: 13.5px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  text-anchor: middle; }
text.heading { font-weight: 600; text-anchor: start; }
text.legend { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; text-anchor: start; }
rect { stroke: var(--line); stroke-width: 1.4; }
.terminal rect { fill: var(--keyword); }
.terminal text { font-weight: 600; }
.non-terminal rect { fill: var(--box); }
.new rect { fill: var(--new); stroke: var(--new-line); }
"""
LEGEND = "round: written so · square: a rule or token · coloured: new"


class Drawer:
    """Turns rules into the diagrams of the package."""

    def __init__(self, rules: dict[str, list[Option]]) -> None:
        self.rules = rules
        self.new = {name for name, options in rules.items() if all(one.mark == "new" for one in options)}

    def diagram(self, rule: str) -> railroad.Diagram:
        """Return the diagram of one rule."""
        return railroad.Diagram(self._rule(rule, rule in self.new), type="simple")

    def _rule(self, rule: str, new: bool) -> railroad.DiagramItem:
        items = [option.item for option in self.rules[rule]]
        first = items[0]
        if isinstance(first, Series) and first.items[0] == Name(rule):  # X: X '.' NAME | NAME
            return railroad.OneOrMore(self._item(items[1], new), self._item(first.items[1], new))
        return self._choice(items, new)

    def _choice(self, items: list[Item], new: bool) -> railroad.DiagramItem:
        options = [self._item(option, new) for item in items for option in self._options(item)]
        return options[0] if len(options) == 1 else railroad.Choice(0, *options)

    def _options(self, item: Item) -> list[Item]:
        """Return the alternatives of a rule that is drawn where it is used, so that they lie beside the others."""
        if isinstance(item, Name) and item.name in self.rules and item.name not in DRAWN:
            return [option.item for option in self.rules[item.name]]
        return [item]

    def _item(self, item: Item, new: bool) -> railroad.DiagramItem:
        if isinstance(item, Keyword):
            return railroad.Terminal(item.text, cls="new" if new else "")
        if isinstance(item, Name):
            if item.name in self.rules and item.name not in DRAWN:
                return self._rule(item.name, new)
            return railroad.NonTerminal(item.name, cls="new" if new or item.name in self.new else "")
        if isinstance(item, Choice):
            return self._choice(list(item.options), new)
        if isinstance(item, Maybe):
            return railroad.Optional(self._item(item.item, new))
        if isinstance(item, Repeat):
            separator = None if item.separator is None else self._item(item.separator, new)
            kind = railroad.OneOrMore if item.least else railroad.ZeroOrMore
            return kind(self._item(item.item, new), separator)
        if isinstance(item, Series):
            return railroad.Sequence(*(self._item(one, new) for one in item.items if not isinstance(one, Look)))
        raise ValueError(f"nothing to draw: {item}")


def draw() -> str:
    """Return the drawing of all rules, one below the other, as the text of an SVG file."""
    railroad.INTERNAL_ALIGNMENT = "left"  # the package's only way to say it
    drawer = Drawer(read_rules(read_grammar()["peg"]))
    parts: list[str] = []
    top, width = float(EDGE), 0.0
    for rule in DRAWN:
        diagram = drawer.diagram(rule)
        diagram.format(0, 0, 0, 0)
        written = StringIO()
        for child in diagram.children:
            child.writeSvg(written.write)
        parts.append(f'<text class="heading" x="{EDGE}" y="{top + 12:g}">{escape(rule)}</text>')
        parts.append(f'<g transform="translate({EDGE} {top + HEADING:g})">{written.getvalue()}</g>')
        top += HEADING + diagram.up + diagram.height + diagram.down + GAP
        width = max(width, diagram.width + 2 * EDGE)
    parts.append(f'<text class="legend" x="{EDGE}" y="{top + 6:g}">{LEGEND}</text>')
    height = top + EDGE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:g} {height:g}" width="{width:g}"'
        f' height="{height:g}">\n<title>The import statement with version clauses</title>\n<style>{STYLE}</style>\n'
        f'<rect class="card" x="1" y="1" width="{width - 2:g}" height="{height - 2:g}" rx="12"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


if __name__ == "__main__":
    DRAWING.write_text(draw(), "utf-8")
