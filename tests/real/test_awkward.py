"""Wheels that hold more than a package of their own name: installed by one command, then each imported and used."""

import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path.append(str(REPOSITORY / "tests" / "install"))

from wheels import record_problems, versioned_directories  # noqa: E402

pytestmark = pytest.mark.real

REQUIREMENTS = """
    PyYAML==6.0.1 PyYAML==6.0.2 Pillow==10.4.0 Pillow==11.0.0 protobuf==3.20.3 protobuf==4.25.5 google-api-core==2.11.1
    zope.interface==6.4 zope.interface==7.1.1 attrs==19.3.0 attrs==24.2.0 matplotlib==3.9.2
    opencv-python-headless==4.10.0.84 cffi==1.16.0 cffi==1.17.1 black==24.1.0 jupyter-core==5.7.2 six==1.15.0
    six==1.16.0 setuptools==68.2.2 setuptools==75.3.0 greenlet==3.1.1 ruff==0.4.0 ipykernel==6.29.5
"""

# The versioned directory, the statements of a program, what it prints, and the text that is expected.
USES = [
    ("pyyaml-6.0.1", "import yaml version 6.0.1", "yaml.__version__, yaml.load('[1]', yaml.CSafeLoader)", "6.0.1 [1]"),
    ("pyyaml-6.0.2", "import yaml version 6.0.2", "yaml.__version__, yaml.load('[1]', yaml.CSafeLoader)", "6.0.2 [1]"),
    ("pyyaml-6.0.2", 'import _yaml version "PyYAML>=6.0.2"', "_yaml.yaml.__version__", "6.0.2"),
    ("pillow-10.4.0", "from PIL version 10 import Image", "Image.__version__, Image.new('L', (2, 3)).size", "10.4.0 (2, 3)"),
    ("pillow-11.0.0", "import PIL.Image version 11 as i", "i.__version__, i.new('L', (2, 3)).size", "11.0.0 (2, 3)"),
    (
        "protobuf-3.20.3",
        "from google.protobuf version 3.20.3 import struct_pb2, __version__ as v",
        "v, struct_pb2.Value(number_value=2.5).number_value",
        "3.20.3 2.5",
    ),
    (
        "protobuf-4.25.5",
        "from google.protobuf version 4.25 import struct_pb2, __version__ as v",
        "v, struct_pb2.Value(number_value=2.5).number_value",
        "4.25.5 2.5",
    ),
    (
        "google-api-core-2.11.1",
        "import google.api_core.retry version 2.11\nimport google.rpc.status_pb2",
        "google.api_core.__version__, google.rpc.status_pb2.Status(code=5).code, google.api_core.retry.Retry().deadline",
        "2.11.1 5 120.0",
    ),
    (
        "zope-interface-6.4",
        "from zope.interface version 6 import Interface, _zope_interface_coptimizations as c",
        "Interface.__name__, c.__file__.count('zope-interface-6.4/')",
        "Interface 1",
    ),
    ("zope-interface-7.1.1", "import zope.interface version 7", "zope.interface.Interface.__name__", "Interface"),
    ("attrs-19.3.0", "import attr version 19.3", "attr.__version__, attr.make_class('C', ['x'])(1).x", "19.3.0 1"),
    (
        "attrs-24.2.0",
        "from attrs version 24.2 import define, asdict\nimport attr\n@define\nclass C:\n    x: int",
        "asdict(C(1))['x'], attr.__version__",
        "1 24.2.0",
    ),
    (
        "matplotlib-3.9.2",
        "import matplotlib version 3.9\nmatplotlib.use('agg')\nfrom mpl_toolkits import mplot3d\nimport pylab",
        "matplotlib.__version__, mplot3d.Axes3D.name, len(pylab.plot([1, 2]))",
        "3.9.2 3d 1",
    ),
    ("matplotlib-3.9.2", "import mpl_toolkits.mplot3d version 3.9 as m", "m.Axes3D.name", "3d"),
    ("matplotlib-3.9.2", "import pylab version 3.9\npylab.switch_backend('agg')", "len(pylab.plot([1]))", "1"),
    (
        "opencv-python-headless-4.10.0.84",
        'import cv2 version "opencv-python-headless==4.10.0.84"\nimport numpy',
        "cv2.__version__, cv2.flip(numpy.array([[1, 2]], 'uint8'), 1).tolist()",
        "4.10.0 [[2, 1]]",
    ),
    ("cffi-1.16.0", "import cffi version 1.16", "cffi.__version__, cffi.FFI().sizeof('char[3]')", "1.16.0 3"),
    ("cffi-1.17.1", "import _cffi_backend version 1.17", "_cffi_backend.__version__", "1.17.1"),
    (
        "black-24.1.0",
        "import black version 24.1.0",
        "black.__version__, black.format_str('x=1', mode=black.Mode()).strip(), black.__file__.endswith('.so')",
        "24.1.0 x = 1 True",
    ),
    ("black-24.1.0", "import blib2to3 version 24.1.0", "blib2to3.__name__", "blib2to3"),
    ("jupyter-core-5.7.2", "import jupyter_core version 5.7", "jupyter_core.__version__", "5.7.2"),
    ("jupyter-core-5.7.2", "import jupyter version 5.7", "jupyter.__name__", "jupyter"),
    ("six-1.15.0", "import six version 1.15\nfrom six.moves import StringIO", "six.__version__", "1.15.0"),
    ("six-1.16.0", "import six.moves.urllib.parse version 1.16 as p", "p.quote('a b')", "a%20b"),
    (
        "setuptools-68.2.2",
        "import setuptools version 68.2\nfrom importlib.metadata import version",
        "setuptools.find_packages('.'), version('setuptools')",
        "[] 68.2.2",
    ),
    ("setuptools-68.2.2", "import pkg_resources version 68.2", "pkg_resources.parse_version('1.0')", "1.0"),
    ("setuptools-75.3.0", "import setuptools version 75.3", "setuptools.__version__", "75.3.0"),
    ("greenlet-3.1.1", "import greenlet version 3.1.1", "greenlet.__version__, greenlet.greenlet(abs).switch(-3)", "3.1.1 3"),
    ("ruff-0.4.0", "import ruff version 0.4.0", "ruff.__name__", "ruff"),
    ("ipykernel-6.29.5", "import ipykernel version 6.29", "ipykernel.__version__", "6.29.5"),
    ("ipykernel-6.29.5", "import ipykernel.connect version 6.29 as c", "c.get_connection_info.__name__", "get_connection_info"),
]  # fmt: skip

LOADED = """
import sys
files = [str(getattr(module, "__file__", None)) for module in list(sys.modules.values())]
places = {file.partition("site-packages/")[2].partition("/")[0] for file in files}
print(*sorted(place for place in places if "-" in place), sep="\\n")
"""


class Environment:
    def __init__(self, directory):
        venv.create(directory, with_pip=True)
        self.python = str(directory / "bin" / "python")
        self.site = next((directory / "lib").glob("python*/site-packages"))
        self.directory = directory
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV"))}
        self.environ = variables | {"VERSIONED_IMPORT_CACHE_DIR": str(directory / "cache")}
        self.run("-m", "pip", "install", "-q", str(REPOSITORY))
        self.installed = self.run(
            "-m", "versioned_import", "pip", "install", "--allow-multiple", "--no-compile", *REQUIREMENTS.split()
        )

    def run(self, *arguments):
        done = subprocess.run(
            [self.python, *arguments], env=self.environ, capture_output=True, text=True, check=False, cwd=self.directory
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("awkward") / "venv")


def test_one_command_installs_them_all(environment):
    directories = {
        f"{re.sub(r'[._]', '-', name).lower()}-{version}" for name, version in map(split, REQUIREMENTS.split())
    }
    assert directories <= set(versioned_directories(environment.site))
    assert record_problems(environment.site) == []


def split(requirement):
    name, _, version = requirement.partition("==")
    return name, version


@pytest.mark.parametrize(("directory", "statements", "shown", "expected"), USES, ids=[use[1] for use in USES])
def test_its_import_name_resolves_and_works(environment, directory, statements, shown, expected):
    program = environment.directory / "program.py"
    program.write_text(f"{statements}\nprint({shown})\n{LOADED}")
    done = environment.run("-W", "ignore", "-m", "versioned_import", str(program))
    first, *loaded = done.stdout.splitlines()
    assert first == expected
    # Whatever was loaded, no second version of it was.
    names = [place.rpartition("-")[0] for place in loaded]
    assert directory in loaded
    assert len(set(names)) == len(names)


NOTICES = [
    "setuptools 68.2.2: distutils-precedence.pth is kept, but never run from a versioned directory",
    "ipykernel 6.29.5: 4 data files kept in ipykernel-6.29.5.data/data/, not in sys.prefix (such as share/jupyter/",
    "protobuf 3.20.3: protobuf-3.20.3-nspkg.pth is kept, but never run from a versioned directory",
]


@pytest.mark.parametrize("notice", NOTICES)
def test_what_loses_its_meaning_is_said(environment, notice):
    assert notice in environment.installed.stderr


def test_headers_and_binary_scripts_stand_where_their_wheels_have_them(environment):
    site = environment.site
    assert (site / "greenlet-3.1.1" / "greenlet-3.1.1.data" / "headers" / "greenlet.h").is_file()
    ruff = site / "ruff-0.4.0" / "ruff-0.4.0.data" / "scripts" / "ruff"
    assert subprocess.run([ruff, "--version"], capture_output=True, text=True, check=True).stdout == "ruff 0.4.0\n"


def test_console_scripts_of_a_version_are_no_files_of_its_directory(environment):
    data = environment.site / "black-24.1.0"
    assert not list(data.glob("*.data"))
    assert not (data / "bin").exists()
    assert (environment.directory / "bin" / "black-24.1.0").is_file()
