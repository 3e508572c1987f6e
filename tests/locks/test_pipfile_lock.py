"""Pipfile.lock."""

import json

import pytest

from versioned_import.errors import LockError

HASH = f"sha256:{'a' * 64}"


def text(default=None, spec=6, **categories):
    return json.dumps({"_meta": {"pipfile-spec": spec}, "default": default or {}, **categories})


def pinned(version="==1.0", **more):
    return {"version": version, "hashes": [HASH], **more}


def test_categories_are_groups(written, names):
    lock = written("Pipfile.lock", text({"A.b": pinned()}, develop={"c": pinned()}, docs={"d": pinned()}))
    assert (lock.groups, lock.default_groups) == (("dev", "docs"), ())
    assert names(lock) == ["a-b==1.0"]
    assert names(lock, ["dev", "docs"]) == ["a-b==1.0", "c==1.0", "d==1.0"]


def test_the_same_in_two_categories_is_one(written, names):
    lock = written("Pipfile.lock", text({"a": pinned()}, develop={"a": pinned(markers="python_version > '3'")}))
    assert [one.groups for one in lock.packages] == [()]
    assert names(lock, ["dev"]) == ["a==1.0"]


def test_what_a_marker_leaves_out_need_not_be_fixed(written, names, tmp_path):
    entry = {"markers": "python_version < '3.11'", "version": "*"}  # as pipenv writes it by a newer Python
    lock = written("Pipfile.lock", text({"a": pinned(), "tomli": entry}))
    assert names(lock, python_version="3.12") == ["a==1.0"]
    with pytest.raises(LockError) as caught:
        lock.chosen(environment={"python_version": "3.10"})
    assert str(caught.value) == (
        f"{tmp_path}/Pipfile.lock: default.tomli.version: it must be `==` and a version, not '*'"
        "\n  Lock again: pipenv lock"
    )


def test_other_versions_in_two_categories(written):
    lock = written("Pipfile.lock", text({"a": pinned()}, develop={"a": pinned("==2.0")}))
    assert lock.chosen()[0].version == "1.0"
    with pytest.raises(LockError, match=r"1\.0 \(default\.a\) and 2\.0 \(develop\.a\)"):
        lock.chosen(["dev"])


def test_sources(written, tmp_path):
    lock = written(
        "Pipfile.lock",
        text(
            {
                "a": {"path": ".", "editable": True},
                "b": {"git": "https://host.example/b.git", "ref": "01ab"},
                "c": {"file": "https://host.example/c-1.0.zip", "hashes": [HASH]},
                "d": {"path": "./d-1.0.whl"},
            }
        ),
    )
    a, b, c, d = lock.packages
    assert (a.directory, a.editable, a.version) == (str(tmp_path), True, "")
    assert (b.vcs.kind, b.vcs.url, b.vcs.commit) == ("git", "https://host.example/b.git", "01ab")
    assert (c.archive.url, c.hashes) == ("https://host.example/c-1.0.zip", (HASH,))
    assert d.archive.path == str(tmp_path / "d-1.0.whl")


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        (text({"a": {"version": "*"}}), ": default.a.version", "it must be `==` and a version, not '*'"),
        (text({"a": {}}), ": default.a.version", "it is missing"),
        (text({"a": "==1"}), ": default.a", "it must be a table, not a text"),
        (text({"a": pinned(hashes=["md7:00"])}), ": default.a.hashes[0]", "the hash algorithm 'md7' is not known"),
        (text({"a": pinned(markers="moon")}), ": default.a.markers", "the marker can't be evaluated"),
        (text(spec=7), ": _meta.pipfile-spec", "version 7 of the format is newer than what is known here, 6.0"),
        ("{}", ": _meta.pipfile-spec", "it is missing"),
        ("[]", "", "the file must be one JSON object"),
        ('{"_meta": {}, "_meta": {}}', "", "'_meta' stands twice in one table"),
        ("{", "", "the file is no JSON, or only half of it is written"),
        ("[" * 100000, "", "the file is no JSON, or only half of it is written"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(written, tmp_path, content, place, reason):
    with pytest.raises(LockError) as caught:
        written("Pipfile.lock", content)
    assert caught.value.request == f"{tmp_path}/Pipfile.lock{place}"
    assert caught.value.reason.startswith(reason)
    assert caught.value.advice.endswith("Lock again: pipenv lock")
