"""Where an f-string (or t-string) ends: its fields hold code, strings and f-strings again (docs/architecture.md, D1)."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from versioned_import.syntax.regions import Skipper

# CPython 3.12+ allows 150 levels of nested f-strings; deeper text is left to its parser.
_DEEPEST = 150


def end_of_template(skipper: "Skipper", at: int, quote: str, depth: int) -> int:
    """Return the position behind an f-string (or t-string) whose text goes on at `at`, or -1."""
    source = skipper.source
    size = len(source)
    while at < size:
        character = source[at]
        if source.startswith(quote, at):
            return at + len(quote)
        if character == "\\":
            at = _behind_escape(skipper, at)
        elif source.startswith(("{{", "}}"), at):
            at += 2
        elif character == "{":
            at = _end_of_field(skipper, at + 1, quote, depth + 1)
            if at < 0:
                return -1
        elif character in "\r\n" and len(quote) == 1:
            return -1
        else:
            at += 1
    return -1


def _behind_escape(skipper: "Skipper", at: int) -> int:
    r"""Return the position behind a backslash in an f-string: `\N{...}` is a name, `\{` begins a field."""
    source = skipper.source
    if source.startswith("\\N{", at):
        closing = source.find("}", at)
        return closing + 1 if closing >= 0 else len(source)
    if source.startswith("\\\r\n", at):
        return at + 3
    return at + 1 if source.startswith("{", at + 1) else at + 2


def _end_of_field(skipper: "Skipper", at: int, quote: str, depth: int) -> int:
    """Return the position behind the `}` that ends a replacement field whose expression begins at `at`, or -1."""
    source = skipper.source
    if depth > _DEEPEST:
        return -1
    brackets = 0
    while at < len(source):
        character = source[at]
        if character in "\"'":
            at = skipper.end_of_string(at, depth + 1)
            if at < 0:
                return -1
            continue
        if character == "#":
            at = skipper.end_of_line(at)
            continue
        if character in "([{":
            brackets += 1
        elif character == "}" and not brackets:
            return at + 1
        elif character in ")]}":
            brackets -= 1
        elif character == ":" and not brackets:
            return _end_of_spec(skipper, at + 1, quote, depth)
        at += 1
    return -1


def _end_of_spec(skipper: "Skipper", at: int, quote: str, depth: int) -> int:
    """Return the position behind the `}` that ends a field whose format specification begins at `at`, or -1."""
    source = skipper.source
    while at < len(source):
        character = source[at]
        if character == "}":
            return at + 1
        if character == "{":
            at = _end_of_field(skipper, at + 1, quote, depth + 1)
            if at < 0:
                return -1
        elif character == "\\":
            at = _behind_escape(skipper, at)
        elif source.startswith(quote, at):
            return -1
        else:
            at += 1
    return -1
