import compileall
import os
import stat
import sys

import pytest
from wheels import metadata, record_hash, record_problems, record_rows, record_text, tree

from versioned_import.engines import wheels
from versioned_import.errors import InstallError


@pytest.fixture
def target(tmp_path):
    (tmp_path / "target").mkdir()
    return str(tmp_path / "target")


def one(target):
    (found,) = wheels.distributions(target)
    return found


def taken_apart(target, tmp_path):
    site = tmp_path / "site"
    site.mkdir(exist_ok=True)
    for found in wheels.distributions(target):
        assert wheels.damage(target, found) == ""
        wheels.move_apart(target, found, str(site / f"{found.name}-{found.version}"))
    return site


def test_names_are_canonical_and_versions_normal(target):
    tree(target, "Foo.Bar", "01.0rc01", {})
    found = one(target)
    assert (found.name, found.version, found.info) == ("foo-bar", "1.0rc1", "Foo.Bar-01.0rc01.dist-info")


def test_each_gets_its_own_files_of_a_namespace_package(target, tmp_path):
    tree(target, "a", "1", {"space/a/__init__.py": "A"})
    tree(target, "b", "2", {"space/b/__init__.py": "B"})
    site = taken_apart(target, tmp_path)
    assert sorted(str(path.relative_to(site)) for path in site.rglob("__init__.py")) == [
        "a-1/space/a/__init__.py",
        "b-2/space/b/__init__.py",
    ]
    assert record_problems(site) == []
    assert wheels.left_behind(target, []) == []


ENTRY_POINTS = "[console_scripts]\ntool = a:main\n[gui_scripts]\nwindow = a:main\n[a.plugins]\nother = a\n"


def test_what_is_no_module_stands_where_its_wheel_has_it(target, tmp_path):
    files = {
        "a.py": "",
        "../../bin/tool": "#!python",
        "../../share/doc/a.txt": "text",
        "../../include/site/python3.11/A/sub/a.h": "",
        "../../include/python/a/b.h": "",
        "../../include/site/python3.11/other/c.h": "",
    }
    tree(target, "a", "1", files)
    found = one(target)
    site = taken_apart(target, tmp_path)
    paths = [row[0] for row in record_rows(site / "a-1")]
    assert paths[:6] == [
        "a.py",
        "a-1.data/scripts/tool",
        "a-1.data/data/share/doc/a.txt",
        "a-1.data/headers/sub/a.h",
        "a-1.data/headers/b.h",
        "a-1.data/data/include/site/python3.11/other/c.h",
    ]
    assert record_problems(site) == []
    assert wheels.notices(found) == (
        "a 1: 2 data files kept in a-1.data/data/, not in sys.prefix (such as share/doc/a.txt)",
    )


def test_launchers_that_the_installer_made_are_left_out(target, tmp_path):
    names = ["tool", "window", "window.exe", "other", "tool3.11"]
    files = {f"../../bin/{name}": name for name in names}
    tree(target, "a", "1", {"a-1.dist-info/entry_points.txt": ENTRY_POINTS, **files})
    found = one(target)
    assert found.dropped == ("bin/tool", "bin/window", "bin/window.exe")
    site = taken_apart(target, tmp_path)
    assert sorted(path.name for path in (site / "a-1" / "a-1.data" / "scripts").iterdir()) == ["other", "tool3.11"]
    assert not [path for path, *_ in record_rows(site / "a-1") if path.endswith(("/tool", "/window", "/window.exe"))]
    assert record_problems(site) == []
    assert wheels.left_behind(target, [found]) == []


def test_a_launcher_that_pip_makes_with_the_version_of_python_is_left_out(target):
    text = "[console_scripts]\npip = a:main\neasy_install = a:main\n"
    names = ["pip", "pip3", "pip3.11", "easy_install-3.11", "pip-helper"]
    files = {f"../../bin/{name}": name for name in names}
    tree(target, "a", "1", {"a-1.dist-info/entry_points.txt": text, **files})
    assert list(one(target).dropped) == [f"bin/{name}" for name in names[:-1]]


def test_launchers_of_one_name_spoil_nothing(target):
    entry_points = "[console_scripts]\ntool = a:main\n"
    for name in ("a", "b"):
        files = {f"{name}-1.dist-info/entry_points.txt": entry_points, "../../bin/tool": name}
        tree(target, name, "1", files)
    found = wheels.distributions(target)
    assert wheels.shared_files(found) == set()
    assert [wheels.damage(target, one) for one in found] == ["", ""]


def test_entry_points_that_can_not_be_read_make_no_launchers(target):
    tree(target, "a", "1", {"a-1.dist-info/entry_points.txt": "[console_scripts]\ntool\n", "../../bin/tool": ""})
    assert one(target).dropped == ()


class TestOtherLayout:
    """A tree whose RECORDs are true (`uv pip install --prefix`)."""

    LAYOUT = wheels.Layout(
        modules="lib/python3.11/site-packages",
        modules_at="lib/python3.11/site-packages",
        private=frozenset({"uv_cache.json"}),
    )

    def made(self, target, files):
        record = record_text({**files, "a-1.dist-info/METADATA": metadata("a", "1")}, "a-1.dist-info/RECORD")
        modules = os.path.join(target, self.LAYOUT.modules)
        contents = {**files, "a-1.dist-info/METADATA": metadata("a", "1"), "a-1.dist-info/RECORD": record}
        for path, text in contents.items():
            place = os.path.normpath(os.path.join(modules, path))
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w") as file:
                file.write(text)
        return modules

    def test_files_go_to_the_same_places(self, target, tmp_path):
        files = {
            "a.py": "",
            "../../../bin/tool": "#!python",
            "../../../include/site/python3.11/a/a.h": "",
            "../../libx.so": "x",
            "a-1.dist-info/uv_cache.json": "{}",
        }
        self.made(target, files)
        (found,) = wheels.distributions(target, self.LAYOUT)
        assert wheels.damage(target, found) == ""
        wheels.move_apart(target, found, str(tmp_path / "a-1"))
        assert [row[0] for row in record_rows(tmp_path / "a-1")] == [
            "a.py",
            "a-1.data/scripts/tool",
            "a-1.data/headers/a.h",
            "a-1.data/data/lib/libx.so",
            "a-1.dist-info/METADATA",
            "a-1.dist-info/RECORD",
        ]
        assert record_problems(tmp_path) == []
        assert wheels.left_behind(target, [found]) == []

    def test_bytecode_that_no_record_lists_is_listed(self, target, tmp_path):
        modules = self.made(target, {"a/b.py": ""})
        compileall.compile_dir(modules, quiet=1)
        (found,) = wheels.distributions(target, self.LAYOUT)
        wheels.move_apart(target, found, str(tmp_path / "a-1"))
        name = f"b.{sys.implementation.cache_tag}.pyc"
        assert (f"a/__pycache__/{name}", "", "") in record_rows(tmp_path / "a-1")
        assert (tmp_path / "a-1" / "a" / "__pycache__" / name).exists()
        assert wheels.left_behind(target, [found]) == []

    @pytest.mark.parametrize("path", ["/etc/passwd", "../../../../outside.py", "../../../../../../etc/passwd"])
    def test_a_record_that_leads_outside_is_refused(self, target, path):
        modules = self.made(target, {"a.py": ""})
        with open(f"{modules}/a-1.dist-info/RECORD", "a") as file:
            file.write(f"{path},,\n")
        with pytest.raises(InstallError, match="its RECORD leads outside"):
            wheels.distributions(target, self.LAYOUT)


def test_a_pth_file_is_kept_and_named(target, tmp_path):
    tree(target, "a", "1", {"a.pth": "import os", "a/inner.pth": ""})
    assert wheels.notices(one(target)) == ("a 1: a.pth is kept, but never run from a versioned directory",)
    assert (taken_apart(target, tmp_path) / "a-1" / "a.pth").read_text() == "import os"


def test_bytecode_belongs_to_its_distribution(target, tmp_path):
    tree(target, "a", "1", {"a.py": ""}, extra_rows=[("__pycache__/a.cpython-311.pyc", "", "")])
    os.mkdir(f"{target}/__pycache__")
    with open(f"{target}/__pycache__/a.cpython-311.pyc", "wb") as file:
        file.write(b"code")
    site = taken_apart(target, tmp_path)
    assert ("__pycache__/a.cpython-311.pyc", "", "") in record_rows(site / "a-1")
    assert record_problems(site) == []


def test_bytecode_that_a_wheel_ships_and_pip_compiled_anew_is_not_held_to_the_old_hash(target):
    path = "__pycache__/a.cpython-311.pyc"
    tree(target, "a", "1", {"a.py": "", path: "old"}, extra_rows=[(path, "", "")])
    with open(f"{target}/{path}", "w") as file:
        file.write("compiled anew")
    assert wheels.damage(target, one(target)) == ""


def test_a_file_without_hash_gets_one(target, tmp_path):
    (tmp_path / "target" / "late.py").write_text("late")
    tree(target, "a", "1", {}, extra_rows=[("late.py", "", "")])
    site = taken_apart(target, tmp_path)
    assert ("late.py", record_hash(b"late"), "4") in record_rows(site / "a-1")


def test_directories_in_a_record_are_passed_over(target, tmp_path):
    tree(target, "a", "1", {"a/__init__.py": ""}, extra_rows=[("a/", "", ""), ("a", "", "")])
    assert record_problems(taken_apart(target, tmp_path)) == []


def test_a_versioned_directory_can_be_read_by_all_whatever_staging_was(target, tmp_path):
    tree(target, "a", "1", {"a/__init__.py": ""})
    before = os.umask(0o027)
    try:
        site = taken_apart(target, tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((site / "a-1").stat().st_mode) == 0o750
    assert stat.S_IMODE((site / "a-1" / "a").stat().st_mode) == 0o750


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../outside.py",
        "../../../outside",
        "../../bin/../../outside",
        "a/../../outside.py",
        "../../../../../../etc/passwd",
        "",
        ".",
        "../..",
    ],
)
def test_a_record_that_leads_outside_is_refused(target, path):
    tree(target, "a", "1", {"a.py": ""}, extra_rows=[(path, "sha256=x", "1")])
    with pytest.raises(InstallError) as caught:
        wheels.distributions(target)
    assert str(caught.value) == (
        f"a-1.dist-info: its RECORD leads outside: {path}\n  Don't trust it: nothing was installed."
    )


@pytest.mark.parametrize(("name", "version"), [("other", "1"), ("a", "2"), ("a", "1.0.1")])
def test_a_dist_info_of_another_name_is_refused(target, name, version):
    tree(target, "a", "1", {})
    os.rename(f"{target}/a-1.dist-info", f"{target}/{name}-{version}.dist-info")
    with pytest.raises(InstallError, match="its metadata speaks of another distribution: a 1"):
        wheels.distributions(target)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("a.py,md5=abc,1\na-1.dist-info/RECORD,,\n", "uses a hash that is not secure: md5=abc"),
        ("a.py,,\n", "does not name itself"),
    ],
)
def test_a_record_that_can_not_be_relied_on_is_refused(target, record, message):
    tree(target, "a", "1", {"a.py": ""}, record=record)
    with pytest.raises(InstallError, match=message):
        wheels.distributions(target)


def test_a_missing_record_is_refused(target):
    tree(target, "a", "1", {})
    os.unlink(f"{target}/a-1.dist-info/RECORD")
    with pytest.raises(InstallError, match="its RECORD can't be read: No such file or directory"):
        wheels.distributions(target)


def test_a_version_that_is_none_is_refused(target):
    tree(target, "a", "newest", {})
    with pytest.raises(InstallError, match="its version 'newest' is no version"):
        wheels.distributions(target)


class TestDamage:
    """Every hash of the RECORD is checked before anything lands."""

    def test_a_changed_file(self, target):
        tree(target, "a", "1", {"a.py": "one"})
        with open(f"{target}/a.py", "w") as file:
            file.write("two")
        assert wheels.damage(target, one(target)) == "a.py does not have the hash of its RECORD"

    def test_a_file_of_another_length(self, target):
        tree(target, "a", "1", {"a.py": "one"})
        with open(f"{target}/a.py", "w") as file:
            file.write("three")
        assert wheels.damage(target, one(target)) == "a.py has 5 bytes, not the 3 of its RECORD"

    def test_a_missing_file(self, target):
        tree(target, "a", "1", {}, extra_rows=[("gone.py", "", "")])
        assert wheels.damage(target, one(target)) == "gone.py is in its RECORD but was not installed"

    def test_a_link(self, target):
        tree(target, "a", "1", {}, extra_rows=[("link.py", "", "")])
        os.symlink("/etc/passwd", f"{target}/link.py")
        assert wheels.damage(target, one(target)) == "link.py is not a regular file"


def test_files_that_two_claim_are_found(target):
    tree(target, "a", "1", {"cv.py": "a", "a.py": ""})
    tree(target, "b", "1", {"cv.py": "b"})
    assert wheels.shared_files(wheels.distributions(target)) == {"cv.py"}


def test_what_nobody_claims_is_left_behind(target, tmp_path):
    tree(target, "a", "1", {"a.py": ""})
    (tmp_path / "target" / "odd").mkdir()
    (tmp_path / "target" / "odd" / "file").write_text("")
    taken_apart(target, tmp_path)
    assert wheels.left_behind(target, []) == ["odd/file"]
