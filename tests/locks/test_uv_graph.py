"""uv.lock: what a graph of entries leads to."""

import pytest

from versioned_import.errors import LockError

HEAD = 'version = 1\nrevision = 3\nrequires-python = ">=3.10"\n'
HASH = "a" * 64


def entry(name, version="1.0", *lines, source=None):
    source = source or '{ registry = "https://index.example/simple" }'
    wheel = f'wheels = [{{ url = "https://index.example/{name}-{version}-py3-none-any.whl", hash = "sha256:{HASH}" }}]'
    tail = [wheel] if "registry" in source else []
    return "\n".join(
        ["[[package]]", f'name = "{name}"', f'version = "{version}"', f"source = {source}", *tail, *lines, "", ""]
    )


def project(*lines, source='{ virtual = "." }'):
    return entry("top", "0.1", *lines, source=source)


class TestConflicts:
    def test_each_group_has_its_versions(self, sample, names):
        lock = sample("uv-conflicts/uv.lock")
        assert names(lock) == ["click==8.5.1"]
        assert "requests==2.22.0" in names(lock, ["old"])
        assert "chardet==3.0.4" in names(lock, ["old"])
        assert "requests==2.32.2" in names(lock, ["new"])
        assert names(lock, ["old"]) == names(sample("uv-conflicts/pylock.old.toml"))

    def test_both_exclude_each_other(self, sample):
        lock = sample("uv-conflicts/uv.lock")
        with pytest.raises(LockError) as caught:
            lock.chosen(["old", "new"])
        assert str(caught.value) == (
            f"{lock.path}: conflicts: group new and group old exclude each other\n"
            "  Choose one of them. Lock again: uv lock"
        )

    @pytest.mark.parametrize(("extra", "idna"), [((), "3.20"), (("one",), "2.10"), (("two",), "3.20")])
    def test_markers_that_ask_for_an_extra_of_a_conflict(self, sample, names, extra, idna):
        assert f"idna=={idna}" in names(sample("uv-workspace/uv.lock"), extras=extra)


class TestWorkspace:
    def test_members_and_paths(self, sample):
        lock = sample("uv-workspace/uv.lock")
        here = lock.path.removesuffix("/uv.lock")
        found = {one.distribution: one for one in lock.chosen()}
        assert lock.members == {"top": here, "pkgb": f"{here}/pkgb"}
        assert (found["top"].directory, found["top"].editable) == (here, True)
        assert (found["pkgb"].directory, found["pkgb"].editable) == (f"{here}/pkgb", True)
        assert (found["libc"].directory, found["libc"].editable) == (f"{here}/libc", False)

    def test_extras_on_edges(self, sample, names):
        chosen = names(sample("uv-workspace/uv.lock"))
        assert {"attrs==26.1.0", "pysocks==1.7.1"} <= set(chosen)

    @pytest.mark.parametrize(("python", "version"), [("3.11", "1.1.1"), ("3.13", "2.3.1")])
    def test_several_entries_of_one_name(self, sample, names, python, version):
        assert f"iniconfig=={version}" in names(sample("uv-workspace/uv.lock"), python_version=python)

    def test_default_groups_of_the_project(self, sample, copied, names):
        assert sample("uv-workspace/uv.lock").default_groups == ("dev", "lint")
        from versioned_import.locks.read import read_lock

        copy = copied("uv-workspace")
        (copy / "pyproject.toml").write_text('[tool.uv]\ndefault-groups = "all"\n')
        assert read_lock(str(copy / "uv.lock")).default_groups == ("dev", "lint")
        (copy / "pyproject.toml").write_text("[tool.uv\n")
        lock = read_lock(str(copy / "uv.lock"))
        assert lock.default_groups == ("dev",)
        assert lock.warnings[0].startswith(f"{copy}/pyproject.toml: the file is no TOML")

    def test_a_workspace_whose_top_is_no_project_takes_all_members(self, written, names):
        lock = written(
            "uv.lock",
            HEAD
            + '[manifest]\nmembers = ["a", "b"]\n[manifest.dependency-groups]\ndev = [{ name = "six" }]\n'
            + entry("a", source='{ editable = "a" }')
            + entry("b", source='{ editable = "b" }')
            + entry("six"),
        )
        assert names(lock) == ["a==1.0", "b==1.0"]
        assert names(lock, default_groups=True) == ["a==1.0", "b==1.0", "six==1.0"]

    def test_a_script(self, written, names):
        head = HEAD + '[manifest]\nrequirements = [{ name = "six", specifier = ">=1" }]\n'
        assert names(written("uv.lock", head + entry("six") + entry("spare"))) == ["six==1.0"]


class TestEdges:
    def test_cycles_end(self, written, names):
        lock = written(
            "uv.lock",
            HEAD
            + project('dependencies = [{ name = "a" }]')
            + entry("a", "1.0", 'dependencies = [{ name = "b" }]')
            + entry("b", "1.0", 'dependencies = [{ name = "a" }, { name = "b" }]'),
        )
        assert names(lock) == ["a==1.0", "b==1.0"]

    def test_a_marker_on_an_edge(self, written, names):
        edges = 'dependencies = [{ name = "a", marker = "sys_platform == \'win32\'" }]'
        lock = written("uv.lock", HEAD + project(edges) + entry("a"))
        assert names(lock, sys_platform="linux") == []
        assert names(lock, sys_platform="win32") == ["a==1.0"]

    def test_an_extra_of_the_project_that_names_another(self, written, names):
        text = '[package.optional-dependencies]\nall = [{ name = "top", extra = ["a"] }]\na = [{ name = "a" }]'
        lock = written("uv.lock", HEAD + project(text) + entry("a"))
        assert (lock.extras, names(lock, extras=["all"])) == (("a", "all"), ["a==1.0"])

    def test_entries_of_one_name_told_apart_by_their_own_markers(self, written, names):
        text = HEAD + project('dependencies = [{ name = "a" }]')
        for version, word in (("1.0", "<"), ("2.0", ">=")):
            text += entry("a", version, f"resolution-markers = [\"python_full_version {word} '3.12'\"]")
        lock = written("uv.lock", text)
        assert names(lock, python_version="3.11") == ["a==1.0"]
        assert names(lock, python_version="3.12") == ["a==2.0"]

    def test_entries_of_one_name_that_nothing_tells_apart(self, written):
        lock = written(
            "uv.lock", HEAD + project('dependencies = [{ name = "a" }]') + entry("a", "1.0") + entry("a", "2.0")
        )
        reason = r"a is locked twice for what is chosen: 1\.0 \(package\[1\]\) and 2\.0 \(package\[2\]\)"
        with pytest.raises(LockError, match=reason):
            lock.chosen()

    def test_a_missing_entry(self, written):
        with pytest.raises(LockError, match=r"package\[0\]\.dependencies\[0\]: a is required, but has no entry"):
            written("uv.lock", HEAD + project('dependencies = [{ name = "a" }]'))

    def test_a_version_that_stands_twice(self, written):
        with pytest.raises(LockError, match=r"package\[2\]: a 1\.0 stands here and in package\[1\]"):
            written("uv.lock", HEAD + project() + entry("a") + entry("a"))

    def test_other_platforms_only(self, written):
        head = HEAD.replace("requires", "supported-markers = [\"sys_platform == 'win32'\"]\nrequires")
        lock = written("uv.lock", head + project())
        assert lock.chosen(environment={"sys_platform": "win32"}) == ()
        with pytest.raises(LockError, match="the lock is for other platforms only: sys_platform == 'win32'"):
            lock.chosen(environment={"sys_platform": "linux"})


class TestSources:
    def test_git(self, written):
        source = '{ git = "https://host.example/r.git?subdirectory=py%2Fhere&rev=main#0123abcd" }'
        lock = written("uv.lock", HEAD + project('dependencies = [{ name = "a" }]') + entry("a", source=source))
        vcs = lock.chosen()[0].vcs
        assert (vcs.kind, vcs.url, vcs.commit, vcs.subdirectory) == (
            "git",
            "https://host.example/r.git",
            "0123abcd",
            "py/here",
        )

    def test_git_without_a_commit(self, written):
        source = '{ git = "https://host.example/r.git?rev=main" }'
        with pytest.raises(LockError, match=r"package\[1\]\.source\.git: .* names no commit"):
            written("uv.lock", HEAD + project() + entry("a", source=source))

    def test_url_and_path(self, written, tmp_path):
        lines = f'sdist = {{ hash = "sha256:{HASH}" }}'
        lock = written(
            "uv.lock",
            HEAD
            + project()
            + entry("a", "1.0", lines, source='{ url = "https://host.example/a-1.0.tar.gz" }')
            + entry("b", "1.0", lines, source='{ path = "../wheels/b-1.0.tar.gz" }'),
        )
        a, b = lock.packages
        assert (a.archive.name, a.archive.url, a.archive.hashes) == (
            "a-1.0.tar.gz",
            "https://host.example/a-1.0.tar.gz",
            {"sha256": HASH},
        )
        assert (b.archive.name, b.archive.path) == ("b-1.0.tar.gz", str(tmp_path.parent / "wheels" / "b-1.0.tar.gz"))

    def test_an_index_that_is_a_directory(self, written, tmp_path):
        text = (
            entry("a", source='{ registry = "files" }')
            .replace("url = ", "path = ")
            .replace("https://index.example/", "")
        )
        lock = written("uv.lock", HEAD + project() + text)
        assert lock.packages[0].wheels[0].path == str(tmp_path / "files" / "a-1.0-py3-none-any.whl")

    def test_an_index_that_is_an_absolute_directory(self, written, tmp_path):
        """As uv writes it for `--find-links /here/files`: the whole path stands with each file again."""
        text = (
            entry("a", source=f'{{ registry = "{tmp_path}/files" }}')
            .replace("url = ", "path = ")
            .replace("https://index.example/", f"{tmp_path}/files/")
        )
        lock = written("uv.lock", HEAD + project() + text)
        assert lock.packages[0].wheels[0].path == str(tmp_path / "files" / "a-1.0-py3-none-any.whl")

    def test_a_virtual_project_is_passed_and_an_editable_one_chosen(self, written, names):
        assert names(written("uv.lock", HEAD + project())) == []
        assert names(written("uv.lock", HEAD + project(source='{ editable = "." }'))) == ["top==0.1"]

    def test_a_member_without_a_version(self, written):
        text = project(source='{ editable = "." }').replace('version = "0.1"\n', "")
        assert written("uv.lock", HEAD + text).chosen()[0].version == ""

    def test_an_unknown_source(self, written):
        with pytest.raises(LockError, match=r"package\[0\]\.source: it must be one of registry, .*, not moon"):
            written("uv.lock", HEAD + project(source='{ moon = "." }'))


class TestFormat:
    @pytest.mark.parametrize("revision", ["", "revision = 1", "revision = 5"])
    def test_known_revisions(self, written, revision):
        assert written("uv.lock", f"version = 1\n{revision}\n" + project()).warnings == ()

    def test_a_newer_revision_is_told(self, written):
        lock = written("uv.lock", "version = 1\nrevision = 9\n" + project())
        assert lock.warnings == (f"{lock.path}: version 1.9 of the format is newer than what is known here, 1.5",)

    def test_a_newer_version_is_refused(self, written, tmp_path):
        with pytest.raises(LockError) as caught:
            written("uv.lock", "version = 2\n" + project())
        assert str(caught.value) == (
            f"{tmp_path}/uv.lock: version: version 2.0 of the format is newer than what is known here, 1.5\n"
            "  A newer versioned_import may know it. Lock again: uv lock"
        )
