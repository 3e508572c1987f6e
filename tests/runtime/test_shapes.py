"""Distributions of every shape behave alike flat and as versioned directories (spec 3.7, 3.9)."""

import importlib
import importlib.metadata
import inspect
import shutil
import subprocess
import sys
import sysconfig

import pytest
from made import make_flat, make_versioned

SOURCE = """
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_native", "A native module.", -1, NULL};
PyMODINIT_FUNC PyInit__native(void) {
    PyObject *made = PyModule_Create(&module);
    if (made != NULL) PyModule_AddStringConstant(made, "VERSION", VERSION);
    return made;
}
"""
SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")
SHAPES = {
    "single file": {"demo.py": "VERSION = {version!r}\n"},
    "package": {"demo/__init__.py": "VERSION = {version!r}\n"},
    "two names": {"demo/__init__.py": "from demoed import VERSION\n", "demoed/__init__.py": "VERSION = {version!r}\n"},
    "private helper": {"demo/__init__.py": "from _demo import VERSION\n", "_demo.py": "VERSION = {version!r}\n"},
    "below a namespace": {
        "demo.py": "from far.off.demo import VERSION\n",
        "far/off/demo.py": "VERSION = {version!r}\n",
    },
}


@pytest.fixture(params=[make_flat, make_versioned], ids=["flat", "versioned"])
def make(request, site, monkeypatch):
    """Return the function that installs; the versioned directory has a flat install of another version beside it."""
    monkeypatch.syspath_prepend(str(site))

    def install(name, files, **metadata):
        written = {place: text.format(version="1.0") for place, text in files.items()}
        if request.param is make_versioned:
            make_flat(site, name, "3.0", {place: text.format(version="3.0") for place, text in files.items()})
        request.param(site, name, "1.0", written, **metadata)

    return install


@pytest.mark.parametrize("files", SHAPES.values(), ids=SHAPES)
def test_shape(execute, make, files):
    make("demo", files)
    assert execute("import demo version 1")["demo"].VERSION == "1.0"
    for place in files:
        name = place.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        assert importlib.import_module(name).__name__ == name
        assert sys.modules[name].VERSION == "1.0"
        assert "VERSION" in inspect.getsource(sys.modules[name])
    assert importlib.metadata.version("demo") == "1.0"


@pytest.mark.parametrize("name", ["attr", "attrs", "attrs.deep"])
def test_any_of_several_names_may_be_asked_for(execute, make, name):
    make("attrs", {"attr.py": "VERSION = {version!r}\n", "attrs/__init__.py": "", "attrs/deep.py": ""})
    execute(f"import {name} version 1")
    assert importlib.import_module("attr").VERSION == "1.0"


def test_two_distributions_with_the_same_helper_name(execute, site):
    """`_helper` belongs to whom its RECORD says; the other one has it as a dependency."""
    make_versioned(site, "one", "1.0", {"one.py": "import _helper\nVERSION = _helper.VERSION\n"}, requires=["helper<2"])
    make_versioned(site, "helper", "1.0", {"_helper.py": "VERSION = '1.0'\n"})
    make_versioned(site, "helper", "2.0", {"_helper.py": "VERSION = '2.0'\n"})
    assert execute("import one version 1")["one"].VERSION == "1.0"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """Return the path of a compiled module for each of two versions."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler")
    folder = tmp_path_factory.mktemp("compiled")
    (folder / "native.c").write_text(SOURCE)
    include = sysconfig.get_paths()["include"]
    found = {}
    for version in ("1.0", "2.0"):
        found[version] = folder / f"_native-{version}{SUFFIX}"
        define = f'-DVERSION="{version}"'
        command = [compiler, "-shared", "-fPIC", f"-I{include}", define, "-o", found[version], folder / "native.c"]
        subprocess.run(command, check=True, capture_output=True)
    return found


def put(path, compiled, version):
    shutil.copy(compiled[version], path / f"_native{SUFFIX}")


class TestExtensionModuleAlone:
    """In processes of their own: an extension module can't be unloaded."""

    PROGRAM = "import _native version {}\nprint(_native.VERSION, _native.__name__, _native.__file__)"

    def test_versioned(self, children, site, compiled):
        for version in ("1.0", "2.0"):
            record = f"_native{SUFFIX},,\nnative-{version}.dist-info/METADATA,,\n"
            put(make_versioned(site, "native", version, {}, record=record), compiled, version)
        for version in ("1.0", "2.0"):
            file = site / f"native-{version}" / f"_native{SUFFIX}"
            assert children.output(self.PROGRAM.format(version)) == f"{version} _native {file}"

    def test_flat(self, children, site, compiled):
        make_flat(site, "native", "2.0", {}, record=f"_native{SUFFIX},,\n")
        put(site, compiled, "2.0")
        assert children.output(self.PROGRAM.format(2)) == f"2.0 _native {site / f'_native{SUFFIX}'}"
        assert "native 2.0 does not match" in children.run(self.PROGRAM.format(1)).stderr

    def test_versioned_beside_a_flat_one_that_is_on_the_path(self, children, site, compiled):
        make_flat(site, "native", "2.0", {}, record=f"_native{SUFFIX},,\n")
        put(site, compiled, "2.0")
        put(make_versioned(site, "native", "1.0", {}, record=f"_native{SUFFIX},,\n"), compiled, "1.0")
        environ = {"PYTHONPATH": str(site)}
        text = self.PROGRAM.format(1)
        assert children.output(text, environ=environ).startswith("1.0 _native ")
        assert children.output("import _native\nprint(_native.VERSION)", environ=environ) == "2.0"
