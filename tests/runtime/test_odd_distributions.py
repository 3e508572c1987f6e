"""Distributions whose code imports in unusual ways."""

from made import make_flat, make_versioned

# As OpenCV does: the package makes room for a module of its own name, which stands in a folder of the package.
AGAIN = """
import importlib, os, sys
sys.path.insert(1, os.path.join(os.path.dirname(__file__), "inner"))
own = sys.modules.pop(__name__)
native = importlib.import_module(__name__)
sys.modules[__name__] = own
del sys.path[1]
VERSION = native.VERSION
"""
MYPYC = "85cae5375ceb5d1ca6c6__mypyc"


def test_a_package_that_imports_its_own_name_once_more_from_a_folder_of_its_own(site, execute):
    for version in ("1.0", "2.0"):
        files = {"again/__init__.py": AGAIN, "again/inner/again.py": f"VERSION = {version!r}\n"}
        make_versioned(site, "again", version, files)
    again = execute("import again version 1")["again"]
    assert again.VERSION == "1.0"
    assert again.__file__ == str(site / "again-1.0" / "again" / "__init__.py")


def test_the_library_of_modules_that_mypyc_compiled(site, execute):
    files = {"compiled.py": f"import importlib\nVERSION = importlib.import_module({MYPYC!r}).VERSION\n"}
    for version in ("1.0", "2.0"):
        make_versioned(site, "compiled", version, {**files, f"{MYPYC}.py": f"VERSION = {version!r}\n"})
    make_flat(site, "compiled", "3.0", {**files, f"{MYPYC}.py": "VERSION = '3.0'\n"})
    assert execute("import compiled version 1")["compiled"].VERSION == "1.0"


def test_what_the_start_up_file_of_setuptools_has_loaded_does_not_decide(site, children):
    for version, make in (("65.5.0", make_flat), ("75.3.0", make_versioned)):
        files = {"setuptools/__init__.py": f"__version__ = {version!r}\n", "_distutils_hack/__init__.py": ""}
        make(site, "setuptools", version, files)
    start = f"import sys\nsys.path.insert(1, {str(site)!r})\nimport _distutils_hack\n"
    program = f"{start}import setuptools version 75\nprint(setuptools.__version__)"
    assert children.output(program) == "75.3.0"
    assert children.output(program) == "75.3.0"  # the second time from the memo
