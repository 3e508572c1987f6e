"""Names of groups and extras: however a lock, a pyproject.toml and a user write them, `Dev_Tools` is `dev-tools`."""

import json

import pytest

from versioned_import.errors import LockError

HASH = "a" * 64
SPELLINGS = ["dev-tools", "Dev_Tools", "DEV.tools"]


def of_poetry(name, *lines):
    file = f'{{file = "{name}-1.0-py3-none-any.whl", hash = "sha256:{HASH}"}}'
    head = ["[[package]]", f'name = "{name}"', 'version = "1.0"', 'python-versions = "*"', f"files = [{file}]"]
    return "\n".join([*head, *lines, "", ""])


def end_of_poetry(version):
    return f'[metadata]\nlock-version = "{version}"\npython-versions = "*"\ncontent-hash = "00"\n'


def of_pdm(name, *lines):
    head = ["[[package]]", f'name = "{name}"', 'version = "1.0"']
    return "\n".join([*head, f'files = [{{file = "{name}-1.0.tar.gz", hash = "sha256:{HASH}"}}]', *lines, "", ""])


def of_uv(name, *lines, source='{ registry = "https://index.example/simple" }'):
    file = f'{{ url = "https://index.example/{name}-1.0-py3-none-any.whl", hash = "sha256:{HASH}" }}'
    head = ["[[package]]", f'name = "{name}"', 'version = "1.0"', f"source = {source}"]
    return "\n".join([*head, *([f"wheels = [{file}]"] if "registry" in source else []), *lines, "", ""])


def of_pylock(name, marker):
    file = f'{{ url = "https://index.example/{name}-1.0-py3-none-any.whl", hashes = {{ sha256 = "{HASH}" }} }}'
    return f'[[packages]]\nname = "{name}"\nversion = "1.0"\nmarker = "{marker}"\nwheels = [{file}]\n\n'


@pytest.mark.parametrize("locked", SPELLINGS)
@pytest.mark.parametrize("written_as", SPELLINGS)
class TestPoetry:
    def test_an_optional_group_is_no_default(self, written, names, locked, written_as):
        text = of_poetry("a", f'groups = ["{locked}"]') + of_poetry("b", 'groups = ["docs"]') + end_of_poetry("2.1")
        project = f'[tool.poetry.group."{written_as}"]\noptional = true\n[tool.poetry.group.docs]\n'
        lock = written("poetry.lock", text, pyproject__toml=project)
        assert (lock.groups, lock.default_groups) == (("dev-tools", "docs"), ("docs",))
        assert names(lock, default_groups=True) == ["b==1.0"]
        assert names(lock, [written_as]) == ["a==1.0"]

    def test_an_optional_group_of_dependency_groups_is_no_default(self, written, locked, written_as):
        project = f'[dependency-groups]\n"{locked}" = ["a"]\n[tool.poetry.group."{written_as}"]\noptional = true\n'
        lock = written("poetry.lock", end_of_poetry("2.1"), pyproject__toml=project)
        assert (lock.groups, lock.default_groups) == (("dev-tools",), ())

    def test_the_marker_of_a_group(self, written, names, locked, written_as):
        lines = f'groups = ["main", "{locked}"]\n[package.markers]\nmain = "python_version < \'3\'"\n'
        lines += f'"{written_as}" = "sys_platform == \'win32\'"\n'
        text = of_poetry("a", lines) + end_of_poetry("2.1")
        lock = written("poetry.lock", text, pyproject__toml=f'[dependency-groups]\n"{locked}" = ["a"]\n')
        assert names(lock, ["dev-tools"], sys_platform="win32") == ["a==1.0"]
        assert names(lock, ["dev-tools"], sys_platform="linux") == []

    def test_before_groups_were_in_the_lock(self, written, names, locked, written_as):
        project = "[tool.poetry.dependencies]\nb = '*'\n"
        group = f'tool.poetry.group."{written_as}"'
        project += f"[{group}]\noptional = true\n[{group}.dependencies]\na = '*'\n"
        lock = written("poetry.lock", of_poetry("a") + of_poetry("b") + end_of_poetry("2.0"), pyproject__toml=project)
        assert (lock.groups, lock.default_groups) == (("dev-tools",), ())
        assert names(lock, default_groups=True) == ["b==1.0"]
        assert names(lock, [locked]) == ["a==1.0", "b==1.0"]


@pytest.mark.parametrize("locked", SPELLINGS)
@pytest.mark.parametrize("written_as", SPELLINGS)
class TestPdm:
    HEAD = '[metadata]\ngroups = ["default", "{}"]\nstrategy = ["inherit_metadata"]\nlock_version = "4.5.0"\n'

    def test_an_extra_is_no_group(self, written, names, locked, written_as):
        text = self.HEAD.format(locked) + of_pdm("a", f'groups = ["{written_as}"]')
        project = f'[project.optional-dependencies]\n"{written_as}" = ["a"]\n'
        lock = written("pdm.lock", text, pyproject__toml=project)
        assert (lock.groups, lock.extras, lock.default_groups) == ((), ("dev-tools",), ())
        assert lock.packages[0].extras == ("dev-tools",)
        assert (names(lock), names(lock, extras=[written_as])) == ([], ["a==1.0"])

    def test_a_group(self, written, names, locked, written_as):
        lock = written("pdm.lock", self.HEAD.format(locked) + of_pdm("a", f'groups = ["{written_as}"]'))
        assert lock.packages[0].groups == ("dev-tools",)
        assert (names(lock), names(lock, [written_as])) == ([], ["a==1.0"])

    def test_groups_of_the_pyproject_that_include_others(self, written, names, locked, written_as):
        groups = f'[dependency-groups]\n"{locked}" = ["a"]\nall = [{{include-group = "{written_as}"}}, "b"]\n'
        text = f'[metadata]\ngroups = ["default", "{written_as}", "all"]\nlock_version = "4.5.0"\n'
        lock = written("pdm.lock", text + of_pdm("a") + of_pdm("b"), pyproject__toml=f"[project]\n{groups}")
        assert lock.default_groups == ("dev-tools", "all")
        assert names(lock, ["dev-tools"]) == ["a==1.0"]
        assert names(lock, ["all"]) == ["a==1.0", "b==1.0"]


def test_pdm_joins_what_two_tables_say_of_one_group(written, names):
    text = '[metadata]\ngroups = ["default", "dev-tools"]\nlock_version = "4.5.0"\n' + of_pdm("a") + of_pdm("b")
    project = '[project]\n[dependency-groups]\nDev_Tools = ["a"]\n[tool.pdm.dev-dependencies]\ndev-tools = ["b"]\n'
    assert names(written("pdm.lock", text, pyproject__toml=project), ["dev.tools"]) == ["a==1.0", "b==1.0"]


def test_a_pdm_group_that_includes_itself_under_another_spelling(written):
    text = '[metadata]\ngroups = ["default", "dev-tools"]\nlock_version = "4.5.0"\n' + of_pdm("a")
    project = '[project]\n[dependency-groups]\nDev_Tools = [{include-group = "dev.tools"}]\n'
    with pytest.raises(LockError, match="the group includes itself"):
        written("pdm.lock", text, pyproject__toml=project)


@pytest.mark.parametrize("locked", SPELLINGS)
@pytest.mark.parametrize("written_as", SPELLINGS)
class TestUv:
    HEAD = 'version = 1\nrevision = 3\nrequires-python = ">=3.10"\n'

    def test_default_groups(self, written, names, locked, written_as):
        lines = f'[package.dev-dependencies]\n"{locked}" = [{{ name = "a" }}]\n'
        lines += f'[package.metadata.requires-dev]\n"{written_as}" = [{{ name = "a" }}]'
        text = self.HEAD + of_uv("a") + of_uv("top", lines, source='{ virtual = "." }')
        lock = written("uv.lock", text, pyproject__toml=f'[tool.uv]\ndefault-groups = ["{written_as}"]\n')
        assert (lock.groups, lock.default_groups) == (("dev-tools",), ("dev-tools",))
        assert (names(lock), names(lock, default_groups=True)) == ([], ["a==1.0"])
        assert names(lock, [written_as]) == ["a==1.0"]

    def test_extras_of_the_project_and_of_requirements(self, written, names, locked, written_as):
        optional = '[package.optional-dependencies]\n"{}" = [{{ name = "{}", extra = ["{}"] }}]\n'
        provides = f'[package.metadata]\nprovides-extras = ["{written_as}"]'
        text = self.HEAD + of_uv("a", optional.format(locked, "b", "none")) + of_uv("b")
        text += of_uv("top", optional.format(locked, "a", written_as) + provides, source='{ virtual = "." }')
        lock = written("uv.lock", text)
        assert lock.extras == ("dev-tools",)
        assert (names(lock), names(lock, extras=[written_as])) == ([], ["a==1.0", "b==1.0"])

    def test_conflicts(self, written, locked, written_as):
        lines = f'[package.dev-dependencies]\n"{locked}" = [{{ name = "a" }}]\ndocs = [{{ name = "a" }}]'
        conflicts = (
            f'conflicts = [[{{ package = "Top", group = "{written_as}" }}, {{ package = "top", group = "docs" }}]]\n'
        )
        lock = written("uv.lock", self.HEAD + conflicts + of_uv("a") + of_uv("top", lines, source='{ virtual = "." }'))
        with pytest.raises(LockError, match="group dev-tools and group docs exclude each other"):
            lock.chosen(["dev-tools", "docs"])


@pytest.mark.parametrize("locked", SPELLINGS)
@pytest.mark.parametrize("written_as", SPELLINGS)
def test_a_default_group_of_pylock_can_be_left_out(written, names, locked, written_as):
    head = 'lock-version = "1.0"\ncreated-by = "test"\n'
    head += f'dependency-groups = ["{locked}"]\ndefault-groups = ["{written_as}"]\n'
    lock = written("pylock.toml", head + of_pylock("a", f"'{locked}' in dependency_groups"))
    assert (lock.groups, lock.default_groups, lock.always) == (("dev-tools",), ("dev-tools",), ())
    assert lock.packages[0].groups == ("dev-tools",)
    assert (names(lock), names(lock, default_groups=True), names(lock, [written_as])) == ([], ["a==1.0"], ["a==1.0"])


def test_an_extra_of_pylock_is_asked_for_by_any_spelling(written, names):
    head = 'lock-version = "1.0"\ncreated-by = "test"\nextras = ["dev-tools"]\n'
    lock = written("pylock.toml", head + of_pylock("a", "'Dev_Tools' in extras"))
    assert lock.packages[0].extras == ("dev-tools",)
    assert names(lock, extras=["DEV.tools"]) == ["a==1.0"]


def test_pipenv_takes_two_spellings_for_two_categories(written, names, tmp_path):
    entry = {"version": "==1.0", "hashes": [f"sha256:{HASH}"]}
    content = {
        "_meta": {"pipfile-spec": 6},
        "default": {},
        "a_b": {"one": entry},
        "a-b": {"two": entry},
        "C_d": {"c": entry},
    }
    lock = written("Pipfile.lock", json.dumps(content))
    assert (names(lock, ["a_b"]), names(lock, ["a-b"])) == (["one==1.0"], ["two==1.0"])
    assert names(lock, ["c-d"]) == ["c==1.0"]
    with pytest.raises(LockError) as caught:
        lock.chosen(["A.B"])
    reason = "the group 'A.B' may be each of a_b, a-b"
    assert str(caught.value) == f"{tmp_path}/Pipfile.lock: {reason}\n  Write the group as the lock does."
