"""poetry.lock: with groups (2.1), and before."""

import pytest

from versioned_import.errors import LockError

HASH = "a" * 64


def entry(name, version="1.0", *lines, files=True):
    wheel = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    listed = [f'files = [{{file = "{wheel}", hash = "sha256:{HASH}"}}]'] if files else []
    head = ["[[package]]", f'name = "{name}"', f'version = "{version}"', 'python-versions = "*"']
    return "\n".join([*head, *listed, *lines, "", ""])


def end(version="2.1", python="^3.8", files=""):
    return f'[metadata]\nlock-version = "{version}"\npython-versions = "{python}"\ncontent-hash = "00"\n{files}'


GRAPH = (
    entry(
        "a",
        "1.0",
        'optional = false\n[package.dependencies]\nb = {version = "*", markers = "python_version < \'3.12\'"}',
    )
    + entry("b", "1.0", "optional = false")
    + entry("s", "1.0", "optional = true\n[package.dependencies]\nT_Wo = {version = '*', extras = ['x']}")
    + entry(
        "t-wo",
        "1.0",
        "optional = true\n[package.dependencies]\nu = {version='*', optional=true}\n[package.extras]\nx=['u']",
    )
    + entry("u", "1.0", "optional = true")
    + entry("d", "1.0", 'optional = false\n[package.dependencies]\na = ">=1"\nd = "*"')
    + "[extras]\nmore = ['s']\n"
)
PROJECT = (
    "[tool.poetry.dependencies]\npython = '^3.8'\na = '^1.0'\ns = {version='*', optional=true}\n"
    "[tool.poetry.extras]\nmore = ['s']\n[tool.poetry.group.dev.dependencies]\nd = '*'\n"
    "[tool.poetry.group.docs]\noptional = true\n[tool.poetry.group.docs.dependencies]\nu = '*'\n"
)


class TestWithGroups:
    def test_markers_for_each_group(self, written, names):
        lines = 'groups = ["main", "dev"]\n[package.markers]\nmain = "sys_platform == \'win32\'"'
        lock = written("poetry.lock", entry("a", "1.0", lines) + end())
        assert names(lock, sys_platform="linux") == []
        assert names(lock, sys_platform="win32") == ["a==1.0"]
        assert names(written("poetry.lock", entry("b", "1.0", 'groups = ["dev"]') + end()), ["dev"]) == ["b==1.0"]

    def test_optional_groups_are_no_default(self, written):
        text = entry("a", "1.0", 'groups = ["dev"]') + entry("b", "1.0", 'groups = ["docs"]') + end()
        lock = written("poetry.lock", text, pyproject__toml="[tool.poetry.group.docs]\noptional = true\n")
        assert (lock.groups, lock.default_groups) == (("dev", "docs"), ("dev",))

    @pytest.mark.parametrize(
        ("wanted", "python", "fits"),
        [("^3.8", "3.12", True), ("^3.8", "4.0", False), ("~3.9", "3.10", False), ("^2.7 || ^3.9", "3.9", True)],
    )
    def test_poetry_s_own_version_constraints(self, written, wanted, python, fits):
        lock = written("poetry.lock", end(python=wanted))
        if fits:
            assert lock.chosen(environment={"python_version": python}) == ()
        else:
            with pytest.raises(LockError, match="the project is for Python"):
                lock.chosen(environment={"python_version": python})

    def test_sources(self, written, tmp_path):
        lines = 'groups = ["main"]\ndevelop = {}\n[package.source]\ntype = "{}"\nurl = "{}"\n{}'
        lock = written(
            "poetry.lock",
            entry("a", "1.0", lines.format("true", "directory", "../a", ""), files=False)
            + entry(
                "b",
                "1.0",
                lines.format("false", "git", "https://host.example/b", 'resolved_reference = "01"'),
                files=False,
            )
            + entry("c", "1.0", lines.format("false", "file", "c-1.0.tar.gz", ""))
            + entry("d", "1.0", lines.format("false", "url", "https://host.example/d-1.0.zip", ""))
            + end(),
        )
        a, b, c, d = lock.packages
        assert (a.directory, a.editable) == (str(tmp_path.parent / "a"), True)
        assert (b.vcs.url, b.vcs.commit, b.editable) == ("https://host.example/b", "01", False)
        assert (c.archive.path, c.archive.hashes) == (str(tmp_path / "c-1.0.tar.gz"), {"sha256": HASH})
        assert (d.archive.url, d.archive.name) == ("https://host.example/d-1.0.zip", "d-1.0.zip")


class TestBeforeGroups:
    @pytest.mark.parametrize("version", ["1.1", "2.0"])
    def test_the_pyproject_and_what_entries_require_say_it(self, written, names, version):
        lock = written("poetry.lock", GRAPH + end(version), pyproject__toml=PROJECT)
        assert (lock.groups, lock.extras, lock.default_groups) == (("dev", "docs"), ("more",), ("dev",))
        assert names(lock, python_version="3.11") == ["a==1.0", "b==1.0"]
        assert names(lock, python_version="3.12") == ["a==1.0"]
        assert names(lock, extras=["more"], python_version="3.12") == ["a==1.0", "s==1.0", "t-wo==1.0", "u==1.0"]
        assert names(lock, ["dev"], python_version="3.12") == ["a==1.0", "d==1.0"]
        assert names(lock, ["docs"], python_version="3.12") == ["a==1.0", "u==1.0"]

    def test_files_of_1_1_stand_at_the_end(self, written):
        files = f'[metadata.files]\na = [{{file = "a-1.0.tar.gz", hash = "sha256:{HASH}"}}]\n'
        text = entry("a", "1.0", 'category = "main"', files=False) + end("1.1", files=files)
        lock = written("poetry.lock", text, pyproject__toml="[tool.poetry.dependencies]\na = '*'\n")
        assert lock.chosen()[0].sdist.name == "a-1.0.tar.gz"

    def test_python_and_platform_of_a_requirement(self, written, names):
        project = (
            "[tool.poetry.dependencies]\n"
            "a = [{version='^1', python='<3.12'}, {version='^2', python='>=3.12', platform='win32'}]\n"
        )
        lock = written("poetry.lock", entry("a") + entry("a", "2.0") + end("2.0"), pyproject__toml=project)
        assert names(lock, python_version="3.11", sys_platform="linux") == ["a==1.0"]
        assert names(lock, python_version="3.12", sys_platform="linux") == []
        assert names(lock, python_version="3.12", sys_platform="win32") == ["a==2.0"]

    def test_without_a_pyproject(self, written, tmp_path):
        with pytest.raises(LockError) as caught:
            written("poetry.lock", GRAPH + end("2.0"))
        assert str(caught.value) == (
            f"{tmp_path}/poetry.lock: metadata.lock-version: this version of the format doesn't say what is in which group,"
            " and no pyproject.toml beside it does\n  Put the pyproject.toml beside it. Lock again: poetry lock"
        )

    def test_an_entry_that_is_missing(self, written):
        lock = written("poetry.lock", end("2.0"), pyproject__toml=PROJECT)
        with pytest.raises(LockError) as caught:
            lock.chosen()
        assert caught.value.reason == "a is required, but the lock has no entry for it"


@pytest.mark.parametrize(
    ("version", "reason"), [("3.0", "is newer than"), ("1.0", "is too old"), ("two", "is no version")]
)
def test_versions_that_are_refused(written, version, reason):
    with pytest.raises(LockError, match=reason):
        written("poetry.lock", end(version))
