import pytest

from versioned_import.errors import InstallError
from versioned_import.install.requirement_files import expanded, logical_lines, read


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    return write


def test_comments_blank_lines_and_continuation_lines():
    text = "# first\n\na==1  # why\nb \\\n  >=2 \\\n  ,<3\nc#not-a-comment\nd \\\n# ends it\ne\\"
    assert list(logical_lines(text)) == [(3, "a==1"), (4, "b   >=2   ,<3"), (7, "c#not-a-comment"), (8, "d"), (10, "e")]


def test_nested_files_and_constraints_are_taken_from_the_file_that_names_them(write, tmp_path):
    write("sub/inner.txt", "b==2\n-c limits.txt\n")
    top = write("top.txt", "a==1\n-r sub/inner.txt\n--constraint=own.txt\nc\n")
    found = read(top, {})
    assert [one.text for one in found.roots] == ["a==1", "b==2", "c"]
    assert found.options == [f"--constraint={tmp_path}/sub/limits.txt", f"--constraint={tmp_path}/own.txt"]
    assert found.roots[1].place == f"{tmp_path}/sub/inner.txt:1"


def test_options_for_the_package_index_go_to_pip(write, tmp_path):
    (tmp_path / "links").mkdir()
    path = write(
        "r.txt", "-i URL\n--find-links links\n--find-links https://example.org/x\n--pre\n--require-hashes\na\n"
    )
    assert read(path, {}).options == [
        "--index-url=URL",
        f"--find-links={tmp_path}/links",
        "--find-links=https://example.org/x",
        "--pre",
        "--require-hashes",
    ]


def test_variables_are_filled_in_for_options_but_stay_in_the_line_for_pip(write):
    path = write("r.txt", "-i https://${USER_NAME}@host/${unset}\na @ https://${USER_NAME}@host/a.zip\n")
    found = read(path, {"USER_NAME": "me"})
    assert found.options == ["--index-url=https://me@host/${unset}"]
    assert found.roots[0].text == "a @ https://${USER_NAME}@host/a.zip"
    assert found.roots[0].requirement.url == "https://me@host/a.zip"
    assert expanded("${NOT_SET}", {}) == "${NOT_SET}"


def test_options_of_one_requirement_stay_with_it(write):
    (found,) = read(write("r.txt", "a==1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"), {}).roots
    assert found.hashed
    assert str(found.requirement) == "a==1"
    assert found.text.split() == ["a==1", "--hash=sha256:00", "--hash=sha256:11"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-e ./here", "-e can't be used here"),
        ("a\n--target x", "no such option: --target"),
        ("--pre a", "a line of options can't hold a requirement"),
        ("-i 'unclosed", "the line can't be split: No closing quotation"),
        ("-r missing.txt", "the file can't be read: No such file or directory"),
        ("-r https://example.org/r.txt", "a requirements file must be a local file"),
        ("-r pylock.toml", "a lock is no requirements file"),
    ],
)
def test_lines_that_can_not_be_treated_are_errors(write, text, message):
    with pytest.raises(InstallError, match=message):
        read(write("r.txt", text), {})


def test_an_error_in_a_file_names_file_line_and_text(write):
    path = write("r.txt", "a\n\n-e ./here\n")
    with pytest.raises(InstallError) as caught:
        read(path, {})
    assert caught.value.request == f"{path}:3: -e ./here"


def test_files_that_name_each_other_are_an_error(write):
    write("b.txt", "-r a.txt\n")
    with pytest.raises(InstallError, match="the file names itself, by way of"):
        read(write("a.txt", "-r b.txt\n"), {})


def test_a_byte_order_mark_is_no_part_of_the_first_line(write):
    assert read(write("r.txt", "\ufeffa==1\n"), {}).roots[0].text == "a==1"


def test_another_encoding_is_an_error(tmp_path):
    (tmp_path / "r.txt").write_bytes(b"a # caf\xe9\n")
    with pytest.raises(InstallError, match="the file is not UTF-8"):
        read(str(tmp_path / "r.txt"), {})
