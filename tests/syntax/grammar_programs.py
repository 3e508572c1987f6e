"""Programs for hypothesis, made from the rules of grammar/versioned_import.toml with other Python around them.

What is generated is known: each program comes with the clauses that were put into it. All of it is read by Python from
3.11 on (but for `lazy`) and by lark's grammar of Python.
"""

import re
import unicodedata
from dataclasses import dataclass, field

from grammar_oracle import RULES, VERSION, Found
from hypothesis import strategies as st
from peg_rules import Choice, Keyword, Look, Maybe, Name, Repeat, Series

NAMES = ["a", "b", "version", "lazy", "match", "case", "type", "_", "v1", "x1", "version_1", "versions", "__a__"]
NAMES += ["imports", "fromage", "importlib", "from_x", "as_", "é", "ﬁle", "ß", "名"]
USUAL = ["1", "2.31", "01", "0b2", "1.0_rc1", "1.0+0x", "1.0+0b3f9ac", "1.*", "v1.2", "1!2.0", "1.0-1", "1A"]
USUAL += ["1.0.post1.dev2", "1.0+cu121.1"]
VERSIONS = st.sampled_from(USUAL) | st.from_regex(VERSION, fullmatch=True)
STRINGS = [">=1.20,<2", "==1.2.*", "~=1.4.2", "===1.0-odd", "===1#2", "!= 1.5 , <3", " >=1\t", "b-c_d.e >= 1"]
STRINGS += ["b[c,d]==1"]
BLANKS = st.sampled_from([" ", " ", " ", " ", "  ", "\t", "\f", " \\\n", "\\\n  ", "\\\n\\\n\t"])
OPEN_BLANKS = BLANKS | st.sampled_from(["\n", " # import a version 1\n", "\n\n  ", "\f\n"])
COMMENTS = st.sampled_from(
    ["", "", "", " ", "\t# c", "#", "  # import a version 1", " # 'it\"", '# \f""" \u2028 import a version 1']
)
OTHERS = [
    "x = 1",
    "pass",
    "version = 2",
    "version: int = 2",
    "version += lazy",
    "version('1.2')",
    "version ['1.2']",
    "version.version = version",
    "lazy = lazy.lazy",
    "lazy",
    "match = case = type",
    "match.x = 1",
    "type = type(version)",
    "del version, lazy",
    "global version",
    "assert version, '1'",
    "raise lazy from version",
    "x = lambda version, lazy=1: version",
    "x = {'version': 1, version: '1'}",
    "x = [version for version in lazy if version]",
    "x[version:1]",
    "x = version if version >= 2 else lazy",
    "f(version='1', *version)",
    "(version := 1)",
    "x = (1,\n  version)",
    "x = [  # import a version 1\n'1']",
    "x = y \\\n  + version",
    "'import a version 1'",
    '"\'; import a version 1"',
    "'\\'; import a version 1'",
    "'\\\\'",
    "r'\\'; import a version 1'",
    "x = 'a\\\nimport a version 1'",
    '"""\nimport a version 1\n"""',
    "'''\"\nimport a version 1\\'''\nfrom a version 1 import b'''",
    'rb"""\nimport a version 1"""',
    "u'import a version 1' \"import a version 1\"",
    "x = f'import a version 1'",
    "x = f'{x!r:>{y}}; import a version 1'",
    "x = f'{x}{{import a version 1}}'",
    "x = f\"{d['import a version 1']}\"",
    "x = f'''{\nx:\n>3}\nimport a version 1\n'''",
    "x = Rf'\\{x}; import a version 1'",
    'x = f"""{f\'import a version 1\'}\nimport a version 1 {x}"""',
    "x = f'\\N{LEFT CURLY BRACKET} import a version 1'",
    "é = 'é'",
]
HEADS = [
    "if x:",
    "if version: # import a version 1",
    "while version:",
    "for version in version:",
    "for lazy, (version) in x :",
    "with version as version:",
    "with a as b, version:",
    "class version:",
    "class A(version, metaclass=lazy):",
    "def version(version=1, *lazy):",
    "def f(version: lazy = {1: 2}) -> version:",
    "async def lazy():",
]
LATER = {"if": ["", "else:", "elif version:"], "tr": ["except version as lazy:", "finally:"]}


@dataclass(frozen=True)
class Text:
    """A piece of a program; of each clause in it the name, where it begins, and what it says."""

    text: str
    clauses: list[tuple[str, int, str]] = field(default_factory=list)

    def __add__(self, other):
        other = Text(other) if isinstance(other, str) else other
        moved = [(name, at + len(self.text), said) for name, at, said in other.clauses]
        return Text(self.text + other.text, [*self.clauses, *moved])


@st.composite
def programs(draw):
    """Draw a program and its clauses: (text, list of Found)."""
    program = draw(blocks(""))
    text = program.text.removesuffix("\n") if draw(st.booleans()) else program.text
    found = []
    for name, at, said in program.clauses:
        line_start = text.rfind("\n", 0, at) + 1
        found.append(Found(text.count("\n", 0, at) + 1, at - line_start, unicodedata.normalize("NFKC", name), said))
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))), found


@st.composite
def blocks(draw, indent):
    """Draw statements of one depth."""
    block = Text("")
    for _ in range(draw(st.integers(1, 3))):
        block += draw(st.sampled_from(["", "", "", "\n", "# import a version 1\n", " \t# '''\n", "\f\n"]))
        compound = len(indent) < 5 and draw(st.sampled_from([False, False, True]))
        block += draw(compounds(indent) if compound else lines(indent))
    return block


@st.composite
def starts(draw, indent):
    return Text(draw(st.sampled_from(["", "", "", "\f"])) + indent)


@st.composite
def lines(draw, indent):
    """Draw one line of simple statements."""
    return draw(starts(indent)) + draw(simple())


@st.composite
def simple(draw):
    line = draw(statements())
    while draw(st.sampled_from([False, False, True])):
        line += draw(st.sampled_from([";", "; ", " ;\t", "; \\\n"]))
        line += draw(statements())
    return line + draw(st.sampled_from(["", "", ";", " ; "])) + draw(COMMENTS) + "\n"


@st.composite
def suites(draw, indent):
    """Draw what stands behind a colon."""
    if draw(st.booleans()):
        return Text(draw(st.sampled_from(["", " ", "\t", " \\\n"]))) + draw(simple())
    return Text(draw(COMMENTS) + "\n") + draw(blocks(indent + draw(st.sampled_from(["  ", "    ", "\t"]))))


@st.composite
def compounds(draw, indent):
    """Draw a compound statement."""
    kind = draw(st.sampled_from(["plain", "plain", "try", "match", "decorated"]))
    first = draw(starts(indent))
    if kind == "try":
        return first + "try:" + draw(suites(indent)) + draw(later(indent, "tr"))
    if kind == "match":
        first += draw(
            st.sampled_from(["match version:\n", "match x[lazy]: # import a version 1\n", "match {'a': 1}:\n"])
        )
        case = draw(
            st.sampled_from(["case 1:", "case {'version': [version, *lazy]} if version:", "case lazy.version | 'a':"])
        )
        return first + indent + " " + case + draw(suites(indent + " "))
    if kind == "decorated":
        return first + f"@version.lazy('1') # c\n{indent}def f(): " + draw(simple())
    head = draw(st.sampled_from(HEADS))
    body = first + head.partition("#")[0].rstrip() + draw(suites(indent))
    return body + draw(later(indent, "if")) if head.startswith("if") else body


@st.composite
def later(draw, indent, kind):
    """Draw the second part of `if` or `try`."""
    head = draw(st.sampled_from(LATER[kind]))
    return draw(starts(indent)) + head + draw(suites(indent)) if head else Text("")


def statements():
    return imports() | st.sampled_from(OTHERS).map(Text)


@st.composite
def imports(draw):
    """Draw an import statement from the rules, with blanks between its tokens wherever some may stand."""
    text, clauses = "", []
    depth, name, place, rule_before, kind_before = 0, "", 0, "", ""
    for rule, kind, token in tokens(draw, Name("import_stmt"), ""):
        needed = is_word(token[:1]) and (is_word(text[-1:]) or kind_before == "VERSION")
        if text and (needed or draw(st.booleans())):
            text += draw(OPEN_BLANKS if depth else BLANKS)
        if rule == "dotted_name":
            name = name + token if rule_before == rule else token
        elif rule == "version_clause" and kind == "Keyword":
            place = len(text)
        elif rule == "version_clause":
            clauses.append((name, place, token.strip(token[0]) if kind == "STRING" else token))
        depth += (token == "(") - (token == ")")
        rule_before, kind_before = rule, kind
        text += token
    return Text(text, clauses)


def is_word(character):
    return character.isalnum() or character == "_"


def tokens(draw, item, rule):
    """Return the tokens that are drawn for an item of a rule, each with its rule and kind."""
    if isinstance(item, Name) and item.name in RULES:
        # The last alternative first: hypothesis likes the first, which calls itself in a rule that does.
        options = [option.item for option in reversed(RULES[item.name])]
        return tokens(draw, draw(st.sampled_from(options)), item.name)
    if isinstance(item, Name):
        return [
            (
                rule,
                item.name,
                draw({"NAME": st.sampled_from(NAMES), "VERSION": VERSIONS, "STRING": quoted()}[item.name]),
            )
        ]
    if isinstance(item, Keyword):
        return [(rule, "Keyword", item.text)]
    if isinstance(item, Series):
        return [token for one in item.items for token in tokens(draw, one, rule)]
    if isinstance(item, Choice):
        return tokens(draw, draw(st.sampled_from(item.options)), rule)
    if isinstance(item, Maybe):
        return tokens(draw, item.item, rule) if draw(st.booleans()) else []
    if isinstance(item, Repeat):
        found = []
        for number in range(draw(st.integers(item.least, 3))):
            if number and item.separator is not None:
                found += tokens(draw, item.separator, rule)
            found += tokens(draw, item.item, rule)
        return found
    assert isinstance(item, Look)
    return []


@st.composite
def quoted(draw):
    quote = draw(st.sampled_from("'\""))
    return quote + draw(VERSIONS | st.sampled_from(STRINGS)) + quote


DAMAGE = st.sampled_from(
    [
        *" \t\f\n\\.,;:()'\"#*!+-_019vae=é²\0",
        "\r\n",
        "\\\n",
        " version ",
        "version",
        " version 1",
        " version '1'",
        "version 1 ",
        "import ",
        "from ",
        " as b",
        "lazy ",
        " 1",
        "1.2",
        '"""',
        "f'",
        "{",
        ">=1",
        "import a version 1",
        "\nimport a version 1\n",
        "if x: ",
    ]
)


@st.composite
def damaged(draw):
    """Draw a program with some characters cut out, doubled or put in, at its clauses more often than elsewhere."""
    text, _ = draw(programs())
    places = [match.start() for match in re.finditer("version|import|from", text)] or [0]
    for _ in range(draw(st.integers(1, 3))):
        near = draw(st.sampled_from(places)) + draw(st.integers(-6, 20))
        at = min(max(draw(st.sampled_from([near, near, draw(st.integers(0, len(text)))])), 0), len(text))
        cut = draw(st.sampled_from([0, 0, 1, 1, 2, 7]))
        text = text[:at] + draw(st.sampled_from([draw(DAMAGE), "", text[at : at + cut] * 2])) + text[at + cut :]
    return text
