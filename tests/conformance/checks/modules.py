"""What a module says of itself, and what the libraries that look at modules and sources make of it."""

import doctest
import importlib.util
import inspect
import io
import linecache
import logging
import pydoc
import runpy
import sys
import traceback
import unittest.mock
import warnings
from contextlib import redirect_stdout
from pathlib import Path

import mvdemo
import mvdemo.core
import mvdemo.kinds
import mvdemo.lazy
import mvdemo.speaks
import mvdemo.tested
import mvdep.sub
from expected import VERSION


def check_name():
    assert (mvdemo.__name__, mvdemo.core.__name__, mvdep.sub.__name__) == ("mvdemo", "mvdemo.core", "mvdep.sub")


def check_package():
    assert (mvdemo.__package__, mvdemo.core.__package__) == ("mvdemo", "mvdemo")


def check_file():
    assert all(VERSION in Path(one.__file__).read_text(encoding="utf-8") for one in (mvdemo, mvdemo.core, mvdep.sub))
    assert all(type(one.__file__) is str for one in (mvdemo, mvdemo.core, mvdep.sub))


def check_path():
    assert list(mvdemo.__path__) == [str(Path(mvdemo.__file__).parent)]


def check_spec():
    for module in (mvdemo, mvdemo.core, mvdep.sub):
        assert (module.__spec__.name, module.__spec__.origin) == (module.__name__, module.__file__)
        assert module.__spec__.loader is module.__loader__
        assert module.__spec__.loader.name == module.__name__
        assert module.__spec__.cached == module.__cached__


def check_find_spec():
    for name in ("mvdemo", "mvdemo.core", "mvdep", "mvdep.sub", "mvdemo_extra"):
        module = importlib.import_module(name)
        assert importlib.util.find_spec(name).origin == module.__file__


def check_module_from_spec():
    spec = importlib.util.spec_from_file_location("another_name", mvdemo.kinds.__file__)
    module = importlib.util.module_from_spec(spec)
    sys.modules["another_name"] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules["another_name"]
    assert (module.VERSION, module.Thing) == (VERSION, mvdemo.kinds.Thing)


def check_repr():
    assert repr(mvdemo).startswith("<module 'mvdemo' from ")
    assert mvdemo.__file__ in repr(mvdemo)


def check_getsource_of_a_function():
    assert f"text of {VERSION}" in inspect.getsource(mvdemo.core.source_of_this)


def check_getsource_of_a_class():
    assert f"mvdemo.kinds.Plain {VERSION}" in inspect.getsource(mvdemo.kinds.Plain)


def check_getsource_of_a_module():
    assert inspect.getsource(mvdep.sub) == Path(mvdep.sub.__file__).read_text(encoding="utf-8")


def check_getsourcelines():
    lines, number = inspect.getsourcelines(mvdemo.core.source_of_this)
    assert Path(mvdemo.core.__file__).read_text(encoding="utf-8").split("\n")[number - 1] + "\n" == lines[0]


def check_getfile_and_getmodule():
    assert inspect.getfile(mvdemo.kinds.Plain) == inspect.getsourcefile(mvdemo.kinds.Plain) == mvdemo.kinds.__file__
    assert inspect.getmodule(mvdemo.kinds.Plain) is mvdemo.kinds
    assert inspect.getmodule(mvdemo.core.source_of_this.__code__) is mvdemo.core


def check_traceback():
    try:
        mvdemo.speaks.fail()
    except ValueError:
        assert f"# the line of {VERSION}" in traceback.format_exc()


def check_linecache():
    assert VERSION in linecache.getline(mvdep.sub.__file__, 3)


def check_pydoc():
    text = pydoc.plain(pydoc.render_doc("mvdemo.kinds.Record"))
    assert f"label: 'str' = '{VERSION}'" in text
    assert pydoc.locate("mvdep.sub.NAME") == f"mvdep.sub {VERSION}"


def check_warning():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mvdemo.speaks.warn()
    assert (str(caught[0].message), caught[0].filename) == (f"a warning of {VERSION}", mvdemo.speaks.__file__)


def check_warning_for_the_caller():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        mvdemo.speaks.warn_the_caller()
    assert Path(caught[0].filename).samefile(__file__)


def check_warning_filter_by_module():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", module=r"mvdemo\.speaks")
        mvdemo.speaks.warn()
    assert not caught


def check_logging():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(name)s %(module)s %(funcName)s %(message)s %(pathname)s"))
    mvdemo.speaks.LOGGER.addHandler(handler)
    try:
        mvdemo.speaks.log()
    finally:
        mvdemo.speaks.LOGGER.removeHandler(handler)
    assert stream.getvalue() == f"mvdemo.speaks speaks log a record of {VERSION} {mvdemo.speaks.__file__}\n"


def check_doctest():
    result = doctest.testmod(mvdemo.tested, raise_on_error=True)
    assert (result.failed, result.attempted) == (0, 5)


def check_mock_patch():
    with unittest.mock.patch("mvdep.sub.NAME", "patched"):
        assert mvdemo.lazy.submodule() == "patched"
    with unittest.mock.patch("mvdemo.lazy.plain", return_value="patched"):
        assert mvdemo.lazy.plain() == "patched"
    assert mvdemo.lazy.submodule() == f"mvdep.sub {VERSION}"


def check_mock_patch_of_a_module_in_the_table():
    with unittest.mock.patch.dict(sys.modules, {"mvdep.sub": None}):
        try:
            mvdemo.lazy.name_of_submodule()
        except ImportError as error:
            assert "None in sys.modules" in str(error)  # noqa: PT017
        else:
            raise AssertionError
    assert mvdemo.lazy.name_of_submodule() == f"mvdep.sub {VERSION}"


def check_run_package():
    out = io.StringIO()
    with redirect_stdout(out):
        runpy.run_module("mvdemo", run_name="__main__", alter_sys=True)
    assert out.getvalue() == f"mvdemo {VERSION}, mvdep {VERSION}, {VERSION}\n"


def check_run_module():
    names = runpy.run_module("mvdep.late")
    assert names["NAME"] == f"mvdep.late {VERSION}"


def check_run_path():
    assert runpy.run_path(mvdep.sub.__file__)["NAME"] == f"mvdep.sub {VERSION}"
