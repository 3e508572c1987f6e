"""`why NAME[==VERSION]`: which groups, roots and distributions need it."""

import json

import pytest
from made import make_flat, make_group, make_versioned, write

from versioned_import.cli import why


@pytest.fixture
def asked(process, site, second_site, monkeypatch, capsys):
    """Return a function that runs `why` over the made site directories and returns exit status, output and errors."""
    monkeypatch.setattr(why, "search_path", lambda: (str(site), str(second_site)))

    def run(*arguments):
        status = why.main([*map(str, arguments)])
        return status, *capsys.readouterr()

    return run


class TestGroups:
    def test_way_from_each_root(self, asked, site):
        make_versioned(site, "app", "1.0", requires=["middle>=1"])
        make_versioned(site, "tool", "2.0", requires=["demo", "middle"])
        make_versioned(site, "middle", "1.5", requires=["demo<2"])
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "demo", "2.0")
        make_group(site, "app", "tool<3", app="1.0", tool="2.0", middle="1.5", demo="1.0")
        make_group(site, "demo>=2", demo="2.0")
        expected = (
            f"demo 1.0  {site}/demo-1.0/\n"
            "└── group app, tool<3\n"
            "    ├── app 1.0 -> middle 1.5 (middle>=1) -> demo 1.0 (demo<2)\n"
            "    └── tool 2.0 -> demo 1.0 (demo)\n"
            f"demo 2.0  {site}/demo-2.0/\n"
            "└── group demo>=2\n"
            "    └── is a root of it: demo>=2\n"
        )
        assert asked("demo") == (0, expected, "")

    def test_extras_lead_on(self, asked, site):
        make_versioned(site, "app", "1.0", requires=['demo; extra == "more"', 'other; extra == "less"'])
        make_versioned(site, "demo", "1.0")
        make_group(site, "app[more]", requested=["app"], app="1.0", demo="1.0")
        assert asked("demo")[1].splitlines()[1:] == [
            "└── group app[more]",
            "    └── app 1.0 -> demo 1.0 (demo)",
        ]

    def test_root_that_was_a_file(self, asked, site):
        make_versioned(site, "demo", "1.0")
        make_group(site, "./demo-1.0.whl", requested=["demo"], demo="1.0")
        assert asked("demo")[1].splitlines()[2] == "    └── is a root of it: demo"


class TestOutsideOfGroups:
    def test_the_closure_that_takes_it(self, asked, site):
        make_versioned(site, "app", "1.0", requires=["demo"])
        make_versioned(site, "old", "1.0", requires=["demo<2"])
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "demo", "2.0")
        expected = (
            f"demo 1.0  {site}/demo-1.0/\n"
            "└── versioned directory old 1.0 -> demo 1.0 (demo<2)\n"
            f"demo 2.0  {site}/demo-2.0/\n"
            "└── versioned directory app 1.0 -> demo 2.0 (demo)\n"
        )
        assert asked("demo") == (0, expected, "")

    def test_plain_imports_of_flat_installs_get_flat_installs(self, asked, site):
        make_flat(site, "app", "1.0", requires=["demo"])
        make_flat(site, "demo", "1.0")
        make_versioned(site, "demo", "2.0")
        expected = (
            f"demo 1.0  {site} (flat install)\n"
            "└── flat install app 1.0 -> demo 1.0 (demo)\n"
            f"demo 2.0  {site}/demo-2.0/\n"
            "└── flat install app 1.0 -> demo 2.0 (demo)\n"
        )
        assert asked("demo") == (0, expected, "")

    def test_a_ring_has_no_beginning(self, asked, site):
        make_versioned(site, "one", "1.0", requires=["two"])
        make_versioned(site, "two", "1.0", requires=["one"])
        assert asked("one")[1].splitlines()[1] == "└── versioned directory two 1.0 -> one 1.0 (one)"

    def test_nothing_needs_it(self, asked, site):
        make_versioned(site, "demo", "1.0")
        assert asked("demo") == (0, f"demo 1.0  {site}/demo-1.0/\n└── nothing needs it\n", "")

    def test_flat_install_that_pip_was_asked_for(self, asked, site):
        write(make_flat(site, "demo", "1.0") / "REQUESTED", "")
        text = f"demo 1.0  {site} (flat install)\n└── was installed by name, not for another distribution\n"
        assert asked("demo") == (0, text, "")


class TestAnswers:
    def test_not_installed(self, asked, site):
        make_versioned(site, "demo", "1.0")
        assert asked("demo==2") == (1, "", "error: demo==2 is not installed, but demo 1.0 is\n")
        assert asked("absent") == (1, "", "error: absent is not installed\n")

    def test_json(self, asked, site):
        make_versioned(site, "app", "1.0", requires=["demo<2"])
        make_versioned(site, "demo", "1.0")
        make_group(site, "app", app="1.0", demo="1.0")
        status, out, _ = asked("demo", "--json")
        assert status == 0
        assert json.loads(out) == {
            "distribution": "demo",
            "versions": [
                {
                    "version": "1.0",
                    "kind": "versioned",
                    "path": f"{site}/demo-1.0",
                    "needed": True,
                    "requested": False,
                    "ways": [
                        {
                            "group": "app",
                            "steps": [
                                {
                                    "distribution": "app",
                                    "version": "1.0",
                                    "path": f"{site}/app-1.0",
                                    "requirement": "app",
                                },
                                {
                                    "distribution": "demo",
                                    "version": "1.0",
                                    "path": f"{site}/demo-1.0",
                                    "requirement": "demo<2",
                                },
                            ],
                        }
                    ],
                }
            ],
        }

    def test_as_a_command(self, children, site):
        make_versioned(site, "demo", "1.0")
        done = children.start("-m", "versioned_import", "why", "demo", environ={"PYTHONIOENCODING": "ascii"})
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"demo 1.0  {site}/demo-1.0/\n`-- nothing needs it\n"
