"""What mvdemo's own imports get: at the top, inside functions, of itself, in a circle."""

# ruff: noqa: PT017, SIM300 plain Python without pytest; NAME is no constant here

import importlib
import sys

import mvdemo
import mvdemo.core
import mvdemo.lazy
from expected import OTHER, VERSION


def check_version_of_the_package():
    assert mvdemo.__version__ == VERSION


def check_dependency_at_import():
    assert mvdemo.core.dependency_at_import() == VERSION


def check_every_name_at_import():
    wrong = {what: name for what, name in mvdemo.core.names_at_import().items() if not name.endswith(f" {VERSION}")}
    assert not wrong


def check_lazy():
    assert mvdemo.lazy.plain() == f"mvdep {VERSION}"


def check_lazy_submodule():
    assert mvdemo.lazy.submodule() == f"mvdep.sub {VERSION}"


def check_lazy_submodule_under_another_name():
    assert mvdemo.lazy.submodule_under_another_name() == f"mvdep.deep.deeper {VERSION}"


def check_lazy_name_of_submodule():
    assert mvdemo.lazy.name_of_submodule() == f"mvdep.sub {VERSION}"


def check_lazy_submodule_by_from():
    assert mvdemo.lazy.submodule_by_from() == f"mvdep.late {VERSION}"


def check_import_module():
    assert mvdemo.lazy.by_import_module() == f"mvdep.sub {VERSION}"


def check_builtin_import():
    assert mvdemo.lazy.by_builtin() == f"mvdep.sub {VERSION}"


def check_import_in_executed_text():
    assert mvdemo.lazy.by_exec() == f"mvdep.sub {VERSION}"


def check_import_of_itself():
    assert mvdemo.lazy.of_itself() == mvdemo.lazy.of_itself_relative() == f"mvdemo {VERSION}"


def check_own_submodule():
    found = {mvdemo.lazy.own_submodule(), mvdemo.lazy.own_submodule_relative()}
    assert found == {f"mvdemo.unhurried {VERSION}"}


def check_own_submodule_by_import_module():
    assert mvdemo.lazy.own_submodule_by_import_module() == f"mvdemo.unhurried {VERSION}"


def check_optional_import_that_fails():
    assert mvdemo.lazy.optional() is None


def check_this_module_in_the_module_table():
    assert mvdemo.core.this_module() is mvdemo.core is sys.modules["mvdemo.core"]


def check_this_package_in_the_module_table():
    assert mvdemo.core.this_package() is mvdemo is sys.modules["mvdemo"]


def check_circle():
    import mvdemo.ring_a

    assert mvdemo.ring_b.PARTLY
    assert mvdemo.ring_a.around() == mvdemo.ring_b.other() == f"mvdemo.ring_a {VERSION}"


def check_circle_again():
    import mvdemo.ring_b as other

    assert other is mvdemo.ring_a.ring_b is sys.modules["mvdemo.ring_b"]


def check_module_getattr():
    assert mvdemo.LATE == f"mvdemo.heavy {VERSION}"
    assert mvdemo.heavy is sys.modules["mvdemo.heavy"]


def check_module_getattr_refuses():
    assert not hasattr(mvdemo, "nothing")


def check_module_dir():
    assert dir(mvdemo) == ["NAME", "answer", "heavy"]


def check_import_for_type_checkers_only():
    import mvdemo.kinds

    assert not hasattr(mvdemo.kinds, "NotThere")
    assert "mvdep.nowhere" not in sys.modules


def check_module_of_this_version_only():
    tag = VERSION.replace(".", "_")
    assert importlib.import_module(f"mvdep.only_in_{tag}").NAME == f"mvdep.only_in_{tag} {VERSION}"
    assert getattr(mvdemo, f"only_in_{tag}")()


def check_module_of_the_other_version():
    tag = OTHER.replace(".", "_")
    assert not hasattr(mvdemo, f"only_in_{tag}")
    try:
        importlib.import_module(f"mvdep.only_in_{tag}")
    except ModuleNotFoundError as error:
        assert error.name == f"mvdep.only_in_{tag}"
    else:
        raise AssertionError


def check_reload():
    import mvdemo.unhurried
    import mvdep.sub

    for module in (mvdemo.unhurried, mvdep.sub, mvdep, mvdemo):
        name = module.NAME
        module.NAME = "changed"
        assert importlib.reload(module) is module
        assert module.NAME == name
        assert name.endswith(f" {VERSION}")


def check_loaded_anew():
    before = sys.modules.pop("mvdep.late", None)
    import mvdep.late

    assert mvdep.late is not before
    assert mvdep.late.NAME == f"mvdep.late {VERSION}"


def check_dropped_package_loaded_anew():
    dropped = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "mvdep"}
    import mvdep.sub

    try:
        assert mvdep is not dropped["mvdep"]
        assert (mvdep.NAME, mvdep.sub.NAME) == (f"mvdep {VERSION}", f"mvdep.sub {VERSION}")
    finally:
        sys.modules.update(dropped)


def check_nothing_of_the_other_version_is_loaded():
    ours = [name for name in sys.modules if name.partition(".")[0] in ("mvdemo", "mvdemo_extra", "mvdep", "mvspace")]
    names = {name: getattr(sys.modules[name], "NAME", VERSION) for name in ours}
    assert not {name: text for name, text in names.items() if OTHER in text}
