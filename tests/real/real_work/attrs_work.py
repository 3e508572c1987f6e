import pickle
from typing import Optional, get_type_hints

import attr
import attrs
from shown import uses

uses(attr="attrs")


@attr.s(auto_attribs=True, slots=True, order=True)
class Point:
    x: int = attr.ib(converter=int, validator=attr.validators.instance_of(int))
    y: float = 0.5


@attrs.define
class Line:
    begin: "Point"
    end: Optional["Point"] = None
    names: list = attrs.field(factory=list, metadata={"kept": True})


@attrs.frozen(kw_only=True)
class Fixed:
    name: str = attrs.field(validator=attrs.validators.matches_re("[a-z]+"))


line = Line(Point("3"), names=["a"])
print(line, attr.asdict(line), pickle.loads(pickle.dumps(line)) == line, Point(1) < Point(2))
print(attr.evolve(line, end=Point(4)), attr.fields(Line).names.metadata["kept"])
for wrong in (lambda: Point([]), lambda: Fixed(name="A"), lambda: setattr(Fixed(name="a"), "name", "b")):
    try:
        wrong()
    except Exception as error:
        print(type(error).__module__, type(error).__name__)
attr.resolve_types(Line)
print(attr.fields(Line).begin.type is Point, get_type_hints(Line)["end"], attr.make_class("Made", ["a", "b"])(1, 2))
print(attr.__version_info__ >= (21, 1))
