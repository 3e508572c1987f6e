"""`export` with the real mypy, pyright and pip: they see what is locked, and can't harm what is installed."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path.append(str(REPOSITORY / "tests"))

from made import make_flat, make_versioned, write  # noqa: E402

pytestmark = pytest.mark.real

HASH = "ab" * 32
APP = """\
import typed, plain
from below.low import low
reveal_type(typed.answer())
reveal_type(plain.answer())
reveal_type(low())
import unlocked
"""


def run(*words, cwd=None, **environ):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("VERSIONED_IMPORT", "PYTHON"))}
    done = subprocess.run(
        [*map(str, words)], env=clean | environ, cwd=cwd, capture_output=True, text=True, timeout=600, check=False
    )
    return done.returncode, done.stdout + done.stderr


def pylock(directory, **pins):
    texts = []
    for name, version in pins.items():
        file = f"{name}-{version}-py3-none-any.whl"
        wheel = (
            f'wheels = [{{name = "{file}", url = "https://index.example/{file}", hashes = {{sha256 = "{HASH}"}}}}]\n'
        )
        texts.append(f'[[packages]]\nname = "{name.replace("_", "-")}"\nversion = "{version}"\n{wheel}')
    return write(directory / "pylock.toml", 'lock-version = "1.0"\ncreated-by = "made"\n' + "".join(texts))


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    """Return the scripts of an environment that has mypy and pyright."""
    place = tmp_path_factory.mktemp("tools") / "venv"
    venv.create(place, with_pip=True)
    status, told = run(place / "bin" / "pip", "install", "-q", "mypy", "pyright")
    assert status == 0, told
    return place / "bin"


@pytest.fixture
def project(tmp_path):
    """Return a project whose types differ between two versions of what it uses, and the function that exports it."""
    site = tmp_path / "site"
    for version, kind in (("1.0", "int"), ("2.0", "str")):
        # mypy takes two files of one size and second for the same.
        text = f"# {kind * int(version[0])}\nfrom below.low import low\ndef answer() -> {kind}:\n"
        text += f"    wrong: int = 'text'\n    return {kind}(low())\n"
        make_versioned(site, "typed", version, {"typed/__init__.py": text, "typed/py.typed": ""})
        make_versioned(site, "plain", version, {"plain/__init__.py": f"def answer():\n    return {kind}(1)\n"})
        stub = f"# {kind * int(version[0])}\ndef answer() -> {kind}: ...\n"
        make_versioned(site, "types-plain", version, {"plain-stubs/__init__.pyi": stub})
    make_versioned(
        site, "low", "1.0", {"below/low/__init__.py": "def low() -> int: return 1\n", "below/low/py.typed": ""}
    )
    make_flat(site, "unlocked", "1.0", {"unlocked/__init__.py": "X: int = 1\n", "unlocked/py.typed": ""})

    class Project:
        directory = tmp_path / "project"

        def lock(self, version):
            pylock(self.directory, typed=version, plain=version, types_plain=version, low="1.0")

        def export(self, *words):
            environ = {"VERSIONED_IMPORT_PATH": str(site), "VERSIONED_IMPORT_CACHE_DIR": str(tmp_path / "cache")}
            status, told = run(
                sys.executable, "-m", "versioned_import", "export", *words, cwd=self.directory, **environ
            )
            assert status == 0, told

    found = Project()
    write(found.directory / "app.py", APP)
    return found


def test_mypy_sees_what_is_locked(tools, project):
    for version, kind in (("1.0", "int"), ("2.0", "str"), ("1.0", "int")):
        project.lock(version)
        project.export("--mypy", "-o", "mypy.ini")
        status, told = run(tools / "mypy", "app.py", cwd=project.directory)
        assert status == 1
        assert [line.partition(" note: ")[2] for line in told.splitlines() if "Revealed" in line] == [
            f'Revealed type is "{kind}"',
            f'Revealed type is "{kind}"',
            'Revealed type is "int"',
        ]
        # Neither a mistake of the distributions' own nor a module that is not locked.
        assert 'module named "unlocked"' in told
        assert "Found 1 error in 1 file" in told


def test_pyright_sees_what_is_locked(tools, project):
    if shutil.which("node") is None:
        pytest.skip("pyright needs node")
    for version, kind in (("1.0", "int"), ("2.0", "str"), ("1.0", "int")):
        project.lock(version)
        project.export("--pyright", "-o", "pyrightconfig.json")
        status, told = run(tools / "pyright", "app.py", cwd=project.directory)
        assert status == 1
        for name, type_of_it in (("typed.answer()", kind), ("plain.answer()", kind), ("low()", "int")):
            assert f'Type of "{name}" is "{type_of_it}"' in told
        assert 'Import "unlocked" could not be resolved' in told
        assert "1 error, 0 warnings" in told


def contents(directory):
    paths = (path for path in directory.rglob("*") if "__pycache__" not in path.parts)
    return {str(path): path.read_bytes() for path in paths if path.is_file()}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return a Python that has this project, and pip, click and six as versioned directories."""
    place = tmp_path_factory.mktemp("home") / "venv"
    venv.create(place, with_pip=True)
    status, told = run(place / "bin" / "pip", "install", "-q", str(REPOSITORY))
    assert status == 0, told
    command = (place / "bin" / "pip", "install", "-q", "--allow-multiple", "pip", "click==8.1.7", "six==1.16.0")
    status, told = run(*command)
    assert status == 0, told
    return place


def test_pip_in_an_export_lists_and_changes_no_versioned_directory(installed, tmp_path):
    (site,) = (installed / "lib").glob("python*/site-packages")
    (own,) = site.glob("pip-*/pip-*.dist-info")
    pip = own.parent.name.removeprefix("pip-")
    write(tmp_path / "requirements.txt", f"click==8.1.7\nsix==1.16.0\npip=={pip}\n")
    status, told = run(
        installed / "bin" / "python",
        "-m",
        "versioned_import",
        "export",
        "--project",
        tmp_path,
        "--venv",
        tmp_path / "env",
    )
    assert status == 0, told
    before = contents(site / "click-8.1.7") | contents(site / "six-1.16.0")
    python = tmp_path / "env" / "bin" / "python"
    status, told = run(python, "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check")
    assert (status, {"click==8.1.7", "six==1.16.0"} <= set(told.split())) == (0, True)
    assert run(python, "-m", "pip", "check") == (0, "No broken requirements found.\n")
    for words in (
        ("uninstall", "-y", "click"),
        ("install", "-q", "click==8.0.4"),
        ("install", "-q", "-U", "six==1.17.0"),
    ):
        status, told = run(python, "-m", "pip", *words)
        assert status == 1
        assert "no RECORD file was found" in told
    assert contents(site / "click-8.1.7") | contents(site / "six-1.16.0") == before
    assert run(python, "-c", "import click, six; print(click.__version__, six.__version__)")[1] == "8.1.7 1.16.0\n"


def test_pip_takes_the_requirements_with_hashes(installed, tmp_path):
    write(tmp_path / "app.py", "import click version 8.1.7\nimport six version 1.16.0\n")
    python = installed / "bin" / "python"
    status, told = run(python, "-m", "versioned_import", "lock", "app.py", cwd=tmp_path)
    assert status == 0, told
    status, told = run(
        python, "-m", "versioned_import", "export", "--requirements", "-o", "requirements.txt", cwd=tmp_path
    )
    assert status == 0, told
    assert "--hash=sha256:" in (tmp_path / "requirements.txt").read_text()
    words = ("install", "--dry-run", "--ignore-installed", "--require-hashes", "-r", "requirements.txt")
    status, told = run(python, "-m", "pip", *words, cwd=tmp_path)
    assert status == 0, told
    assert "Would install click-8.1.7 six-1.16.0" in told


def test_pip_takes_the_requirements_with_members(installed, tmp_path):
    text = '[project]\nname = "member"\nversion = "1.0"\n[build-system]\nrequires = ["hatchling"]\n'
    text += 'build-backend = "hatchling.build"\n'
    write(tmp_path / "a member" / "pyproject.toml", text)
    write(tmp_path / "a member" / "member.py", "")
    lock = 'lock-version = "1.0"\ncreated-by = "made"\n[[packages]]\nname = "member"\n'
    write(tmp_path / "pylock.toml", f'{lock}directory = {{path = "a member", editable = true}}\n')
    python = installed / "bin" / "python"
    words = ("-m", "versioned_import", "export", "--requirements", "-o", "requirements.txt")
    status, told = run(python, *words, cwd=tmp_path)
    assert status == 0, told
    status, told = run(python, "-m", "pip", "install", "--dry-run", "-r", "requirements.txt", cwd=tmp_path)
    assert status == 0, told
    assert "Would install member-1.0" in told


def test_freeze_of_real_distributions_is_a_valid_lock_that_gives_the_same(installed, tmp_path):
    import tomllib

    from packaging.pylock import Pylock

    python = installed / "bin" / "python"
    app = write(tmp_path / "app.py", "# coding: versioned\nimport click version 8.1.7\nprint(click.__file__)\n")
    status, told = run(python, "-m", "versioned_import", "freeze", "-o", tmp_path / "pylock.toml", "--no-project", app)
    assert status == 0, told
    lock = Pylock.from_dict(tomllib.loads((tmp_path / "pylock.toml").read_text()))
    assert [(one.name, str(one.version)) for one in lock.packages] == [("click", "8.1.7")]
    assert run(python, "-m", "versioned_import", app) == (0, told)
