"""One project, locked by six tools: the same is chosen from each of its locks."""

import pytest

from versioned_import.errors import LockError

LINUX = {"sys_platform": "linux", "python_version": "3.12"}
MAIN = [
    "certifi==2026.10.18",
    "charset-normalizer==3.5.2",
    "click==8.1.7",
    "idna==3.20",
    "requests==2.34.2",
    "urllib3==2.8.0",
]
SOCKS = sorted([*MAIN, "pysocks==1.7.1"])
DEV = sorted([*MAIN, "iniconfig==2.3.1"])
BOTH = sorted([*SOCKS, "iniconfig==2.3.1"])
WITH_ALL = ["uv/uv.lock", "poetry/poetry.lock", "pdm/pdm.lock", "pdm/pylock.toml"]


class TestSixTools:
    @pytest.mark.parametrize("name", [*WITH_ALL, "pip/pylock.toml", "pip-tools/requirements.txt"])
    def test_the_project_itself(self, sample, names, name):
        assert names(sample(name), **LINUX) == MAIN

    @pytest.mark.parametrize("name", WITH_ALL)
    def test_an_extra_a_group_and_both(self, sample, names, name):
        lock = sample(name)
        assert (lock.groups, lock.extras) == (("dev",), ("socks",))
        assert names(lock, extras=["socks"], **LINUX) == SOCKS
        assert names(lock, ["dev"], **LINUX) == DEV
        assert names(lock, ["dev"], ["SOCKS"], **LINUX) == BOTH

    def test_pipenv_has_groups_and_takes_extras_for_part_of_the_project(self, sample, names):
        lock = sample("pipenv/Pipfile.lock")
        assert (lock.groups, lock.extras, lock.default_groups) == (("dev",), (), ())
        assert names(lock, **LINUX) == SOCKS
        assert names(lock, ["dev"], **LINUX) == BOTH

    @pytest.mark.parametrize("name", WITH_ALL)
    def test_another_python_and_platform(self, sample, names, name):
        lock = sample(name)
        older = names(lock, sys_platform="win32", python_version="3.10")
        assert "click==8.1.7" not in older
        assert [one for one in older if one.startswith("tomli==")] == ["tomli==2.5.0"]
        assert "tomli==2.5.0" not in names(lock, sys_platform="win32", python_version="3.12")

    @pytest.mark.parametrize("name", WITH_ALL)
    def test_a_python_that_is_too_old(self, sample, name):
        lock = sample(name)
        with pytest.raises(LockError) as caught:
            lock.chosen(environment={"python_version": "3.8"})
        assert caught.value.reason == "the project is for Python >=3.10; this is Python 3.8.0"

    @pytest.mark.parametrize(
        ("name", "groups"),
        [
            ("uv/uv.lock", ("dev",)),
            ("poetry/poetry.lock", ("dev",)),
            ("pdm/pdm.lock", ("dev",)),
            ("pdm/pylock.toml", ()),
        ],
    )
    def test_what_the_tool_takes_by_default(self, sample, names, name, groups):
        lock = sample(name)
        assert lock.default_groups == groups
        assert names(lock, default_groups=True, **LINUX) == (DEV if groups else MAIN)

    @pytest.mark.parametrize("name", WITH_ALL)
    def test_unknown_names(self, sample, name):
        with pytest.raises(LockError, match="there is no group 'docs' in the lock; it has: dev"):
            sample(name).chosen(["docs"])
        with pytest.raises(LockError, match="there is no extra 'dev' in the lock; it has: socks"):
            sample(name).chosen(extras=["dev"])

    def test_the_files_of_an_entry(self, sample):
        for name in WITH_ALL:
            found = {one.distribution: one for one in sample(name).packages}["idna"]
            (wheel,) = found.wheels
            assert wheel.name == "idna-3.20-py3-none-any.whl"
            assert wheel.hashes == {"sha256": "ab7ae7122974553370f0bdb919e1a960b2cd1bc1ef0276416d896db81c14582c"}
            assert found.sdist.name == "idna-3.20.tar.gz"

    def test_hashes_without_files(self, sample):
        for name in ("pipenv/Pipfile.lock", "pip-tools/requirements.txt"):
            found = {one.distribution: one for one in sample(name).packages}["idna"]
            assert (len(found.hashes), found.wheels, found.sdist) == (2, (), None)

    def test_places(self, sample):
        assert sample("uv/uv.lock").packages[0].where == "package[0]"
        assert sample("pip/pylock.toml").packages[3].wheels[0].where == "packages[3].wheels[0]"
        assert sample("pipenv/Pipfile.lock").packages[0].where == "default.certifi"
        assert sample("pip-tools/requirements.txt").packages[0].where == "line 7"
