"""Which parts of a source text are code: a skipper over strings and comments (docs/architecture.md, D1).

What stands in the fields of f-strings is found in `templates.py`.

It jumps from one quote or `#` to the next with str.find, and never raises: where the text is no Python, it says that the
rest is not code, and Python's own parser tells the user why.
"""

_PREFIX_LETTERS = frozenset("rRbBfFuUtT")
_TEMPLATE_LETTERS = frozenset("fFtT")
_MAY_BE_TEMPLATE = frozenset("fFtTrR")


class Skipper:
    """Walks forward through one source text; `advance` must be asked for rising positions."""

    __slots__ = ("at", "comment", "double", "only_newline", "single", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.double = self.single = self.comment = -1
        """Where the next `"`, `'` and `#` stand; stale while smaller than `at`."""
        self.only_newline = "\r" not in source

    def advance(self, target: int) -> int:  # noqa: C901, PLR0912 one flat loop, for its speed
        """Return where the code that holds `target` begins (the end of the last string or comment), or -1.

        -1 says that `target` lies in a string or comment, or behind a place that can't be understood.
        """
        # One loop with local names: it decides how fast files are scanned (docs/performance.md).
        source, find, special = self.source, self.source.find, _MAY_BE_TEMPLATE
        at, double, single, comment = self.at, self.double, self.single, self.comment
        beyond, only_newline = len(source) + 1, self.only_newline
        while at <= target:
            if double < at:
                double = find('"', at)
                if double < 0:
                    double = beyond
            if single < at:
                single = find("'", at)
                if single < 0:
                    single = beyond
            if comment < at:
                comment = find("#", at)
                if comment < 0:
                    comment = beyond
            mark = double if double < single else single  # noqa: FURB136 min() is a call
            if comment < mark:
                if comment > target:
                    break
                at = find("\n", comment) if only_newline else self.end_of_line(comment)
                if at < 0:
                    at = beyond
                continue
            if mark > target:
                break
            end = find('"' if mark == double else "'", mark + 1)
            # The usual string has no prefix f, not three quotes, and no backslash before its end.
            if source[mark - 1] in special:
                at = self.end_of_string(mark, 0)
            elif mark + 1 < end and source[end - 1] != "\\":
                at = end + 1
            else:
                quote = source[mark]
                quote = quote * 3 if source.startswith(quote * 3, mark) else quote
                at = self._end_of_plain(mark + len(quote), quote)
            if at < 0:
                at = beyond
        self.at, self.double, self.single, self.comment = at, double, single, comment
        return at if at <= target else -1

    def end_of_line(self, start: int) -> int:
        """Return the position of the line break behind `start`: Python's three, not those of str.splitlines."""
        end = self.source.find("\n", start)
        if end < 0:
            end = len(self.source)
        if self.only_newline:
            return end
        carriage = self.source.find("\r", start, end)
        return end if carriage < 0 else carriage

    def end_of_string(self, start: int, depth: int) -> int:
        """Return the position behind the string whose first quote stands at `start`, or -1."""
        source = self.source
        quote = source[start]
        if source.startswith(quote * 3, start):
            quote *= 3
        body = start + len(quote)
        if self._is_template(start):
            from versioned_import.syntax.templates import end_of_template

            return end_of_template(self, body, quote, depth)
        return self._end_of_plain(body, quote)

    def _is_template(self, quote_at: int) -> bool:
        """Tell whether the string has a prefix with f or t."""
        first = quote_at
        while first and quote_at - first < 3 and self.source[first - 1] in _PREFIX_LETTERS:  # noqa: PLR2004
            first -= 1
        if first == quote_at or (first and (self.source[first - 1].isalnum() or self.source[first - 1] == "_")):
            return False
        return any(letter in _TEMPLATE_LETTERS for letter in self.source[first:quote_at])

    def _end_of_plain(self, body: int, quote: str) -> int:
        """Return the position behind a string without fields whose text begins at `body`, or -1."""
        source = self.source
        at = body
        while (end := source.find(quote, at)) >= 0:
            if not self._is_escaped(body, end):
                if len(quote) == 1 and self._breaks(body, end):
                    return -1
                return end + len(quote)
            at = end + 1
        return -1

    def _breaks(self, start: int, end: int) -> bool:
        """Tell whether a line ends between two positions without a backslash: no one-line string goes on there."""
        if self.only_newline and self.source.find("\n", start, end) < 0:
            return False
        at = self.end_of_line(start)
        while at < end:
            if not self._is_escaped(start, at):
                return True
            following = at + 2 if self.source.startswith("\r\n", at) else at + 1
            at = self.end_of_line(following)
        return False

    def _is_escaped(self, start: int, at: int) -> bool:
        """Tell whether an odd number of backslashes stands before `at`, none of them in front of `start`."""
        slashes = 0
        while at - slashes > start and self.source[at - slashes - 1] == "\\":
            slashes += 1
        return slashes % 2 == 1
