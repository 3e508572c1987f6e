"""`doctor`: whether versioned imports can work here, and what stands in their way."""

import json
import os
import sys
import time

import pytest
from filelock import FileLock
from made import make_flat, make_group, make_versioned, one_package, settle, write

from versioned_import.cli import doctor
from versioned_import.inventory.doctor import Finding, libraries
from versioned_import.inventory.doctor_sites import catalogue_finding, look_at_installed, look_at_sites
from versioned_import.inventory.installed import take_inventory
from versioned_import.metadata.store import catalogue_files


def lines(findings):
    """Return findings as they read."""
    return [f"{one.level} {one.topic}: {one.text}" + (f" | {one.advice}" if one.advice else "") for one in findings]


@pytest.fixture
def installed(process, site, second_site):
    """Return a function that returns the findings about what is installed in the made site directories."""
    return lambda program="": lines(look_at_installed(take_inventory([str(site), str(second_site)]), program))


NOTHING_YET = (
    "ok directory: no versioned directory is installed yet"
    " | python -m versioned_import pip install --allow-multiple REQUIREMENT"
)
ONE = "ok directory: 1 versioned directory can be used"
TWO = "ok directory: 2 versioned directories can be used"


class TestSearchPath:
    def test_reasons_and_what_is_absent(self, process, site, tmp_path):
        found = [
            (str(tmp_path / "no"), "PYTHONPATH"),
            (str(site), "the interpreter's"),
            (str(tmp_path / "user"), "the user's"),
            (str(site), "the system's"),
        ]
        assert lines(look_at_sites(found)) == [
            f"warning search path: 1. {tmp_path}/no (PYTHONPATH) is no directory | mend or unset PYTHONPATH",
            f"ok search path: 2. {site} (the interpreter's)",
            f"ok catalogue: the catalogue of {site}: none yet",
            f"ok search path: 3. {tmp_path}/user (the user's) does not exist",
            f"ok search path: 4. {site} (the system's) stands further up already",
        ]

    def test_empty(self):
        assert lines(look_at_sites([])) == [
            (
                "problem search path: the search path is empty: Python was told to read no site-packages"
                " | start Python without -S"
            )
        ]


class TestCatalogue:
    @pytest.fixture
    def kept(self, process, site):
        """Make a catalogue that others may use and return its path."""
        make_versioned(site, "demo", "1.0")
        settle(site)
        take_inventory([str(site)])
        return catalogue_files(str(site))[0]

    def text(self, site):
        return lines([catalogue_finding(str(site))])[0]

    def test_fresh(self, site, kept):
        assert self.text(site) == f"ok catalogue: the catalogue of {site}: fresh"

    def test_stale(self, site, kept):
        time.sleep(0.01)
        make_versioned(site, "demo", "2.0")
        assert self.text(site) == f"ok catalogue: the catalogue of {site}: stale, the next versioned import looks anew"

    def test_broken(self, site, kept):
        write(site.__class__(kept), "nonsense\n")
        assert self.text(site).startswith(
            f"warning catalogue: the catalogue of {site} is broken, the next versioned import renews it: {kept} can't"
        )

    def test_no_place_to_write(self, process, site, tmp_path, monkeypatch):
        write(tmp_path / "file", "")
        monkeypatch.setenv("VERSIONED_IMPORT_CACHE_DIR", str(tmp_path / "file" / "cache"))
        assert self.text(site) == (
            f"warning catalogue: the catalogue of {site} can't be written, so that each process looks anew"
            f" | make {tmp_path}/file/cache writable, or name another place in VERSIONED_IMPORT_CACHE_DIR"
        )


class TestInstalled:
    def test_nothing(self, installed):
        assert installed() == [NOTHING_YET]

    def test_in_order(self, installed, site):
        make_versioned(site, "demo", "1.0")
        make_group(site, "demo", demo="1.0")
        assert installed() == [ONE]

    def test_broken_directories(self, installed, site):
        make_versioned(site, "demo", "1.0", entry="demo-2.0")
        make_versioned(site, "old", "1.0", tags=("cp27-none-any",))
        assert installed() == [
            (
                f"warning directory: {site}/demo-2.0/ looks like a version and is none: it is called demo-2.0, "
                "but its metadata says demo 1.0 | move it away, or install that version again"
            ),
            (
                f"warning directory: {site}/old-1.0/ is not used: it is built for cp27-none-any, not for this interpreter"
                " | versioned-import verify old==1.0"
            ),
            NOTHING_YET,
        ]

    def test_leftovers_of_killed_installations(self, installed, site):
        own = site / ".versioned_import"
        for name in ("stage-dead", "stage-alive"):
            (own / name).mkdir(parents=True)
        write(own / "stage-dead.lock", "")
        with FileLock(own / "stage-alive.lock"):
            found = installed()
        assert found == [
            f"ok leftover: an installation is at work in {own}/stage-alive",
            (
                f"warning leftover: {own}/stage-dead was left by an installation that was killed; the next one removes it"
                f" | rm -r {own}/stage-dead"
            ),
            NOTHING_YET,
        ]
        assert (own / "stage-dead").is_dir()

    def test_leftovers_of_killed_removals(self, installed, site):
        path = site / ".versioned_import" / "stage-dead"
        (path / "undo" / "directories" / "demo-1.0").mkdir(parents=True)
        assert installed() == [
            (
                f"warning leftover: {path} holds what a killed removal has taken; the next installation or removal puts"
                f" it back | versioned-import gc --keep-groups --dry-run --site {site}"
            ),
            NOTHING_YET,
        ]

    def test_groups(self, installed, site):
        make_group(site, "demo", demo="1.0", dep="2.0")
        path = write(site / ".versioned_import" / "groups" / "pylock.bad.toml", "no = [lock")
        assert installed() == [
            NOTHING_YET,
            (
                f"problem group: the lock {path} can't be read: its group is not known"
                f" | rm {path}, and install what it was made for again"
            ),
            "problem group: the group demo has lost demo 1.0, dep 2.0 | versioned-import verify",
        ]


class TestHidden:
    def test_flat_install_beside_versions(self, installed, site):
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "demo", "2.0")
        make_flat(site, "demo", "3.0")
        assert installed() == [
            TWO,
            "ok hidden: a plain import of demo gets the flat install 3.0; 1.0, 2.0 need a version clause",
        ]

    def test_earlier_directory_with_a_lower_version(self, installed, site, second_site):
        make_versioned(site, "demo", "1.0")
        make_versioned(second_site, "demo", "2.0")
        assert installed() == [
            TWO,
            (
                f"warning hidden: demo 1.0 in {site}/demo-1.0/ goes before 2.0 in {second_site}/demo-2.0/, "
                "where a clause allows both | write 2.0 in the clause if it is meant"
            ),
        ]

    def test_same_version_twice(self, installed, site, second_site):
        make_versioned(site, "demo", "1.0")
        make_versioned(second_site, "demo", "1.0")
        assert installed() == [
            TWO,
            (
                f"warning hidden: demo 1.0 in {second_site}/demo-1.0/ is never taken: the same version is {site}/demo-1.0/"
                " | versioned-import show demo"
            ),
        ]

    def test_module_of_the_program(self, installed, site, tmp_path):
        make_versioned(site, "demo", "1.0", one_package("demo", "1.0") | one_package("tests", "1.0"))
        program = tmp_path / "program"
        write(program / "demo.py", "")
        write(program / "tests" / "__init__.py", "")
        write(program / "own.py", "")
        assert installed(str(program)) == [
            ONE,
            (
                f"warning hidden: {program}/demo.py hides demo from plain imports in programs of that directory"
                " | rename it, or name the version in the import statement"
            ),
        ]

    def test_editable_install_of_the_program_itself(self, installed, site, tmp_path):
        info = make_flat(site, "demo", "1.0")
        write(info / "direct_url.json", '{"url": "file:///x", "dir_info": {"editable": true}}')
        program = tmp_path / "program"
        write(program / "demo.py", "")
        assert installed(str(program)) == [NOTHING_YET]


class TestLibraries:
    def test_each_requirement(self):
        found = lines(libraries(["packaging>=20", "packaging>=9999", "no-such-thing>=1", "x; extra == 'y'"]))
        assert found[0].startswith("ok library: packaging ")
        assert found[1].endswith(
            'is installed, but packaging>=9999 is needed | python -m pip install --upgrade "packaging>=9999"'
        )
        assert found[2:] == [
            'problem library: no-such-thing is not installed | python -m pip install --upgrade "no-such-thing>=1"'
        ]


FINDINGS = [
    Finding(level="ok", topic="pip", text="pip 1 knows --allow-multiple"),
    Finding(level="warning", topic="hidden", text="a hides b", advice="rename a"),
    Finding(level="problem", topic="group", text="the group c has lost d 1", advice="versioned-import verify"),
]


class TestOutput:
    @pytest.fixture
    def reported(self, monkeypatch, capsys):
        """Return a function that runs `doctor` as if it had found something."""

        def run(findings, *arguments):
            monkeypatch.setattr(doctor, "look", lambda: iter(findings))
            status = doctor.main([*arguments])
            return status, capsys.readouterr().out

        return run

    def test_lines(self, reported):
        assert reported(FINDINGS) == (
            1,
            (
                "ok       pip: pip 1 knows --allow-multiple\n"
                "warning  hidden: a hides b\n"
                "           helps: rename a\n"
                "problem  group: the group c has lost d 1\n"
                "           helps: versioned-import verify\n"
                "1 problem, 1 warning\n"
            ),
        )

    def test_warnings_are_no_problem(self, reported):
        assert reported(FINDINGS[:2], "--quiet") == (
            0,
            "warning  hidden: a hides b\n           helps: rename a\nno problems, 1 warning\n",
        )

    def test_json(self, reported):
        status, out = reported(FINDINGS[1:2], "--json")
        assert (status, json.loads(out)) == (
            0,
            {
                "findings": [{"level": "warning", "topic": "hidden", "text": "a hides b", "advice": "rename a"}],
                "problems": 0,
                "warnings": 1,
            },
        )


class TestAsACommand:
    def test_looks_at_a_fresh_python(self, children, site):
        make_versioned(site, "demo", "1.0")
        done = children.start("-m", "versioned_import", "doctor", "--json")
        document = json.loads(done.stdout)
        assert (done.stderr, done.returncode) == ("", int(document["problems"] > 0))
        found = {(one["topic"], one["level"]) for one in document["findings"]}
        assert {("start-up", "ok"), ("codec", "ok"), ("library", "ok")} <= found
        texts = [one["text"] for one in document["findings"]]
        assert f"1. {site} (VERSIONED_IMPORT_PATH)" in texts
        assert any(text.startswith("a fresh Python is set up") for text in texts)

    def test_python_that_reads_no_start_up_file(self, children, site):
        # -S keeps site from reading .pth files; what the tests run with is then on PYTHONPATH alone.
        path = os.pathsep.join(entry for entry in sys.path if entry)
        done = children.start(
            "-m", "versioned_import", "doctor", "--quiet", switches=("-s", "-S"), environ={"PYTHONPATH": path}
        )
        assert done.returncode == 1
        assert "problem  start-up: a fresh Python knows no version clauses: " in done.stdout
        assert "problem  codec: the codec does not work in a fresh Python: LookupError: " in done.stdout

    @pytest.mark.parametrize("library", ["rich", "versioned_import.libraries.packaging"])
    def test_missing_library_does_not_stop_it(self, children, site, library):
        (site / ".versioned_import" / "stage-x").mkdir(parents=True)
        make_versioned(site, "demo", "1.0")
        program = (
            f"import sys; sys.modules[{library!r}] = sys.modules['filelock'] = None; sys.stderr.isatty = lambda: True; "
            "from versioned_import.cli.main import main; main(['doctor'])"
        )
        done = children.start("-c", program)
        assert (done.returncode, done.stderr.count("Traceback")) == (0, 0)
        assert ("problem  library: " in done.stdout) is (library != "rich")
        assert done.stdout.splitlines()[-1].endswith(("problems, 1 warning", "problems, no warnings"))
