"""`--engine uv` beside pip's engine, each with the real tool: what lands must be the same."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
sys.path.append(str(REPOSITORY / "tests" / "install"))

from wheels import build, record_hash, record_problems, record_rows, versioned_directories  # noqa: E402

pytestmark = pytest.mark.real

PROGRAM = "import sys; from versioned_import.cli.pip import side_by_side; sys.exit(side_by_side(sys.argv[1:]))"


class Environment:
    """A virtual environment that can import versioned_import, with or without uv."""

    def __init__(self, directory, *requirements):
        venv.create(directory, with_pip=True)
        self.python = str(directory / "bin" / "python")
        self.site = next((directory / "lib").glob("python*/site-packages"))
        variables = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
        self.environ = variables | {"PYTHONPATH": str(REPOSITORY), "PATH": f"{directory / 'bin'}{os.pathsep}/usr/bin"}
        needs = ("filelock", "packaging>=26.1", "resolvelib", "rich", "tomli_w", *requirements)
        subprocess.run([self.python, "-m", "pip", "install", "-q", *needs], check=True, capture_output=True)

    def run(self, *arguments, **environ):
        command = [self.python, "-c", PROGRAM, "install", "--allow-multiple", *map(str, arguments)]
        return subprocess.run(command, env=self.environ | environ, capture_output=True, text=True, check=False)

    def install(self, *arguments, **environ):
        done = self.run(*arguments, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        assert record_problems(self.site) == []
        assert not list(self.site.glob(".versioned_import/stage-*"))
        return done


@pytest.fixture(scope="module")
def with_uv(tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("uv") / "venv", "uv")


@pytest.fixture(scope="module")
def with_pip(tmp_path_factory):
    return Environment(tmp_path_factory.mktemp("pip") / "venv")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    directory = tmp_path_factory.mktemp("wheels")
    for version in ("1.0", "2.0"):
        build(directory, "base", version)
    build(directory, "old", "1.0", requires=["base<2"])
    build(directory, "new", "1.0", requires=["base>=2"], scripts={"do-new": "new:main"})
    files = {
        "parts/__init__.py": "",
        "parts.pth": "import parts",
        "parts-1.0.data/scripts/tool": "#!python\nprint('tool')\n",
        "parts-1.0.data/headers/parts.h": "",
        "parts-1.0.data/data/share/parts.txt": "text",
        "parts-1.0.data/data/lib/libparts.so": "library",
    }
    build(directory, "parts", "1.0", files, scripts={"parts": "parts:main"})
    for name in ("first", "second"):
        build(directory, name, "1.0", {"common/__init__.py": f"WHO = {name!r}\n", f"{name}.py": ""})
    return directory


def rows(directory):
    """Return the RECORD without what tells the installers apart; a shebang names the environment."""
    of_the_installer = (".dist-info/INSTALLER", ".dist-info/WHEEL", ".dist-info/direct_url.json")
    return sorted(
        (path, "", "") if path.endswith(of_the_installer) or ".data/scripts/" in path else (path, *rest)
        for path, *rest in record_rows(directory)
    )


def groups(done):
    """Return what was said about the groups."""
    return [line for line in done.stdout.splitlines() if line.startswith(("group", "  "))]


def notices(done):
    """Return our own warnings: pip has more of its own."""
    return sorted(line for line in done.stderr.splitlines() if line.startswith("warning: "))


def locks(site):
    """Return the locks of the groups without what depends on the directory of the environment."""
    return {path.name: path.read_text() for path in site.glob(".versioned_import/groups/*")}


@pytest.mark.parametrize(
    "requirements",
    [
        ["requests==2.22.0", "requests==2.32.2", "click", "urllib3>=2"],
        ["ruff==0.4.0", "ipykernel", "greenlet", "docopt==0.6.2"],
    ],
)
def test_real_distributions_land_as_by_pip(with_uv, with_pip, requirements):
    by_uv = with_uv.install("--engine", "uv", *requirements)
    by_pip = with_pip.install("--engine", "pip", *requirements)
    assert groups(by_uv) == groups(by_pip)
    assert notices(by_uv) == notices(by_pip)
    names = versioned_directories(with_pip.site)
    assert versioned_directories(with_uv.site) == names
    for name in names:
        if name != "docopt-0.6.2":  # a built wheel has its builder's own WHEEL and license files
            assert rows(with_uv.site / name) == rows(with_pip.site / name), name
    assert locks(with_uv.site) == locks(with_pip.site)


def test_made_wheels_land_as_by_pip_in_the_same_groups(with_uv, with_pip, wheels):
    requirements = ("--no-index", "--find-links", wheels, "old", "new", "first", "second")
    assert groups(with_uv.install("--engine=uv", *requirements)) == groups(with_pip.install(*requirements))
    names = ["base-1.0", "base-2.0", "first-1.0", "new-1.0", "old-1.0", "second-1.0"]
    assert set(names) <= set(versioned_directories(with_uv.site))
    for name in names:
        assert rows(with_uv.site / name) == rows(with_pip.site / name)
        requested = (with_uv.site / name / f"{name}.dist-info" / "REQUESTED").exists()
        assert requested is (not name.startswith("base"))
    assert "first" in (with_uv.site / "first-1.0" / "common" / "__init__.py").read_text()


def test_what_is_no_module_stands_where_the_wheel_has_it(with_uv, wheels):
    done = with_uv.install("--engine=uv", "--no-index", "--find-links", wheels, "parts")
    directory = with_uv.site / "parts-1.0"
    data = directory / "parts-1.0.data"
    assert sorted(str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()) == [
        "data/lib/libparts.so",
        "data/share/parts.txt",
        "headers/parts.h",
        "scripts/tool",
    ]
    assert subprocess.run([data / "scripts" / "tool"], capture_output=True, text=True, check=True).stdout == "tool\n"
    assert done.stderr.splitlines() == [
        "warning: parts 1.0: parts.pth is kept, but never run from a versioned directory",
        "warning: parts 1.0: 2 data files kept in parts-1.0.data/data/, not in sys.prefix (such as share/parts.txt)",
    ]
    assert ("parts/__pycache__/__init__." + sys.implementation.cache_tag + ".pyc", "", "") in record_rows(directory)
    assert (directory / "parts-1.0.dist-info" / "INSTALLER").read_text() == "uv"


def test_what_is_installed_is_no_link_into_the_cache_of_uv(with_uv, wheels):
    with_uv.install("--engine=uv", "--no-index", "--find-links", wheels, "base==2.0")
    assert (with_uv.site / "base-2.0" / "base.py").stat().st_nlink == 1


def test_without_bytecode(with_uv, wheels):
    build(wheels, "plain", "1.0")
    with_uv.install("--engine=uv", "--no-compile", "--no-index", "--find-links", wheels, "plain")
    assert not list((with_uv.site / "plain-1.0").rglob("*.pyc"))


def test_a_wheel_by_its_path_is_recorded_with_url_and_hash(with_uv, wheels):
    path = build(wheels, "direct", "1.0")
    with_uv.install("--engine=uv", "--no-index", path)
    info = with_uv.site / "direct-1.0" / "direct-1.0.dist-info"
    origin = json.loads((info / "direct_url.json").read_text())
    assert origin["url"] == path.as_uri()
    assert list(origin["archive_info"]["hashes"]) == ["sha256"]
    assert (info / "REQUESTED").exists()


def test_a_dry_run_tells_the_groups_and_changes_nothing(with_uv, wheels):
    before = sorted(with_uv.site.rglob("*"))
    done = with_uv.install("--engine=uv", "--dry-run", "--no-index", "--find-links", wheels, "old==1.0", "base==2.0")
    assert [line for line in groups(done) if line.startswith("group")] == ["group 1: base==2.0", "group 2: old==1.0"]
    assert sorted(with_uv.site.rglob("*")) == before


def test_constraints_and_requirements_files(with_uv, wheels, tmp_path):
    (tmp_path / "c.txt").write_text("base<2\n")
    (tmp_path / "r.txt").write_text(f"--no-index\n--find-links {wheels}\nnew\n")
    done = with_uv.run("--engine=uv", "-c", tmp_path / "c.txt", "-r", tmp_path / "r.txt")
    assert done.returncode == 1
    assert "error: new: uv could not install it (exit status 1):" in done.stderr
    assert "unsatisfiable" in done.stderr


def test_hashes_are_checked(with_uv, wheels, tmp_path):
    import hashlib

    path = build(wheels, "hashed", "1.0")
    build(wheels, "needy", "1.0", requires=["hashed"])
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    options = ("--engine=uv", "--no-index", "--find-links", wheels, "-r", tmp_path / "r.txt")
    (tmp_path / "r.txt").write_text(f"hashed==1.0 --hash=sha256:{'0' * 64}\n")
    done = with_uv.run(*options)
    assert (done.returncode, done.stderr) == (
        1,
        "error: hashed 1.0: none of its files has a hash that the requirements give\n  Don't trust it.\n",
    )
    (tmp_path / "r.txt").write_text(f"hashed==1.0 --hash=sha256:{'0' * 64} --hash=sha256:{digest}\n")
    with_uv.install(*options)
    (tmp_path / "r.txt").write_text("needy==1.0\n")
    done = with_uv.run(*options, "--require-hashes")
    assert done.returncode == 1
    assert "hashes are required, and no requirement gives one for it" in done.stderr


def test_the_index_that_pip_is_configured_with_is_used(with_uv, wheels, tmp_path):
    build(wheels, "configured", "1.0")
    (tmp_path / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {tmp_path}\n")
    variables = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf"), "PIP_FIND_LINKS": str(wheels)}
    with_uv.install("--engine=uv", "configured", **variables)
    assert "configured-1.0" in versioned_directories(with_uv.site)


def test_record_is_true_even_where_that_of_the_wheel_is_not(with_uv, wheels):
    extra = [("gone.py", record_hash(b""), "0"), ("/etc/passwd", "", ""), ("../outside.py", "", "")]
    build(wheels, "lying", "1.0", {"lying.py": ""}, extra_rows=extra)
    with_uv.install("--engine=uv", "--no-index", "--find-links", wheels, "lying")
    paths = [path for path, *_ in record_rows(with_uv.site / "lying-1.0")]
    assert "lying.py" in paths
    assert not {"gone.py", "/etc/passwd", "../outside.py"} & set(paths)


def test_a_wheel_with_a_dist_info_of_another_name_is_refused(with_uv, wheels):
    build(wheels, "liar", "1.0", info_name="free")
    done = with_uv.run("--engine=uv", "--no-index", "--find-links", wheels, "liar")
    assert done.returncode == 1
    assert not list(with_uv.site.glob("liar-*"))


@pytest.mark.parametrize(
    ("options", "status", "message"),
    [
        (["--prefer-binary"], 2, "error: --engine uv: uv has nothing like pip's --prefer-binary\n  Leave out one"),
        (["--proxy=index.example"], 2, "error: --engine uv: uv has nothing like pip's --proxy\n  Leave out one"),
        (["--engine=conda"], 2, "invalid choice: 'conda' (choose from 'pip', 'uv')"),
        (["--target=x"], 2, "--target can't be used here"),
    ],
)
def test_what_uv_lacks_is_refused_by_name(with_uv, options, status, message):
    done = with_uv.run("--engine=uv", *options, "base")
    assert (done.returncode, message in done.stderr) == (status, True), done.stderr


def test_without_uv_the_command_that_helps_is_named(with_pip):
    done = with_pip.run("--engine=uv", "base", PATH="/usr/bin")
    assert done.returncode == 1
    scripts = Path(with_pip.python).parent
    assert done.stderr == (
        f"error: --engine uv: there is no uv in {scripts} or on PATH\n"
        f"  Install it ({with_pip.python} -m pip install uv), or leave --engine out to use pip.\n"
    )
