"""pylock.toml, as the specification has it."""

import pytest

from versioned_import.errors import LockError

HASH = "a" * 64
HEAD = 'lock-version = "1.0"\ncreated-by = "test"\n'


def entry(name, version="1.0", *lines):
    wheel = f'{{ url = "https://index.example/{name}-{version}-py3-none-any.whl", hashes = {{ sha256 = "{HASH}" }} }}'
    head = ["[[packages]]", f'name = "{name}"', f'version = "{version}"']
    return "\n".join([*head, f"wheels = [{wheel}]", *lines, "", ""])


def test_groups_extras_and_default_groups(written, names):
    lock = written(
        "pylock.toml",
        HEAD
        + 'extras = ["x"]\ndependency-groups = ["dev", "docs"]\ndefault-groups = ["dev", "main"]\n'
        + entry("a", "1.0", "marker = \"'main' in dependency_groups\"")
        + entry("b", "1.0", "marker = \"'dev' in dependency_groups\"")
        + entry("c", "1.0", "marker = \"'docs' in dependency_groups or 'x' in extras\""),
    )
    assert (lock.groups, lock.extras, lock.default_groups) == (("dev", "docs"), ("x",), ("dev",))
    assert [(one.groups, one.extras) for one in lock.packages] == [((), ()), (("dev",), ()), (("docs",), ("x",))]
    assert names(lock) == ["a==1.0"]
    assert names(lock, default_groups=True) == ["a==1.0", "b==1.0"]
    assert names(lock, ["docs"]) == names(lock, extras=["x"]) == ["a==1.0", "c==1.0"]


def test_environments(written):
    lock = written("pylock.toml", HEAD + "environments = [\"sys_platform == 'win32'\"]\n" + entry("a"))
    with pytest.raises(LockError, match="the lock is for other platforms only"):
        lock.chosen(environment={"sys_platform": "linux"})


def test_requires_python_of_an_entry_is_asked_of_chosen_ones_only(written, names, tmp_path):
    lines = ('requires-python = ">=3.12"', "marker = \"sys_platform == 'win32'\"")
    lock = written("pylock.dev.toml", HEAD + entry("a", "1.0", *lines))
    assert names(lock, sys_platform="linux", python_version="3.11") == []
    with pytest.raises(LockError) as caught:
        names(lock, sys_platform="win32", python_version="3.11")
    assert str(caught.value) == (
        f"{tmp_path}/pylock.dev.toml: packages[0]: a is for Python >=3.12; this is Python 3.11.0\n"
        "  Run it by a Python that fits, or lock for this one. Lock again with the tool that wrote the file."
    )


def test_sources(written, tmp_path):
    lock = written(
        "pylock.toml",
        HEAD
        + '[[packages]]\nname = "a"\ndirectory = { path = "../a", editable = true }\n'
        + '[[packages]]\nname = "b"\nvcs = { type = "git", url = "https://host.example/b", commit-id = "01ab" }\n'
        + f'[[packages]]\nname = "c"\narchive = {{ path = "c.zip", hashes = {{ sha256 = "{HASH}" }}, subdirectory = "s" }}\n',
    )
    a, b, c = lock.packages
    assert (a.directory, a.editable, a.version) == (str(tmp_path.parent / "a"), True, "")
    assert (b.vcs.kind, b.vcs.url, b.vcs.commit) == ("git", "https://host.example/b", "01ab")
    assert (c.archive.path, c.archive.name, c.subdirectory) == (str(tmp_path / "c.zip"), "c.zip", "s")
    assert lock.members == {"a": str(tmp_path.parent / "a")}


def test_a_newer_minor_version_is_told_and_nothing_is_logged(written, caplog):
    lock = written("pylock.toml", HEAD.replace("1.0", "1.3") + entry("a"))
    assert lock.warnings == (f"{lock.path}: version 1.3 of the format is newer than what is known here, 1.0",)
    assert caplog.records == []


def test_a_name_that_is_chosen_twice(written):
    lock = written("pylock.toml", HEAD + entry("a") + entry("a", "2.0"))
    with pytest.raises(LockError) as caught:
        lock.chosen()
    assert caught.value.reason == "a is locked twice for what is chosen: 1.0 (packages[0]) and 2.0 (packages[1])"


def test_a_name_that_stands_twice_under_markers_that_exclude_each_other(written, names):
    text = entry("a", "1.0", "marker = \"python_version < '3.12'\"")
    text += entry("a", "2.0", "marker = \"python_version >= '3.12'\"")
    lock = written("pylock.toml", HEAD + text)
    assert names(lock, python_version="3.11") == ["a==1.0"]
    assert names(lock, python_version="3.13") == ["a==2.0"]


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (("sha256", "blake9"), "packages[0].wheels[0].hashes.blake9", "the hash algorithm 'blake9' is not known"),
        ((HASH, "12"), "packages[0].wheels[0].hashes.sha256", "'12' are not the 64 hex digits of sha256"),
        (('"1.0"\nwheels', '"one"\nwheels'), "packages[0].version", "'one'"),
        (
            ('"1.0"\nwheels', '"2.0"\nwheels'),
            "packages[0].wheels[0]",
            "Version in 'a-1.0-py3-none-any.whl' is not consistent",
        ),
        (('"a"', '"b"'), "packages[0].wheels[0]", "Name in 'a-1.0-py3-none-any.whl' is not consistent"),
        (('"a"', "3"), "packages[0].name", "Unexpected type int"),
        (('name = "a"\n', ""), "packages[0].name", "Missing required value"),
        (
            ('{ url = "', '{ name = "../a-1.0-py3-none-any.whl", url = "'),
            "packages[0].wheels[0]",
            "Invalid wheel filename",
        ),
        (('"1.0"\ncreated', '"2.0"\ncreated'), "lock-version", "version 2.0 of the format is newer"),
        (('"1.0"\ncreated', '"x"\ncreated'), "lock-version", "'x' is no version of the format"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(written, change, place, reason):
    text = HEAD + entry("a")
    assert change[0] in text
    with pytest.raises(LockError) as caught:
        written("pylock.toml", text.replace(*change))
    assert caught.value.request.endswith(f"pylock.toml: {place}")
    assert reason in caught.value.reason
    assert caught.value.advice.endswith("Lock again with the tool that wrote the file.")


@pytest.mark.parametrize("marker", ["python_version <", "moon == 'full'"])
def test_a_marker_that_is_none(written, marker):
    with pytest.raises(LockError, match=r"packages\[0\]\.marker"):
        written("pylock.toml", HEAD + entry("a", "1.0", f'marker = "{marker}"'))


def test_a_marker_that_cannot_be_evaluated(written):
    lock = written("pylock.toml", HEAD + entry("a", "1.0", "marker = \"platform_release ~= 'x'\""))
    with pytest.raises(LockError, match=r"packages\[0\]: the marker .* can't be evaluated"):
        lock.chosen()
