"""Import names out of RECORD: top_level.txt is missing in half of all wheels (D5)."""

import pytest
from made import make_versioned

from versioned_import.metadata.layout import read_versioned
from versioned_import.metadata.names import names_from_paths, names_from_record


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["foo.py"], ("foo",)),
        (["foo/__init__.py", "foo/bar.py", "foo/bar/baz/__init__.py"], ("foo",)),
        (["_foo.abi3.so", "foo.cpython-311-x86_64-linux-gnu.so"], ("_foo", "foo")),
        (["google/cloud/storage/__init__.py", "google/cloud/storage/blob.py"], ("google.cloud.storage",)),
        (["google/protobuf/__init__.py", "google/_upb/_message.abi3.so"], ("google.protobuf", "google._upb._message")),
        (["ns/a.py", "ns/b.py"], ("ns.a", "ns.b")),
        (["foo/__init__.pyc"], ("foo",)),
        (["foo/__pycache__/x.cpython-311.pyc", "foo-1.0.dist-info/x.py", "foo-1.0.data/scripts/y.py"], ()),
        (["../../bin/foo.py", "../evil/__init__.py", "/etc/evil.py", "./foo/__init__.py"], ()),
        (["__editable___foo_finder.py", "foo.pth", "foo/data.txt", "no-name/__init__.py", "1st.py"], ()),
        (
            ["foo.py", "85cae5375ceb5d1ca6c6__mypyc.cpython-311-x86_64-linux-gnu.so"],
            ("foo", "85cae5375ceb5d1ca6c6__mypyc"),
        ),
        (["1 st__mypyc.so", "foo/1__mypyc.so"], ()),
        (["paquet_é/__init__.py", "名前.py"], ("paquet_é", "名前")),
        ([], ()),
    ],
)
def test_names_from_paths(paths, names):
    assert set(names_from_paths(paths)) == set(names)


@pytest.mark.parametrize(
    ("record", "names"),
    [
        ("foo/__init__.py,sha256=x,1\nfoo/bar.py,,\n", ("foo",)),
        ("foo\\__init__.py,sha256=x,1\r\nfoo\\bar.py,,\r\n", ("foo",)),
        ('"with,comma/__init__.py",,\n"foo/__init__.py",sha256=x,1\n', ("foo",)),
        ('"never closed\nfoo.py,,\n', ()),
        ("", ()),
        ("\n\n\nfoo.py\n", ("foo",)),
        ("\x00\x01\x02,\n\udcff.py,,\n", ()),
    ],
)
def test_names_from_record(record, names):
    assert names_from_record(record) == names


class TestRecordThatLies:
    """A RECORD is read, not believed: no path of it leads out of the versioned directory."""

    def test_paths_that_lead_out_give_no_name(self, site):
        record = "../../os.py,,\n../foo.py,,\n/abs/bar.py,,\nfoo.py,,\n"
        make_versioned(site, "foo", "1.0", record=record)
        assert read_versioned(str(site), "foo-1.0", 0).names == ("foo",)

    def test_names_that_are_not_there_are_kept_out_by_the_resolver(self, site, execute):
        make_versioned(site, "foo", "1.1", record="foo.py,,\nghost/__init__.py,,\n")
        make_versioned(site, "foo", "1.0", {"foo.py": "", "ghost/__init__.py": "VERSION = '1.0'\n"})
        assert execute("import ghost version 1")["ghost"].VERSION == "1.0"
