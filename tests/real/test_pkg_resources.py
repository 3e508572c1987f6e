"""setuptools' `pkg_resources` and the backport `importlib_metadata`, several releases of each, see the chosen version."""

import os
import subprocess
import sys

import pytest
from child_processes import Children
from made import make_flat, make_versioned, write

pytestmark = pytest.mark.real

SETUPTOOLS = ["65.5.1", "67.8.0", "68.2.2", "75.8.0", "81.0.0"] + ["58.0.4"] * (sys.version_info < (3, 12))
BACKPORTS = ["1.7.0", "3.10.1", "4.13.0", "6.11.0", "8.0.0", "8.7.0"]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory):
    """Return a function that unpacks a release of a project into a directory, once."""
    directory = tmp_path_factory.mktemp("releases")

    def unpacked(requirement, place):
        source = directory / requirement.replace("==", "-")
        if not source.is_dir():
            pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--target", str(source)]
            subprocess.run([*pip, requirement], check=True, capture_output=True)
        place.mkdir(exist_ok=True)
        for path in source.iterdir():
            os.symlink(path, place / path.name)

    return unpacked


@pytest.fixture
def started(tmp_path, site):
    """Return a starter of programs in which `site` is on `sys.path`, in front of this interpreter's own."""
    children = Children(tmp_path, [site])
    children.environ |= {"PYTHONPATH": str(site), "PYTHONWARNINGS": "ignore"}
    return children


@pytest.fixture(autouse=True)
def _installed(site):
    for version in ("1.0", "2.0"):
        files = {"demo/__init__.py": f"VERSION = {version!r}\n", "demo/data.txt": f"data of {version}\n"}
        path = make_versioned(site, "Demo_Dist", version, files, requires=["dep<2"])
        write(
            path / f"Demo_Dist-{version}.dist-info" / "entry_points.txt",
            f"[plugins]\nplug{version[0]} = demo:VERSION\n",
        )
        make_versioned(site, "dep", version, requires_python=">=3")
    make_versioned(site, "broken", "1.0", {"broken.py": "1 / 0\n"}, requires=["dep==2.0"])
    info = make_flat(site, "demo.dist", "3.0", {"demo/__init__.py": "VERSION = '3.0'\n", "demo/data.txt": "flat\n"})
    write(info / "entry_points.txt", "[plugins]\nplug3 = demo:VERSION\n")
    info.rename(site / "demo.dist-3.0.dist-info")  # as wheels were called once, and so another key of pkg_resources
    make_flat(site, "other", "5.0")


LOOK = """
def look():
    # Releases before 65.4 find no name by another spelling than its own.
    key = "demo.dist" if "demo.dist" in pkg_resources.working_set.by_key else "demo-dist"
    print(pkg_resources.get_distribution(key).version)
    listed = [str(one) for one in pkg_resources.working_set if one.key.replace(".", "-") in ("demo-dist", "dep", "other")]
    print(*sorted(listed))
    print(*[one.name for one in pkg_resources.iter_entry_points("plugins")])
"""

CHOSEN = """\
1.0
Demo-Dist 1.0 dep 1.0 other 5.0
plug1
1.0
Demo-Dist 1.0 dep 1.0
data of 1.0
data of 1.0
1.0
True
"""

ASK = """
look()
print(pkg_resources.iter_entry_points("plugins").__next__().load())
print(*[str(one) for one in pkg_resources.require("demo-dist>=1")])
print(open(pkg_resources.resource_filename("demo", "data.txt")).read(), end="")
print(pkg_resources.resource_string(pkg_resources.Requirement.parse("demo-dist"), "demo/data.txt").decode(), end="")
print(pkg_resources.require("demo-dist==1.0")[0].version)
import sys
print(not any("demo-dist-1.0" in entry for entry in sys.path))
"""


@pytest.mark.parametrize("version", SETUPTOOLS)
class TestPkgResources:
    @pytest.fixture
    def flat(self, wheels, site, version):
        wheels(f"setuptools=={version}", site)

    def test_imported_before_the_selection(self, flat, started):
        text = f"import pkg_resources{LOOK}import demo version 1\n{ASK}"
        assert started.output(text) == CHOSEN.strip()

    def test_imported_after_the_selection(self, flat, started):
        text = f"import demo version 1\nimport pkg_resources{LOOK}{ASK}"
        assert started.output(text) == CHOSEN.strip()

    def test_versioned_itself(self, wheels, site, started, version):
        wheels(f"setuptools=={version}", site / f"setuptools-{version}")
        text = f"import demo version 1\nimport pkg_resources version {version}{LOOK}{ASK}print(pkg_resources.__file__)"
        assert started.output(text) == f"{CHOSEN}{site}/setuptools-{version}/pkg_resources/__init__.py"

    def test_version_of_setuptools_itself(self, wheels, site, started, version):
        wheels(f"setuptools=={version}", site / f"setuptools-{version}")
        assert started.output(f"import setuptools version {version}\nprint(setuptools.__version__)") == version

    def test_conflict_is_said_as_by_a_flat_install(self, flat, started):
        text = """
            import demo version 1
            import pkg_resources
            try:
                pkg_resources.require("demo-dist>=2")
            except pkg_resources.VersionConflict as error:
                print(error.dist.version)
        """
        assert started.output(text) == "1.0"

    def test_what_is_taken_back(self, flat, started):
        text = f"""
import pkg_resources{LOOK}
look()
before = list(pkg_resources.working_set.entries)
try:
    import broken version 1
except ZeroDivisionError:
    pass
print(pkg_resources.working_set.by_key.get("dep"), pkg_resources.working_set.by_key.get("broken"))
look()
print(before == pkg_resources.working_set.entries)
import demo version 1
print(pkg_resources.get_distribution("dep").version)
"""
        unchanged = "3.0\ndemo.dist 3.0 other 5.0\nplug3\n"
        assert started.output(text) == f"{unchanged}None None\n{unchanged}True\n1.0"


BACKPORT = """
import importlib.metadata as standard
{first}
import importlib_metadata as backport
{then}
for asked in standard, backport:
    print(asked.version("demo-dist"), asked.version("Demo.dist"), asked.version("dep"), asked.version("other"))
    found = [(one.metadata["Name"], one.version) for one in asked.distributions()]
    print(*sorted(map(str, [one for one in found if one[0].lower() in ("demo_dist", "demo.dist", "dep", "other")])))
    print(*[one.name for one in asked.entry_points().select(group="plugins")] if {selectable} else ["plug1"])
    print([asked.files("demo-dist")[1].read_text(), asked.requires("demo-dist")])
    print(len(list(asked.distributions(path=[{site!r}], name="other"))))
    print(isinstance(asked.distribution("demo-dist"), asked.Distribution))
"""


@pytest.mark.parametrize("version", BACKPORTS)
@pytest.mark.parametrize("order", ["before", "after"])
def test_backport_of_importlib_metadata(wheels, site, started, version, order):
    wheels(f"importlib_metadata=={version}", site)
    wheels("zipp==3.19.2", site)
    wheels("typing_extensions==4.12.2", site)
    statement = "import demo version 1"
    first, then = (statement, "") if order == "before" else ("", statement)
    selectable = int(version.partition(".")[0]) >= 4
    program = BACKPORT.format(first=first, then=then, site=str(site), selectable=selectable)
    seen = [
        "1.0 1.0 1.0 5.0",
        "('Demo_Dist', '1.0') ('dep', '1.0') ('other', '5.0')",
        "plug1",
        "['data of 1.0\\n', ['dep<2']]",
        "1",
        "True",
    ]
    assert started.output(program).split("\n") == seen * 2
