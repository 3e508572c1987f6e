"""The forms of the statement in the program's own code; those with the comment name a version where there are several."""

# ruff: noqa: PT017, SIM300 plain Python without pytest; NAME is no constant here

import sys

import mvdemo  # versioned
import mvdemo as under_another_name  # versioned
import mvdemo.heavy as submodule  # versioned
from expected import VERSION
from mvdemo import NAME, answer  # versioned
from mvdemo.heavy import NAME as HEAVY  # versioned


def check_package():
    assert mvdemo.NAME == f"mvdemo {VERSION}"
    assert mvdemo is under_another_name is sys.modules["mvdemo"]


def check_submodule():
    assert submodule.NAME == f"mvdemo.heavy {VERSION}"
    assert submodule is sys.modules["mvdemo.heavy"] is mvdemo.heavy


def check_names():
    assert (NAME, answer(), HEAVY) == (f"mvdemo {VERSION}", f"an answer of mvdemo {VERSION}", f"mvdemo.heavy {VERSION}")


def check_dotted_name_binds_the_package():
    import mvdemo.lazy  # versioned

    assert mvdemo.lazy.of_itself() == mvdemo.NAME == f"mvdemo {VERSION}"
    assert mvdemo is sys.modules["mvdemo"]


def check_from_package_import_submodule():
    from mvdemo import commands  # versioned

    assert commands is sys.modules["mvdemo.commands"]
    assert commands.plugin() == f"plugin of mvdemo {VERSION}"


def check_name_that_is_not_there():
    try:
        from mvdemo import no_such_name  # versioned
    except ImportError as error:
        assert "no_such_name" in str(error)
        assert "mvdemo" in str(error)
    else:
        raise AssertionError(no_such_name)


def check_submodule_that_is_not_there():
    try:
        import mvdemo.nothing_there  # versioned
    except ModuleNotFoundError as error:
        assert error.name == "mvdemo.nothing_there"
    else:
        raise AssertionError(mvdemo.nothing_there)


def check_star():
    import star

    assert star.STARRED == (NAME, answer())
    assert not hasattr(star, "only_in_1_0")


def check_inside_a_function_again_and_again():
    def lazily():
        import mvdemo.core  # versioned

        return mvdemo.core

    assert {id(lazily()) for _ in range(100)} == {id(sys.modules["mvdemo.core"])}


def check_inside_a_class():
    class Holder:
        import mvdemo as held  # versioned

    assert Holder.held is mvdemo


def check_single_file_module_of_the_same_distribution():
    import mvdemo_extra  # versioned

    assert (mvdemo_extra.NAME, mvdemo_extra.PACKAGE) == (f"mvdemo_extra {VERSION}", NAME)


def check_dependency_by_its_own_statement():
    import mvdep  # versioned
    from mvdep.sub import NAME as SUB  # versioned

    assert (mvdep.NAME, SUB) == (f"mvdep {VERSION}", f"mvdep.sub {VERSION}")


def check_plain_statements_get_the_same():
    import mvdemo as again
    import mvdep as plain

    assert again is mvdemo
    assert plain.NAME == f"mvdep {VERSION}"


def check_part_of_a_namespace_package():
    import mvspace.demo_part  # versioned
    from mvspace import dep_part

    assert mvspace.demo_part.NAME == f"mvspace.demo_part {VERSION}"
    assert dep_part.NAME == mvspace.demo_part.neighbour() == f"mvspace.dep_part {VERSION}"
