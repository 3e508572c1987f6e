import datetime
import enum
import json
import pickle
from typing import Generic, Optional, TypeVar

import pydantic
from pydantic import BaseModel, Field, ValidationError
from shown import uses

uses(pydantic="pydantic", typing_extensions="typing_extensions")
second = pydantic.VERSION.startswith("2.")
if second:
    uses(pydantic_core="pydantic_core", annotated_types="annotated_types")


class Colour(enum.Enum):
    RED = "red"


class Inner(BaseModel):
    size: int = Field(gt=0)
    colour: Colour = Colour.RED


class Outer(BaseModel):
    when: datetime.date
    inners: list[Inner] = []
    later: Optional["Outer"] = None


Thing = TypeVar("Thing")
if second:
    GenericModel = BaseModel
else:
    from pydantic.generics import GenericModel


class Box(GenericModel, Generic[Thing]):
    thing: Thing


made = Outer(when="2024-02-29", inners=[{"size": "3"}], later={"when": "2024-03-01"})
text = made.model_dump_json() if second else made.json()
print(json.loads(text))
print(pickle.loads(pickle.dumps(made)) == made, Box[int](thing="5").thing)
try:
    Outer(when="never", inners=[{"size": 0}])
except ValidationError as error:
    print([(one["loc"], one["type"]) for one in error.errors()])
schema = Outer.model_json_schema() if second else Outer.schema()
print(json.dumps(schema, sort_keys=True))


@pydantic.dataclasses.dataclass
class Point:
    x: int
    y: float = 0.5


print(Point("3"))
if second:
    print(pydantic.TypeAdapter(dict[str, int]).validate_python({"a": "1"}))
    from pydantic import v1

    print(v1.VERSION.startswith("1."), v1.create_model("Old", a=(int, 3))())
else:
    print(pydantic.parse_obj_as(dict[str, int], {"a": "1"}))
