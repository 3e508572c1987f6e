"""`verify [NAME[==VERSION]...]`: whether what is installed is whole and can be used."""

import json
import shlex
import site as python_site
import sys

import pytest
from made import make_flat, make_group, make_versioned, one_package, remove, write

from versioned_import.cli import main, verify
from versioned_import.inventory.installed import take_inventory
from versioned_import.inventory.verify import file_problems, is_bytecode
from versioned_import.metadata.group_locks import read_group_locks
from versioned_import.resolver.story import python_command

PYTHON = ".".join(map(str, sys.version_info[:3]))


@pytest.fixture
def verified(process, site, second_site, monkeypatch, capsys):
    """Return a function that runs `verify` over the made site directories and returns exit status, output and errors."""
    monkeypatch.setattr(verify, "search_path", lambda: (str(site), str(second_site)))

    def run(*arguments):
        status = verify.main([*map(str, arguments)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def demo(site):
    """Make a versioned directory with a package and return its path."""
    return make_versioned(site, "demo", "1.0", one_package("demo", "1.0", sub="x = 1\n"))


def again(site):
    """Return the command that repairs demo 1.0 of a site directory."""
    return (
        f"{python_command()} -m versioned_import uninstall --yes --force --keep-locks demo===1.0 --site {site}"
        f" && {python_command()} -m versioned_import pip install --allow-multiple --no-deps demo===1.0"
    )


def differences(site):
    """Return the sentences about the files of the one candidate of a site directory."""
    (one,) = take_inventory([str(site)]).installed
    return [(kind, text) for kind, _, text in file_problems(one.candidate)]


class TestWhole:
    def test_no_problem(self, verified, site, demo):
        make_versioned(site, "other", "1.0", requires=["demo"])
        make_group(site, "other", other="1.0", demo="1.0")
        assert verified() == (0, "2 distributions checked, no problem\n", "")

    def test_nothing_installed(self, verified):
        assert verified() == (0, "0 distributions checked, no problem\n", "")

    def test_bytecode_comes_and_goes(self, process, site, demo):
        write(demo / "demo" / "__pycache__" / "sub.cpython-311.pyc", "x")
        record = demo / "demo-1.0.dist-info" / "RECORD"
        record.write_text(record.read_text() + "demo/__pycache__/gone.cpython-311.pyc,sha256=xx,3\n")
        assert differences(site) == []
        assert not is_bytecode("demo/only.pyc")

    def test_record_of_another_system(self, process, site, demo):
        record = demo / "demo-1.0.dist-info" / "RECORD"
        record.write_text(record.read_text().replace("demo/sub.py", "demo\\sub.py"))
        assert differences(site) == []


class TestFiles:
    def test_whole_output(self, verified, site, demo):
        write(demo / "demo" / "sub.py", "x = 2\n")
        (demo / "demo" / "__init__.py").unlink()
        write(demo / "more.py", "")
        expected = (
            "demo 1.0\n"
            "  demo/__init__.py is in its RECORD, but is not there\n"
            f"    {demo}/demo/__init__.py\n"
            "  demo/sub.py does not have the hash of its RECORD\n"
            f"    {demo}/demo/sub.py\n"
            "  more.py is not in its RECORD\n"
            f"    {demo}/more.py\n"
            "\n"
            "1 distribution checked, 3 problems\n"
            "to repair:\n"
            f"  {again(site)}\n"
        )
        assert verified() == (1, expected, "")

    def test_another_size(self, process, site, demo):
        write(demo / "demo" / "sub.py", "x = 1\n\n")
        assert differences(site) == [("changed", "demo/sub.py has 7 bytes, not the 6 of its RECORD")]

    @pytest.mark.parametrize(
        ("row", "problem"),
        [
            ("../outside.py,,", ("outside", "its RECORD leads outside: ../outside.py")),
            ("/etc/hosts,,", ("outside", "its RECORD leads outside: /etc/hosts")),
            ("demo/sub.py,md5=abc,6", ("record", "demo/sub.py has a hash in its RECORD that proves nothing: md5")),
            ("demo/sub.py,,6", ("record", "demo/sub.py has no hash in its RECORD")),
            ("demo,sha256=abc,", ("missing", "demo can't be read: Is a directory")),
        ],
    )
    def test_record_that_lies(self, process, site, demo, row, problem):
        record = demo / "demo-1.0.dist-info" / "RECORD"
        record.write_text(f"{record.read_text()}{row}\n")
        assert differences(site) == [problem]

    def test_link_that_leads_outside(self, process, site, demo, tmp_path):
        (demo / "demo" / "sub.py").unlink()
        elsewhere = write(tmp_path / "sub.py", "x = 1\n")
        (demo / "demo" / "sub.py").symlink_to(elsewhere)
        assert differences(site) == [("outside", f"demo/sub.py is a link that leads outside: {elsewhere}")]

    def test_link_to_a_directory_that_nobody_recorded(self, process, site, demo, tmp_path):
        (demo / "data").symlink_to(tmp_path)
        assert differences(site) == [("unrecorded", "data is not in its RECORD")]

    def test_no_record(self, process, site, demo):
        (demo / "demo-1.0.dist-info" / "RECORD").unlink()
        text = "has no readable RECORD (No such file or directory), so its files can't be checked"
        assert differences(site) == [("record", text)]

    def test_record_that_does_not_name_itself(self, process, site, demo):
        record = demo / "demo-1.0.dist-info" / "RECORD"
        record.write_text(record.read_text().replace("demo-1.0.dist-info/RECORD,,\n", ""))
        assert differences(site) == [
            ("record", "has a RECORD that does not name itself"),
            ("unrecorded", "demo-1.0.dist-info/RECORD is not in its RECORD"),
        ]

    def test_the_repair_takes_no_other_version_away(self, verified, site, demo, capsys):
        make_versioned(site, "demo", "1.0+local")
        write(demo / "more.py", "")
        assert verified("demo")[1].splitlines()[-1] == f"  {again(site)}"
        make_group(site, "demo==1.0", demo="1.0")
        _, _, _, *words = shlex.split(again(site).partition(" && ")[0])
        assert (main.main(words), capsys.readouterr().err) == (0, "")
        assert [path.name for path in site.glob("demo*")] == ["demo-1.0+local"]
        assert [lock.versions for lock in read_group_locks(str(site))] == [{"demo": "1.0"}]

    def test_the_repair_lands_in_the_same_directory_of_the_users(self, verified, site, second_site, demo, monkeypatch):
        monkeypatch.setattr(python_site, "ENABLE_USER_SITE", True)
        monkeypatch.setattr(python_site, "getusersitepackages", lambda: str(site))
        write(demo / "more.py", "")
        make_group(site, "tool<2", tool="1.0")
        make_group(second_site, "tool<3", tool="2.0")
        assert verified()[1].partition("to repair:\n")[2] == (
            f"  {python_command()} -m versioned_import uninstall --yes --force --keep-locks demo===1.0 --site {site}"
            f" && {python_command()} -m versioned_import pip install --allow-multiple --user --no-deps demo===1.0\n"
            f"  {python_command()} -m versioned_import pip install --allow-multiple --user 'tool<2'\n"
            f"  {python_command()} -m versioned_import pip install --allow-multiple 'tool<3'\n"
        )

    def test_direct_url_is_what_repairs(self, verified, demo):
        info = demo / "demo-1.0.dist-info"
        write(info / "direct_url.json", '{"url": "https://index.example/demo.zip", "archive_info": {}}')
        status, out, _ = verified()
        assert (status, out.splitlines()[-1].split(" && ")[1]) == (
            1,
            f"{python_command()} -m versioned_import pip install --allow-multiple --no-deps 'demo @ https://index.example/demo.zip'",
        )


class TestUse:
    def test_tags_and_python(self, verified, site):
        make_versioned(site, "demo", "1.0", tags=("cp27-none-any",))
        make_versioned(site, "demo", "2.0", requires_python="<3")
        out = verified()[1].split("\n\n")[0]
        assert out == (
            "demo 1.0\n"
            "  is built for cp27-none-any, not for this interpreter\n"
            f"    {site}/demo-1.0\n"
            "demo 2.0\n"
            f"  requires Python <3, this is {PYTHON}\n"
            f"    {site}/demo-2.0"
        )

    def test_directory_of_another_name(self, verified, site):
        make_versioned(site, "demo", "1.0", entry="demo-2.0")
        (site / "notes-2").mkdir()
        expected = (
            "demo-2.0\n"
            "  is called demo-2.0, but its metadata says demo 1.0\n"
            f"    {site}/demo-2.0\n"
            "\n"
            "0 distributions checked, 1 problem\n"
        )
        assert verified() == (1, expected, "")

    def test_requirement_that_nothing_meets(self, verified, site):
        make_versioned(
            site, "demo", "1.0", requires=["dep>=2", "absent[x]; python_version > '3'", "other; extra == 'y'"]
        )
        make_versioned(site, "dep", "1.0")
        expected = (
            "demo 1.0\n"
            "  requires dep>=2, which nothing installed meets: only 1.0 is there\n"
            "  requires absent[x], which nothing installed meets\n"
            "\n"
            "2 distributions checked, 2 problems\n"
            "to repair:\n"
            f"  {python_command()} -m versioned_import pip install --allow-multiple 'dep>=2'\n"
            f"  {python_command()} -m versioned_import pip install --allow-multiple 'absent[x]'\n"
        )
        assert verified() == (1, expected, "")

    def test_flat_installs_and_later_directories_meet_requirements(self, verified, site, second_site):
        make_versioned(site, "demo", "1.0", requires=["dep>=2", "more"])
        make_flat(site, "dep", "2.0")
        make_versioned(second_site, "more", "1.0")
        assert verified()[0] == 0

    def test_group_that_lost_a_member(self, verified, site, demo):
        make_group(site, "demo", "tool<2", demo="1.0", tool="1.0")
        expected = (
            "group demo, tool<2\n"
            "  has lost tool 1.0\n"
            "\n"
            "1 distribution checked, 1 problem\n"
            "to repair:\n"
            f"  {python_command()} -m versioned_import pip install --allow-multiple demo 'tool<2'\n"
        )
        assert verified() == (1, expected, "")
        assert verified("demo")[0] == 0

    def test_half_deleted(self, process, verified, site, demo):
        take_inventory([str(site)])
        (demo / "demo-1.0.dist-info" / "METADATA").unlink()
        status, out, _ = verified()
        assert (status, "METADATA" in out) == (1, True)


class TestChoice:
    def test_only_what_is_named(self, verified, site, demo):
        remove(demo / "demo")
        make_versioned(site, "other", "1.0")
        assert verified("other") == (0, "1 distribution checked, no problem\n", "")
        assert verified("demo==1")[0] == 1

    def test_flat_installs_on_request(self, verified, site):
        make_flat(site, "plain", "1.0")
        write(site / "plain.py", "changed\n")
        assert verified() == (0, "0 distributions checked, no problem\n", "")
        expected = (
            "plain 1.0\n"
            "  plain.py has 8 bytes, not the 16 of its RECORD\n"
            f"    {site}/plain.py\n"
            "\n"
            "1 distribution checked, 1 problem\n"
            "to repair:\n"
            f"  {python_command()} -m pip install --force-reinstall --no-deps plain===1.0\n"
        )
        assert verified("--flat") == (1, expected, "")

    def test_scripts_of_flat_installs_may_stand_elsewhere(self, process, site):
        make_flat(site, "plain", "1.0", record="plain.py,,\n../bin/plain,,\nplain-1.0.dist-info/RECORD,,\n")
        assert differences(site) == [("missing", "../bin/plain is in its RECORD, but is not there")]
        write(site.parent / "bin" / "plain", "")
        assert differences(site) == []

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("absent", "error: absent is not installed\n"),
            ("demo==2", "error: demo==2 is not installed, but demo 1.0 is\n"),
            ("plain", "error: plain is a flat install: add --flat to check it\n"),
        ],
    )
    def test_what_is_not_there(self, verified, site, demo, name, message):
        make_flat(site, "plain", "1.0")
        assert verified(name) == (1, "0 distributions checked, no problem\n", message)


class TestForMachines:
    def test_json(self, verified, site, demo):
        write(demo / "more.py", "")
        status, out, _ = verified("--json")
        assert status == 1
        assert json.loads(out) == {
            "checked": [{"distribution": "demo", "version": "1.0", "path": str(demo)}],
            "problems": [
                {
                    "kind": "unrecorded",
                    "subject": "demo 1.0",
                    "place": f"{demo}/more.py",
                    "text": "more.py is not in its RECORD",
                    "repair": again(site),
                }
            ],
        }

    def test_progress_on_a_terminal_goes_to_standard_error(self, verified, demo, monkeypatch):
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
        status, out, err = verified()
        assert (status, out) == (0, "1 distribution checked, no problem\n")
        assert "demo 1.0" in err

    def test_as_a_command(self, children, site, demo):
        done = children.start("-m", "versioned_import", "verify", "demo")
        assert (done.returncode, done.stdout, done.stderr) == (0, "1 distribution checked, no problem\n", "")
