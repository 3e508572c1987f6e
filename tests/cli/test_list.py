"""`list`: what is installed, versioned directories and flat installs, with sizes and groups."""

import json
import os
import subprocess
import sys
import time
from importlib.util import cache_from_source
from pathlib import Path

import pytest
from made import make_flat, make_group, make_versioned, settle, write

from versioned_import.cli import list_installed, uninstall
from versioned_import.cli.output import paint, print_table
from versioned_import.inventory.installed import take_inventory, wanted
from versioned_import.inventory.sizes import recorded_size, size_of


@pytest.fixture
def listing(process, site, second_site, monkeypatch, capsys):
    """Return a function that runs `list` over the made site directories and returns exit status, output and errors."""
    monkeypatch.setattr(list_installed, "search_path", lambda: (str(site), str(second_site)))

    def run(*arguments):
        status = list_installed.main([*map(str, arguments)])
        return status, *capsys.readouterr()

    return run


FILES = {"demo.py": "x = 1\n" * 500}


class TestTable:
    def test_versions_in_order_with_groups_and_totals(self, listing, site, second_site):
        for version in ("1.10", "1.9", "1.9rc1"):
            make_versioned(site, "demo", version, FILES)
        make_flat(second_site, "Dep.Name", "3.0")
        make_group(site, "demo<1.10", demo="1.9")
        make_group(site, "demo", demo="1.10")
        expected = (
            f"{site}\n"
            "distribution  version  kind         size  groups\n"
            "demo          1.9rc1   versioned  3.5 kB\n"
            "demo          1.9      versioned  3.5 kB  demo<1.10\n"
            "demo          1.10     versioned  3.5 kB  demo\n"
            "\n"
            f"{second_site}\n"
            "distribution  version  kind   size\n"
            "dep-name      3.0      flat  567 B\n"
            "\n"
            "3 versioned directories, 1 flat install, 11.2 kB\n"
        )
        assert listing() == (0, expected, "")

    def test_what_is_not_used_says_why(self, listing, site, second_site):
        make_versioned(site, "demo", "1.0", FILES)
        make_versioned(second_site, "demo", "1.0", FILES)
        make_versioned(second_site, "demo", "2.0", FILES, requires_python="<3")
        make_versioned(second_site, "other", "1.0", FILES, tags=("cp27-none-any",))
        status, out, _ = listing()
        rows = [line.split("versioned  ")[-1] for line in out.splitlines() if " versioned " in line]
        python = ".".join(map(str, sys.version_info[:3]))
        assert status == 0
        assert rows[:4] == [
            "3.5 kB",
            f"3.5 kB  hidden by {site}/demo-1.0/",
            f"3.5 kB  requires Python <3, this is {python}",
            "3.5 kB  is built for cp27-none-any, not for this interpreter",
        ]

    def test_directories_that_only_look_like_versions(self, listing, site):
        (site / "notes-2").mkdir()
        make_versioned(site, "demo", "1.0", FILES, entry="demo-3.0")
        expected = (
            f"nothing is installed in {site}, {site.parent}/second site\n"
            "\n"
            "looks like a version and is none:\n"
            f"  {site}/demo-3.0/ is called demo-3.0, but its metadata says demo 1.0\n"
            f"  {site}/notes-2/ holds no .dist-info\n"
        )
        assert listing() == (0, expected, "")

    def test_many_groups_are_counted(self, listing, site):
        make_versioned(site, "demo", "1.0", FILES)
        for number in range(4):
            path = make_group(site, f"root{number}", demo="1.0")
            os.utime(path, (1000 - number, 1000 - number))
        assert "root0; root1 (+2)\n" in listing()[1]

    def test_no_control_characters_into_a_pipe(self, listing, site):
        make_versioned(site, "demo", "1.0")
        assert "\033" not in listing()[1]


class TestChoice:
    @pytest.fixture(autouse=True)
    def _installed(self, site):
        make_versioned(site, "demo", "1.0", FILES)
        make_versioned(site, "demo", "2.0", FILES)
        make_flat(site, "demo", "3.0", FILES)
        make_flat(site, "other", "1.0", FILES)

    @pytest.mark.parametrize(
        ("arguments", "totals"),
        [
            ((), "2 versioned directories, 2 flat installs, 14.1 kB"),
            (("--versioned",), "2 versioned directories, 0 flat installs, 7.1 kB"),
            (("--flat",), "0 versioned directories, 2 flat installs, 7.1 kB"),
            (("Demo",), "2 versioned directories, 1 flat install, 10.6 kB"),
            (("demo>1",), "1 versioned directory, 1 flat install, 7.1 kB"),
            (("demo==1", "other"), "1 versioned directory, 1 flat install, 7.1 kB"),
        ],
    )
    def test_names_and_kinds(self, listing, arguments, totals):
        status, out, err = listing(*arguments)
        assert (status, out.splitlines()[-1], err) == (0, totals, "")

    def test_name_that_is_not_installed(self, listing):
        status, out, err = listing("absent", "demo==9", "other", "--flat")
        assert (status, err) == (1, "error: absent is not installed\nerror: demo==9 is not installed\n")
        assert out.endswith("0 versioned directories, 1 flat install, 3.5 kB\n")

    def test_another_directory(self, listing, tmp_path):
        elsewhere = tmp_path / "elsewhere"
        make_versioned(elsewhere, "far", "1.0", FILES)
        status, out, _ = listing("--site", elsewhere)
        assert (status, out.splitlines()[0]) == (0, str(elsewhere))
        assert "demo" not in out

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("--site", "/no/such"), "no directory: /no/such"),
            (("a b",), "'a b' is neither NAME nor NAME==VERSION"),
            (("demo[x]",), "'demo[x]': write NAME or NAME==VERSION"),
            (("--versioned", "--flat"), "argument --flat: not allowed with argument --versioned"),
        ],
    )
    def test_command_line_without_sense(self, listing, capsys, arguments, message):
        with pytest.raises(SystemExit) as left:
            listing(*arguments)
        assert left.value.code == 2
        assert capsys.readouterr().err.endswith(f"versioned-import list: error: {message}\n")


class TestJson:
    def test_document(self, listing, site, second_site):
        make_versioned(site, "demo", "1.0", FILES)
        make_versioned(second_site, "demo", "1.0", FILES)
        make_flat(second_site, "old", "1.0", record="")
        make_group(site, "demo", demo="1.0")
        (site / "notes-2").mkdir()
        status, out, _ = listing("--json")
        assert status == 0
        document = json.loads(out)
        first, hidden, flat = document["distributions"]
        assert first == {
            "distribution": "demo",
            "version": "1.0",
            "kind": "versioned",
            "size": 3529,
            "groups": ["demo"],
            "names": ["demo"],
            "site": str(site),
            "path": f"{site}/demo-1.0",
            "usable": True,
            "why_not": "",
            "hidden_by": "",
        }
        assert (hidden["site"], hidden["hidden_by"]) == (str(second_site), f"{site}/demo-1.0")
        assert (flat["kind"], flat["size"], flat["path"]) == ("flat", None, str(second_site))
        assert document["not_versioned"] == [{"site": str(site), "entry": "notes-2", "reason": "holds no .dist-info"}]
        assert document["totals"] == {"versioned": 2, "flat": 1, "size": 7058}


class TestSizes:
    @pytest.fixture
    def installed(self, process, site):
        """Return a function that returns the only candidate that is installed."""

        def only():
            (one,) = take_inventory([str(site)]).installed
            return one.candidate

        return only

    def test_all_that_a_versioned_directory_holds_counts_with_bytecode(self, installed, site):
        path = make_versioned(site, "demo", "1.0", {"demo.py": "12345"})
        write(path / "__pycache__" / "demo.pyc", "x" * 1000)
        write(path / "left.txt", "x" * 50)
        expected = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        (path / "link").symlink_to("/")
        assert size_of(installed()) == expected

    def test_list_says_what_uninstall_frees(self, listing, site, monkeypatch, capsys):
        path = make_versioned(site, "demo", "1.0", FILES)
        write(path / "__pycache__" / "demo.pyc", "x" * 1000)
        monkeypatch.setattr(uninstall, "search_path", lambda: (str(site),))
        (listed,) = json.loads(listing("--json")[1])["distributions"]
        assert uninstall.main(["demo==1.0", "--dry-run", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["freed"] == listed["size"]

    def test_of_a_flat_install_what_its_record_lists_with_bytecode_that_python_made(self, installed, site):
        info = make_flat(site, "demo", "1.0", {"demo.py": "12345"})
        expected = sum(file.stat().st_size for file in site.rglob("*") if file.is_file())
        write(Path(cache_from_source(str(site / "demo.py"))), "x" * 1000)
        write(site / "other.py", "x" * 50)
        assert size_of(installed()) == expected + 1000
        (info / "RECORD").write_text((info / "RECORD").read_text() + "gone.py,,\n")
        assert size_of(installed()) == expected + len("gone.py,,\n") + 1000

    def test_what_a_record_names_is_without_bytecode(self, installed, site):
        make_versioned(
            site, "demo", "1.0", {"demo.py": "1"}, record='demo.py,sha256=x,12\r\n"a,b",y,30\nd/RECORD,,\nc.pyc,,\n\n'
        )
        assert recorded_size(installed()) == 42


class TestOutput:
    def test_empty_columns_are_left_out(self, capsys):
        print_table(("a", "long", "b"), [("x", "", "1"), ("yy", "", "22")], right=("b",))
        assert capsys.readouterr().out == "a    b\nx    1\nyy  22\n"

    @pytest.mark.parametrize(
        ("environ", "colour"),
        [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
    )
    def test_colour_turns_itself_off(self, monkeypatch, environ, colour):
        for name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        assert paint("word", "red") == ("\033[31mword\033[0m" if colour else "word")

    def test_wanted_is_canonical(self):
        assert wanted("Zope.Interface").distribution == wanted("zope_interface>=1").distribution == "zope-interface"


class TestAsACommand:
    def test_a_thousand_versions(self, children, site):
        for number in range(250):
            for version in ("1.0", "1.2.3", "2.0", "2.10"):
                make_versioned(site, f"dist{number}", version)
        settle(site)
        time.sleep(0.01)
        done = children.start("-m", "versioned_import", "list", "--site", site, "--json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["totals"]["versioned"] == 1000

    def test_heavy_libraries_are_not_imported(self, children, site):
        make_versioned(site, "demo", "1.0")
        program = (
            "import sys; from versioned_import.cli.main import main; main(['list']); "
            "print({'rich', 'importlib.metadata', 'resolvelib', 'filelock'} & set(sys.modules))"
        )
        done = children.start("-c", program)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "set()")

    def test_reader_that_goes_away(self, children, site):
        for number in range(300):
            make_versioned(site, f"dist{number}", "1.0", {"a.py": ""})
        command = [sys.executable, "-s", "-m", "versioned_import", "list", "--json"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, env=children.environ, **pipes) as process:
            process.stdout.close()
            assert (process.stderr.read(), process.wait()) == (b"", 141)

    def test_help_shows_examples(self, children):
        done = children.start("-m", "versioned_import", "list", "--help")
        assert done.returncode == 0
        assert "examples:\n  versioned-import list\n  versioned-import list requests urllib3\n" in done.stdout
