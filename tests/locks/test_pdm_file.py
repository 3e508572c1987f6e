"""pdm.lock: with the groups of each entry, and without."""

import pytest

from versioned_import.errors import LockError

HASH = "a" * 64
HEAD = '[metadata]\ngroups = ["default", "dev", "x"]\nstrategy = ["inherit_metadata"]\nlock_version = "4.5.0"\n'


def entry(name, version="1.0", *lines):
    head = ["[[package]]", f'name = "{name}"', f'version = "{version}"']
    return "\n".join([*head, f'files = [{{file = "{name}-{version}.tar.gz", hash = "sha256:{HASH}"}}]', *lines, "", ""])


def test_groups_are_dev_groups_unless_the_project_has_an_extra_of_that_name(written):
    project = '[project.optional-dependencies]\nx = ["a"]\n'
    lock = written("pdm.lock", HEAD, pyproject__toml=project)
    assert (lock.groups, lock.extras, lock.default_groups) == (("dev",), ("x",), ("dev",))


def test_without_a_project_a_name_may_be_either(written, names):
    lock = written("pdm.lock", HEAD + entry("a", "1.0", 'groups = ["x"]'))
    assert (lock.groups, lock.extras, lock.default_groups) == (("dev", "x"), ("dev", "x"), ("dev",))
    assert names(lock, ["x"]) == names(lock, extras=["x"]) == ["a==1.0"]


def test_an_entry_with_extras_is_the_same_distribution(written, names):
    text = entry("a", "1.0", 'groups = ["dev"]') + entry("a", "1.0", 'extras = ["z"]', 'groups = ["x"]')
    lock = written("pdm.lock", HEAD + text)
    assert [(one.distribution, one.groups, one.extras) for one in lock.packages] == [("a", ("dev", "x"), ("dev", "x"))]
    assert (names(lock), names(lock, ["dev"]), names(lock, ["x"])) == ([], ["a==1.0"], ["a==1.0"])


def test_without_the_strategy_the_pyproject_says_it(sample, names):
    lock = sample("pdm-graph/pdm.lock")
    assert (lock.groups, lock.extras) == (("dev", "lint"), ())
    main = names(lock, sys_platform="linux")
    assert {"requests==2.34.2", "pysocks==1.7.1", "urllib3==2.8.0", "click==8.1.7"} <= set(main)
    assert sorted(set(names(lock, ["lint"], sys_platform="linux")) - set(main)) == ["toml==0.10.2"]
    assert {"click==8.1.7", "colorama==0.4.6"}.isdisjoint(names(lock, sys_platform="win32"))


def test_without_the_strategy_and_without_a_pyproject(written):
    with pytest.raises(LockError, match="doesn't say what is in which group"):
        written("pdm.lock", HEAD + entry("a"))


def test_sources(written, tmp_path):
    text = '[[package]]\nname = "{}"\nversion = "1.0"\ngroups = ["default"]\n'
    lock = written(
        "pdm.lock",
        HEAD
        + text.format("a")
        + 'path = "./a"\neditable = true\n'
        + text.format("b")
        + 'git = "https://host.example/b"\nref = "main"\nrevision = "01ab"\nsubdirectory = "s"\n'
        + text.format("c")
        + 'url = "https://host.example/c-1.0.zip"\n',
    )
    a, b, c = lock.packages
    assert (a.directory, a.editable) == (str(tmp_path / "a"), True)
    assert (b.vcs.commit, b.vcs.subdirectory) == ("01ab", "s")
    assert c.archive.url == "https://host.example/c-1.0.zip"


@pytest.mark.parametrize(("version", "told"), [("4.4", 0), ("4.4.1", 0), ("4.5.1", 0), ("4.9", 1)])
def test_versions_that_are_read(written, version, told):
    assert len(written("pdm.lock", HEAD.replace("4.5.0", version)).warnings) == told


@pytest.mark.parametrize("version", ["5.0", "4.3", "4.x"])
def test_versions_that_are_refused(written, version):
    with pytest.raises(LockError, match=r"metadata\.lock_version"):
        written("pdm.lock", HEAD.replace("4.5.0", version))
