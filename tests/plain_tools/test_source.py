"""A source file as it lies on the disk: what can be read, and what writing it keeps."""

import os

import pytest

from versioned_import.plain_tools import source as source_module
from versioned_import.plain_tools.source import SourceError, parse_source, read_source, write_source

OLD, NEW = b"import a version 1\n", b"import a version 1\nimport b\n"


@pytest.fixture
def app(tmp_path):
    path = tmp_path / "app.py"
    path.write_bytes(OLD)
    return path


class TestReading:
    @pytest.mark.parametrize("name", ["idna", "undefined", "punycode", "rot13", "utf-16"])
    def test_codecs_that_are_not_for_source_text(self, name):
        with pytest.raises(SourceError) as raised:
            parse_source("app.py", f"# coding: versioned-{name}\nx = '{'..' * 50}'\n".encode())
        assert raised.value.request.startswith("app.py")

    def test_text_that_the_encoding_cannot_say(self):
        source = parse_source("app.py", b"# coding: versioned-latin-1\n")
        with pytest.raises(SourceError, match=r"^app.py: the new text can't be written as latin-1: "):
            source.encoded("# \u20ac\n")


class TestWriting:
    def test_read_only_file_is_left(self, app):
        app.chmod(0o444)
        with pytest.raises(SourceError) as raised:
            write_source(read_source(str(app)), NEW)
        assert str(raised.value) == (
            f"{app}: it is read-only (mode 0444), and is left as it is\n  chmod u+w makes it writable."
        )
        assert app.read_bytes() == OLD
        assert os.listdir(app.parent) == ["app.py"]

    def test_hard_links_stay(self, app):
        other = app.with_name("other.py")
        os.link(app, other)
        source = read_source(str(app))
        beside = read_source(str(other))
        write_source(source, NEW)
        assert other.read_bytes() == app.read_bytes() == NEW
        assert app.samefile(other)
        assert sorted(os.listdir(app.parent)) == ["app.py", "other.py"]
        write_source(beside, NEW)  # the same by its other name
        write_source(read_source(str(app)), OLD)
        assert other.read_bytes() == OLD

    def test_old_bytes_come_back_where_writing_into_a_hard_link_fails(self, app, monkeypatch):
        os.link(app, app.with_name("other.py"))
        write_into = source_module._write_into

        def half(file, data):
            if data == NEW:
                file.write(data[:9] + b"?")
                raise OSError(28, "No space left on device")
            write_into(file, data)

        monkeypatch.setattr(source_module, "_write_into", half)
        with pytest.raises(OSError, match="No space left"):
            write_source(read_source(str(app)), NEW)
        assert app.read_bytes() == OLD
        assert sorted(os.listdir(app.parent)) == ["app.py", "other.py"]

    def test_owner_and_group_stay(self, app):
        if os.geteuid():
            pytest.skip("only root has files of others")
        os.chown(app, 12345, 54321)
        write_source(read_source(str(app)), NEW)
        status = app.stat()
        assert (app.read_bytes(), status.st_uid, status.st_gid) == (NEW, 12345, 54321)

    def test_file_that_was_changed_meanwhile_is_left(self, app):
        source = read_source(str(app))
        app.write_bytes(b"x = 1\n")
        with pytest.raises(SourceError, match="it was changed meanwhile"):
            write_source(source, NEW)
        assert app.read_bytes() == b"x = 1\n"
