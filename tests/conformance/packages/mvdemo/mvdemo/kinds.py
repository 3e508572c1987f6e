"""Things that are pickled, annotated and asked where they come from."""

from __future__ import annotations

import dataclasses
import enum
import functools
import typing
from collections import namedtuple

from mvdep.things import Thing

if typing.TYPE_CHECKING:
    from mvdep.nowhere import NotThere

VERSION = "VERSION_TEXT"


class Plain:
    NAME = "mvdemo.kinds.Plain VERSION_TEXT"

    def __init__(self, value):
        self.value = value

    class Inner:
        NAME = "mvdemo.kinds.Plain.Inner VERSION_TEXT"


class Colour(enum.Enum):
    RED = "red of VERSION_TEXT"
    GREEN = "green of VERSION_TEXT"
    BLUE = "blue of VERSION_TEXT"  # only 2.0


class Level(enum.IntFlag):
    LOW = 1
    HIGH = 2


Pair = namedtuple("Pair", ["first", "second"])  # noqa: PYI024


class Typed(typing.NamedTuple):
    first: int
    thing: Thing


class Failure(Exception):  # noqa: N818
    def __init__(self, code):
        super().__init__(code)
        self.code = code


@dataclasses.dataclass
class Record:
    shared: typing.ClassVar[int] = 1
    seed: dataclasses.InitVar[int] = 2
    number: int = 3
    thing: Thing | None = None
    label: str = "VERSION_TEXT"

    def __post_init__(self, seed):
        self.number += seed


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    thing: Thing
    label: str = "VERSION_TEXT"


def annotated(thing: Thing, record: Record, others: list[Plain]) -> Colour:
    return Colour.RED


def annotated_for_checkers(thing: NotThere) -> None:
    """Its annotation is for type checkers only."""


def function(value):
    return value, "VERSION_TEXT"


@functools.singledispatch
def dispatched(value):
    return "any"


@dispatched.register
def _(value: Thing):
    return "thing of VERSION_TEXT"
