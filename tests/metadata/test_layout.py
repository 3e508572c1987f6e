"""Reading one directory of a site directory: what is a candidate, and why something is none."""

import os
import shutil
import textwrap

import pytest
from made import make_flat, make_versioned, one_package, write
from packaging.requirements import Requirement

from versioned_import.metadata.layout import (
    NotACandidate,
    canonical,
    is_still_there,
    normal_version,
    read_flat,
    read_versioned,
    requirements_of,
)


def reason(site, entry):
    with pytest.raises(NotACandidate) as caught:
        read_versioned(str(site), entry, 0)
    return str(caught.value)


class TestVersionedDirectory:
    """`NAME-VERSION/` holds the unchanged wheel tree; the one `*.dist-info` inside is the authority (D5)."""

    def test_everything_is_read(self, site):
        tags = ("py2-none-any", "py3-none-any")
        make_versioned(
            site, "Demo", "1.2", one_package("demo", "1.2"), tags=tags, requires_python=">=3.8", requires=["other>=1"]
        )
        candidate = read_versioned(str(site), "demo-1.2", 7)
        assert candidate.distribution == "demo"
        assert candidate.version == "1.2"
        assert candidate.names == ("demo",)
        assert candidate.tags == tags
        assert candidate.requires_python == ">=3.8"
        assert candidate.changed == 7
        assert candidate.path == str(site / "demo-1.2")
        assert candidate.metadata_directory == str(site / "demo-1.2" / "Demo-1.2.dist-info")
        assert requirements_of(candidate) == ["other>=1"]
        assert repr(candidate) == f"<Candidate demo 1.2 in {site}/demo-1.2/>"

    @pytest.mark.parametrize(
        ("entry", "name", "version", "normal"),
        [
            ("Foo_Bar-1.0", "Foo.Bar", "1.0", "1.0"),
            ("foo-1!2.0", "foo", "1!2.0", "1!2.0"),
            ("foo-1.0+cu121.1", "foo", "1.0+cu121.1", "1.0+cu121.1"),
            ("foo-2024.01.05", "foo", "2024.01.05", "2024.1.5"),
            ("foo-1.0RC1", "foo", "1.0rc1", "1.0rc1"),
            ("a-b-c-3", "a_b.c", "3", "3"),
            ("paquet-é-1.0", "paquet-é", "1.0", "1.0"),
        ],
    )
    def test_spellings_of_name_and_version(self, site, entry, name, version, normal):
        make_versioned(site, name, version, entry=entry)
        candidate = read_versioned(str(site), entry, 0)
        assert (candidate.distribution, candidate.version) == (canonical(name), normal)

    def test_description_is_not_metadata(self, site):
        make_versioned(site, "demo", "1.2")
        assert read_versioned(str(site), "demo-1.2", 0).version == "1.2"


class TestNoCandidate:
    """A directory in which anything is doubtful is passed over, with the reason."""

    def test_no_distribution_at_all(self, site):
        write(site / "foo-1.0" / "foo.py", "")
        assert reason(site, "foo-1.0") == "holds no .dist-info"

    def test_two_distributions(self, site):
        make_versioned(site, "foo", "1.0")
        make_versioned(site, "bar", "1.0", entry="foo-1.0")
        assert reason(site, "foo-1.0") == "holds 2 .dist-info directories"

    def test_another_name(self, site):
        make_versioned(site, "bar", "1.0", entry="foo-1.0")
        assert reason(site, "foo-1.0") == "is called foo-1.0, but its metadata says bar 1.0"

    def test_another_version(self, site):
        make_versioned(site, "foo", "1.1", entry="foo-1.0")
        assert reason(site, "foo-1.0") == "is called foo-1.0, but its metadata says foo 1.1"

    def test_metadata_gone(self, site):
        make_versioned(site, "foo", "1.0")
        (site / "foo-1.0" / "foo-1.0.dist-info" / "METADATA").unlink()
        assert reason(site, "foo-1.0") == "has no readable METADATA"

    def test_file_in_the_place_of_the_dist_info(self, site):
        write(site / "foo-1.0" / "foo-1.0.dist-info", "")
        assert reason(site, "foo-1.0") == "has no readable METADATA"

    def test_metadata_without_version(self, site):
        make_versioned(site, "foo", "1.0")
        write(site / "foo-1.0" / "foo-1.0.dist-info" / "METADATA", "Metadata-Version: 2.1\nName: foo\n\n")
        assert reason(site, "foo-1.0") == "has no name or version in foo-1.0.dist-info"

    def test_binary_metadata(self, site):
        make_versioned(site, "foo", "1.0")
        (site / "foo-1.0" / "foo-1.0.dist-info" / "METADATA").write_bytes(b"\x00\xff\xfe" * 50)
        assert reason(site, "foo-1.0") == "has no name or version in foo-1.0.dist-info"

    def test_file_instead_of_directory(self, site):
        write(site / "foo-1.0", "")
        assert reason(site, "foo-1.0") == "can't be read: Not a directory"

    @pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="nothing is unreadable for root")
    def test_unreadable_directory(self, site):
        make_versioned(site, "foo", "1.0").chmod(0)
        try:
            assert reason(site, "foo-1.0") == "can't be read: Permission denied"
        finally:
            (site / "foo-1.0").chmod(0o755)

    def test_control_characters_in_metadata(self, site):
        make_versioned(site, "foo", "1.0", requires_python=">=3\x07")
        assert reason(site, "foo-1.0") == "has metadata that isn't plain text"


class TestMissingRecord:
    """Without a RECORD the listing says which names there are."""

    def test_names_from_the_listing(self, site):
        files = {"foo.py": "", "_foo.cpython-311-x86_64-linux-gnu.so": "", "pack/__init__.py": "", "no-name.py": ""}
        directory = make_versioned(site, "foo", "1.0", files)
        (directory / "foo-1.0.dist-info" / "RECORD").unlink()
        write(directory / "__pycache__" / "foo.cpython-311.pyc", "")
        assert read_versioned(str(site), "foo-1.0", 0).names == ("_foo", "foo", "pack")


class TestFlat:
    """What plain pip and setuptools leave."""

    def test_dist_info(self, site):
        info = make_flat(site, "Demo", "1.2", one_package("demo", "1.2"), requires_python=">=99")
        candidate = read_flat(str(site), info.name, 0)
        assert (candidate.entry, candidate.path, candidate.names) == ("", str(site), ("demo",))
        assert candidate.place == f"{site} (flat install)"

    def test_egg_info_directory(self, site):
        write(site / "Old.egg-info" / "PKG-INFO", "Name: Old\nVersion: 0.9\n\n")
        write(site / "Old.egg-info" / "top_level.txt", "old\n_old\n")
        write(site / "Old.egg-info" / "requires.txt", "six>=1\n\n[test]\npytest\n")
        candidate = read_flat(str(site), "Old.egg-info", 0)
        assert (candidate.distribution, candidate.version, candidate.names) == ("old", "0.9", ("_old", "old"))
        assert requirements_of(candidate) == ["six>=1", 'pytest; extra == "test"']
        assert is_still_there(candidate)

    def test_sections_of_an_egg_info_are_markers(self, site):
        """As importlib.metadata reads them; a marker on the line itself holds as well."""
        write(site / "Old.egg-info" / "PKG-INFO", "Name: Old\nVersion: 0.9\n\n")
        text = """\
            # by hand
            six>=1

            [:python_version >= "3"]
            foo==1.0
            far @ https://index.example/far.zip

            [test]
            pytest
            mock; python_version < "3"

            [ssl:sys_platform == "win32" or os_name == "nt"]
            wincert==1
            """
        write(site / "Old.egg-info" / "requires.txt", textwrap.dedent(text))
        lines = requirements_of(read_flat(str(site), "Old.egg-info", 0))
        assert lines == [
            "six>=1",
            'foo==1.0; (python_version >= "3")',
            'far @ https://index.example/far.zip ; (python_version >= "3")',
            'pytest; extra == "test"',
            'mock; (python_version < "3") and extra == "test"',
            'wincert==1; (sys_platform == "win32" or os_name == "nt") and extra == "ssl"',
        ]
        for line in lines:
            Requirement(line)

    def test_requirements_in_the_headers_of_an_egg_info_count_first(self, site):
        write(site / "Old.egg-info" / "PKG-INFO", "Name: Old\nVersion: 0.9\nRequires-Dist: six>=2\n\n")
        write(site / "Old.egg-info" / "requires.txt", "six>=1\n")
        assert requirements_of(read_flat(str(site), "Old.egg-info", 0)) == ["six>=2"]

    def test_egg_info_file(self, site):
        write(site / "old-0.9.egg-info", "Name: Old\nVersion: 0.9\n\n")
        candidate = read_flat(str(site), "old-0.9.egg-info", 0)
        assert candidate.names == ()
        assert is_still_there(candidate)
        (site / "old-0.9.egg-info").unlink()
        assert not is_still_there(candidate)

    def test_editable(self, site):
        info = make_flat(site, "My-Tool", "1.0", {"__editable___my_tool_finder.py": "", "my_tool.pth": "/src\n"})
        assert read_flat(str(site), info.name, 0).names == ()
        write(info / "direct_url.json", '{"url": "file:///src", "dir_info": {"editable": true}}')
        assert read_flat(str(site), info.name, 0).names == ("my_tool",)

    def test_broken_direct_url(self, site):
        info = make_flat(site, "tool", "1.0", {"tool.pth": "/src\n"})
        write(info / "direct_url.json", "[1, 2")
        assert read_flat(str(site), info.name, 0).names == ()

    def test_half_deleted(self, site):
        info = make_flat(site, "demo", "1.0")
        candidate = read_flat(str(site), info.name, 0)
        shutil.rmtree(info)
        assert not is_still_there(candidate)
        with pytest.raises(NotACandidate, match="has no readable METADATA"):
            requirements_of(candidate)


@pytest.mark.parametrize(
    ("text", "normal"), [("1.0", "1.0"), ("1.00", "1.0"), ("v2", "2"), ("1.0-ODD", "1.0-ODD"), ("", "")]
)
def test_normal_version(text, normal):
    assert normal_version(text) == normal
