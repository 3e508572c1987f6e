"""A hostile wheel is refused before anything of it is unpacked."""

import stat
import zipfile

import pytest
from wheels import build, metadata, record_text

from versioned_import.errors import InstallError
from versioned_import.in_pip.wheel_archive import checked

ADVICE = "\n  Don't trust this wheel: nothing was installed."


def wheel(path, files, *, link="", twice="", extra_rows=(), info="evil-1.0.dist-info", name="evil"):
    """Write a wheel member by member; `link` names a symbolic link, `twice` a member that comes again."""
    contents = {**files, f"{info}/METADATA": metadata(name, "1.0"), f"{info}/WHEEL": "Wheel-Version: 1.0\n"}
    record = f"{info}/RECORD"
    contents[record] = record_text(contents, record, extra_rows=extra_rows)
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in contents.items():
            archive.writestr(member, content)
        if link:
            entry = zipfile.ZipInfo(link)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
        if twice:
            with pytest.warns(UserWarning, match="Duplicate name"):
                archive.writestr(twice, "other")
    return str(path)


def refusal(path, name="evil", version="1.0"):
    with pytest.raises(InstallError) as caught:
        checked(path, name, version)
    return str(caught.value)


@pytest.mark.parametrize(
    ("member", "problem"),
    [
        ("/etc/passwd", "is absolute"),
        ("C:/Windows/x.py", "is absolute"),
        ("../outside.py", "leads outside"),
        ("a/../../outside.py", "leads outside"),
        ("a/../b.py", "leads outside"),
        ("a\\b.py", "has a backslash"),
        ("a\nb.py", "has a control character"),
        ("./a.py", "is no plain path"),
        ("a//b.py", "is no plain path"),
    ],
)
def test_names_of_members(tmp_path, member, problem):
    path = wheel(tmp_path / "w.whl", {member: ""})
    assert refusal(path) == f"w.whl: its member {member!r} {problem}{ADVICE}"


def test_a_symbolic_link(tmp_path):
    path = wheel(tmp_path / "w.whl", {}, link="evil/passwd")
    assert refusal(path) == f"w.whl: its member 'evil/passwd' is a symbolic link{ADVICE}"


def test_a_member_that_comes_twice(tmp_path):
    path = wheel(tmp_path / "w.whl", {"evil.py": "good"}, twice="evil.py")
    assert refusal(path) == f"w.whl: its member 'evil.py' comes twice{ADVICE}"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("/etc/passwd", "", ""), "its RECORD leads elsewhere: '/etc/passwd' is absolute"),
        (("../../../bin/sh", "", ""), "its RECORD leads elsewhere: '../../../bin/sh' leads outside"),
        (("other.py", "", ""), "other.py is in its RECORD but not in the wheel"),
        (("evil.py", "sha256=AAAA", ""), "evil.py does not have the hash of its RECORD"),
        (("evil.py", "md5=AAAA", ""), "its RECORD uses a hash that is not secure: md5=AAAA"),
        (("evil.py", "", "99"), "evil.py has 4 bytes, not the 99 of its RECORD"),
    ],
)
def test_rows_of_the_record(tmp_path, row, problem):
    path = wheel(tmp_path / "w.whl", {"evil.py": "evil"}, extra_rows=[row])
    assert refusal(path) == f"w.whl: {problem}{ADVICE}"


@pytest.mark.parametrize(
    ("info", "name", "problem"),
    [
        ("good-1.0.dist-info", "evil", "its metadata directory is good-1.0.dist-info, though it is evil 1.0"),
        ("evil-1.0.dist-info", "good", "its metadata speaks of good 1.0, not of evil 1.0"),
        ("evil-2.0.dist-info", "evil", "its metadata directory is evil-2.0.dist-info, though it is evil 1.0"),
    ],
)
def test_the_metadata_of_another_distribution(tmp_path, info, name, problem):
    assert refusal(wheel(tmp_path / "w.whl", {}, info=info, name=name)) == f"w.whl: {problem}{ADVICE}"


def test_two_metadata_directories(tmp_path):
    path = wheel(tmp_path / "w.whl", {"good-1.0.dist-info/METADATA": ""})
    assert refusal(path) == f"w.whl: it holds 2 .dist-info directories, not one{ADVICE}"


def test_metadata_that_lacks_a_part(tmp_path):
    with zipfile.ZipFile(tmp_path / "w.whl", "w") as archive:
        archive.writestr("evil-1.0.dist-info/METADATA", metadata("evil", "1.0"))
    assert refusal(str(tmp_path / "w.whl")) == f"w.whl: evil-1.0.dist-info has no WHEEL{ADVICE}"


@pytest.mark.parametrize("script", ["../../python", "/bin/sh", "a/b"])
def test_a_script_whose_name_is_a_path(tmp_path, script):
    points = f"[console_scripts]\n{script} = evil:main\n"
    path = wheel(tmp_path / "w.whl", {"evil-1.0.dist-info/entry_points.txt": points})
    assert refusal(path) == f"w.whl: its script {script!r} has a path for a name{ADVICE}"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (
            {"good-1.0.data/scripts/x": ""},
            "its member 'good-1.0.data/scripts/x' is in the data directory of another distribution",
        ),
        (
            {"evil.py": "", "evil-1.0.data/purelib/evil.py": ""},
            "its member 'evil-1.0.data/purelib/evil.py' would overwrite another one",
        ),
        (
            {"evil-1.0.data/purelib/good-2.0.dist-info/METADATA": ""},
            "its member 'evil-1.0.data/purelib/good-2.0.dist-info/METADATA' is the metadata of another distribution",
        ),
        (
            {"evil-1.0.data/platlib/good.dist-info": ""},
            "its member 'evil-1.0.data/platlib/good.dist-info' is the metadata of another distribution",
        ),
    ],
)
def test_data_that_would_land_on_something_else(tmp_path, files, problem):
    assert refusal(wheel(tmp_path / "w.whl", files)) == f"w.whl: {problem}{ADVICE}"


def test_a_file_that_is_no_wheel(tmp_path):
    (tmp_path / "w.whl").write_text("no")
    expected = "w.whl: the wheel can't be read: File is not a zip file\n  Ask for another release."
    assert refusal(str(tmp_path / "w.whl")) == expected


def test_a_record_with_a_field_that_is_no_path(tmp_path):
    path = wheel(tmp_path / "w.whl", {}, extra_rows=[("x" * 140_000, "", "")])
    expected = "w.whl: the wheel can't be read: field larger than field limit (131072)\n  Ask for another release."
    assert refusal(path) == expected


def test_an_encrypted_member(tmp_path):
    path = tmp_path / "w.whl"
    wheel(path, {"evil.py": ""})
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")  # of the first member, in the archive's directory
    data[entry + 8] |= 1
    path.write_bytes(data)
    assert refusal(str(path)) == f"w.whl: its member 'evil.py' is encrypted{ADVICE}"


def test_a_member_that_is_damaged(tmp_path):
    path = tmp_path / "w.whl"
    wheel(path, {})
    data = path.read_bytes()
    path.write_bytes(data.replace(b"Name: evil", b"Name: good"))
    expected = (
        "w.whl: the wheel can't be read: Bad CRC-32 for file 'evil-1.0.dist-info/METADATA'\n  Ask for another release."
    )
    assert refusal(str(path)) == expected


def test_metadata_of_its_own_may_stand_among_the_modules(tmp_path):
    files = {"evil/vendored-1.0.dist-info/METADATA": "", "evil-1.0.data/purelib/evil-1.0.dist-info/more": ""}
    assert checked(wheel(tmp_path / "w.whl", files), "evil", "1.0").info == "evil-1.0.dist-info"


def test_a_good_wheel_tells_its_scripts(tmp_path):
    files = {"Good/__init__.py": "", "Good_One-1.0.data/scripts/do": "#!python\n", "Good_One-1.0.data/data/x": ""}
    archive = checked(str(build(tmp_path, "Good-One", "1.0", files)), "good-one", "1.0")
    assert (archive.info, archive.stem, archive.scripts) == ("Good_One-1.0.dist-info", "Good_One-1.0", {"do"})
