"""Objects of the chosen version: pickled, copied, annotated, dispatched."""

import copy
import dataclasses
import importlib
import pickle
import sys
import typing
import weakref

import mvdemo.kinds
import mvdep.things
from expected import VERSION
from mvdemo import kinds


def through_pickle(thing):
    results = [pickle.loads(pickle.dumps(thing, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    assert all(type(result) is type(thing) for result in results)
    return results[-1]


def check_module_of_class_and_function():
    assert (kinds.Plain.__module__, kinds.function.__module__, kinds.Colour.__module__) == ("mvdemo.kinds",) * 3
    assert mvdep.things.Thing.__module__ == "mvdep.things"


def check_names():
    assert (kinds.Plain.__name__, kinds.Plain.Inner.__qualname__) == ("Plain", "Plain.Inner")


def check_class_in_its_module():
    assert sys.modules[kinds.Plain.__module__].Plain is kinds.Plain


def check_pickle_class():
    assert pickle.loads(pickle.dumps(kinds.Plain)) is kinds.Plain
    assert pickle.loads(pickle.dumps(kinds.Plain.Inner)) is kinds.Plain.Inner


def check_pickle_instance():
    assert through_pickle(kinds.Plain([1, 2])).value == [1, 2]


def check_pickle_function():
    assert pickle.loads(pickle.dumps(kinds.function)) is kinds.function


def check_pickle_enum():
    assert through_pickle(kinds.Colour.GREEN) is kinds.Colour.GREEN
    assert through_pickle(kinds.Level.LOW | kinds.Level.HIGH) == kinds.Level(3)


def check_pickle_namedtuple():
    assert through_pickle(kinds.Pair(1, 2)) == (1, 2)
    assert through_pickle(kinds.Typed(1, kinds.Colour.RED)).thing is kinds.Colour.RED


def check_pickle_dataclass():
    assert through_pickle(kinds.Record(4)) == kinds.Record(4)
    assert through_pickle(kinds.Frozen(kinds.Colour.RED)).label == VERSION


def check_pickle_exception():
    assert through_pickle(kinds.Failure(7)).code == 7


def check_pickle_of_what_the_dependency_has():
    assert through_pickle(mvdep.things.Thing(5)).value == 5


def check_unpickle_what_is_not_loaded_yet():
    data = pickle.dumps(importlib.import_module("mvdemo.commands").plugin)
    sys.modules.pop("mvdemo.commands")
    assert pickle.loads(data)() == f"plugin of mvdemo {VERSION}"


def check_copy():
    plain = kinds.Plain([1])
    assert type(copy.copy(plain)) is type(copy.deepcopy(plain)) is kinds.Plain
    assert copy.deepcopy(plain).value is not plain.value


def check_enum_members():
    wanted = {"1.0": ["RED", "GREEN"], "2.0": ["RED", "GREEN", "BLUE"]}
    assert [one.name for one in kinds.Colour] == wanted[VERSION]
    assert kinds.Colour.RED.value == f"red of {VERSION}"


def check_type_hints_of_a_function():
    hints = typing.get_type_hints(kinds.annotated)
    assert hints == {
        "thing": mvdep.things.Thing,
        "record": kinds.Record,
        "others": list[kinds.Plain],
        "return": kinds.Colour,
    }


def check_type_hints_of_a_class():
    assert typing.get_type_hints(kinds.Frozen) == {"thing": mvdep.things.Thing, "label": str}
    assert typing.get_type_hints(kinds.Typed)["thing"] is mvdep.things.Thing


def check_type_hints_for_checkers_only():
    try:
        typing.get_type_hints(kinds.annotated_for_checkers)
    except NameError as error:
        assert error.name == "NotThere"  # noqa: PT017
    else:
        raise AssertionError


def check_dataclass_with_annotations_as_text():
    # ClassVar and InitVar are found by looking the text up in the class's module, `sys.modules[cls.__module__]`.
    assert [one.name for one in dataclasses.fields(kinds.Record)] == ["number", "thing", "label"]
    assert kinds.Record(seed=5).number == 8


def check_subclass_as_dataclass():
    @dataclasses.dataclass
    class More(kinds.Record):
        more: "kinds.Colour" = kinds.Colour.RED

    assert More(more=kinds.Colour.GREEN).label == VERSION


def check_dispatch():
    assert (kinds.dispatched(mvdep.things.Thing()), kinds.dispatched(1)) == (f"thing of {VERSION}", "any")


def check_same_class_from_everywhere():
    assert mvdemo.kinds.Thing is mvdep.things.Thing is sys.modules["mvdep.things"].Thing


def check_weak_reference_to_the_module():
    assert weakref.ref(kinds)() is kinds


def check_state_of_a_module_is_one():
    importlib.import_module("mvdep.sub").counter = 17
    assert sys.modules["mvdep.sub"].counter == 17
    del sys.modules["mvdep.sub"].counter
