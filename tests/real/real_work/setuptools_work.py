import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import setuptools
import wheel
from shown import uses

uses(setuptools="setuptools", wheel="wheel")
PROJECT = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "made"
version = "1.2"
dependencies = ["six>=1"]
[project.scripts]
made = "made:main"
[project.entry-points."made.plugins"]
one = "made:main"
"""
with tempfile.TemporaryDirectory() as directory:
    project = Path(directory, "project")
    Path(project, "made", "deep").mkdir(parents=True)
    Path(project, "pyproject.toml").write_text(PROJECT)
    Path(project, "made", "__init__.py").write_text("def main(): return 0\n")
    Path(project, "made", "deep", "__init__.py").write_text("")
    print(sorted(setuptools.find_packages(str(project))))
    # Two children, as a front end starts them: the hooks of the build's own interface, and the old command line.
    build = "import setuptools.build_meta as b; print(b.__file__ is not None, b.build_wheel('../out'), b.build_sdist('../out'))"
    Path(directory, "out").mkdir()
    done = subprocess.run([sys.executable, "-c", build], cwd=project, capture_output=True, text=True)
    print(done.returncode, done.stdout.splitlines()[-1:] or done.stderr)
    program = "import setuptools; print(setuptools.__version__); setuptools.setup()"
    done = subprocess.run(
        [sys.executable, "-c", program, "-q", "bdist_wheel", "-d", "../out2"],
        cwd=project,
        capture_output=True,
        text=True,
    )
    print(done.returncode, done.stdout, done.stderr[-300:] if done.returncode else "")
    with zipfile.ZipFile(Path(directory, "out2", "made-1.2-py3-none-any.whl")) as archive:
        print(sorted(archive.namelist()))
        print(archive.read("made-1.2.dist-info/entry_points.txt").decode())
        print(archive.read("made-1.2.dist-info/WHEEL").decode())
    with tarfile.open(next(Path(directory).glob("out/*.tar.gz"))) as archive:
        print(sorted(archive.getnames()))
import distutils
import pkg_resources

print(distutils.__name__, pkg_resources.get_distribution("setuptools").version)
print(pkg_resources.resource_exists("setuptools", "script.tmpl"), pkg_resources.require("setuptools")[0].key)
