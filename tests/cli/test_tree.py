"""`tree [FILE]`: what the installed groups, or the statements of a program, are made of."""

import json

import pytest
from made import make_flat, make_group, make_versioned, remove

from versioned_import.cli import check, tree


@pytest.fixture
def drawn(process, site, monkeypatch, capsys):
    """Return a function that runs `tree` over the made site directory and returns exit status, output and errors."""
    monkeypatch.setattr(tree, "search_path", lambda: (str(site),))
    monkeypatch.setattr(check, "search_path", lambda: (str(site),))

    def run(*arguments):
        status = tree.main([*map(str, arguments)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def program(tmp_path):
    def write(text):
        (tmp_path / "app.py").write_text(text)
        return str(tmp_path / "app.py")

    return write


class TestGroups:
    def test_roots_requirements_and_what_is_repeated(self, drawn, site):
        make_versioned(site, "app", "1.0", requires=["middle>=1", "demo"])
        make_versioned(site, "middle", "1.5", requires=["demo<2"])
        make_versioned(site, "demo", "1.0", requires=["leaf"])
        make_versioned(site, "leaf", "1.0")
        make_versioned(site, "alone", "1.0")
        make_group(site, "app", app="1.0", middle="1.5", demo="1.0", leaf="1.0")
        expected = (
            f"app  ({site})\n"
            "└── app 1.0  app\n"
            "    ├── middle 1.5  middle>=1\n"
            "    │   └── demo 1.0  demo<2\n"
            "    │       └── leaf 1.0  leaf\n"
            "    └── demo 1.0  demo  (see above)\n"
            "in no group: alone 1.0\n"
        )
        assert drawn() == (0, expected, "")

    def test_extras(self, drawn, site):
        make_versioned(site, "app", "1.0", requires=["demo", 'leaf; extra == "more"'])
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "leaf", "1.0")
        make_group(site, "app[more]", requested=["app"], app="1.0", demo="1.0", leaf="1.0")
        assert drawn() == (
            0,
            f"app[more]  ({site})\n└── app 1.0  app[more]\n    ├── demo 1.0  demo\n    └── leaf 1.0  leaf\n",
            "",
        )

    def test_what_is_gone_and_what_conflicts(self, drawn, site):
        make_versioned(site, "app", "1.0", requires=["demo", "leaf>=2"])
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "leaf", "1.0")
        make_group(site, "app", app="1.0", demo="1.0", leaf="1.0")
        remove(site / "demo-1.0")
        expected = (
            f"app  ({site})\n"
            "└── app 1.0  app\n"
            "    ├── demo  demo 1.0 is gone\n"
            "    └── leaf 1.0  leaf>=2  conflict: this version is not what is required\n"
        )
        assert drawn() == (1, expected, "")

    def test_member_that_this_python_can_not_use(self, drawn, site):
        make_versioned(site, "app", "1.0", requires=["demo", "more"])
        make_versioned(site, "demo", "1.0", tags=("cp27-none-any",))
        make_group(site, "app", app="1.0", demo="1.0")
        expected = (
            f"app  ({site})\n"
            "└── app 1.0  app\n"
            "    ├── demo  demo 1.0 is built for cp27-none-any, not for this interpreter\n"
            "    └── more  is not among them\n"
        )
        assert drawn() == (1, expected, "")

    def test_a_ring_ends(self, drawn, site):
        make_versioned(site, "one", "1.0", requires=["two"])
        make_versioned(site, "two", "1.0", requires=["one"])
        make_group(site, "one", one="1.0", two="1.0")
        expected = f"one  ({site})\n└── one 1.0  one\n    └── two 1.0  two\n        └── one 1.0  one  (see above)\n"
        assert drawn() == (0, expected, "")

    def test_many_without_a_group_are_counted(self, drawn, site):
        for number in range(14):
            make_versioned(site, f"d{number:02}", "1.0")
        assert drawn()[1].endswith(", d11 1.0 and 2 more (versioned-import list)\n")

    def test_no_group(self, drawn, site):
        assert drawn() == (0, f"no group is installed in {site}\n", "")

    def test_json(self, drawn, site):
        make_versioned(site, "app", "1.0", requires=["demo"])
        make_versioned(site, "alone", "1.0")
        make_group(site, "app<2", app="1.0", demo="1.0")
        status, out, _ = drawn("--json")
        assert status == 1
        assert json.loads(out) == {
            "groups": [
                {
                    "group": "app<2",
                    "site": str(site),
                    "roots": [
                        {
                            "requirement": "app<2",
                            "distribution": "app",
                            "version": "1.0",
                            "path": f"{site}/app-1.0",
                            "problem": "",
                            "repeated": False,
                            "requires": [
                                {
                                    "requirement": "demo",
                                    "distribution": "",
                                    "version": "",
                                    "path": "",
                                    "problem": "demo 1.0 is gone",
                                    "repeated": False,
                                    "requires": [],
                                }
                            ],
                        }
                    ],
                }
            ],
            "in_no_group": [{"distribution": "alone", "version": "1.0", "path": f"{site}/alone-1.0"}],
        }


class TestProgram:
    def test_what_each_statement_gets_with_its_closure(self, drawn, site, program):
        make_versioned(site, "demo", "1.0", requires=["dep<2"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        make_flat(site, "plain", "1.0")
        file = program("import demo version 1\nimport os\nimport plain version '>=1'\n")
        expected = (
            f"{file}\n"
            "├── 1: import demo version 1\n"
            "│   └── demo 1.0  demo 1\n"
            "│       └── dep 1.0  dep<2\n"
            '└── 3: import plain version ">=1"\n'
            "    └── plain 1.0 (flat install)  plain >=1\n"
        )
        assert drawn(file) == (0, expected, "")

    def test_statement_that_gets_nothing(self, drawn, site, program):
        make_versioned(site, "demo", "1.0", requires=["dep<2"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        file = program("import demo version 1\nimport dep version 2\n")
        status, out, _ = drawn(file)
        assert status == 1
        head, *story = out.splitlines()[4:7]
        assert head == "└── 2: import dep version 2  no installed versions fit together"
        assert sorted(story) == [
            f"    ├── demo 1.0 asks for dep<2; it was chosen for import demo version 1 ({file}:1)",
            f"    ├── import dep version 2 ({file}:2) asks for dep 2",
        ]

    def test_statement_that_comes_too_late(self, drawn, site, program):
        make_versioned(site, "demo", "1.0", requires=["dep>=1"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        late, early = "import dep version 1\n", "import demo version 1\n"
        file = program(early + late)
        expected = (
            f"{file}\n"
            "├── 1: import demo version 1\n"
            "│   └── demo 1.0  demo 1\n"
            "│       └── dep 2.0  dep>=1\n"
            "└── 2: import dep version 1  no installed versions fit together with what is loaded\n"
            f"    ├── import dep version 1 ({file}:2) asks for dep 1\n"
            f"    ├── dep 2.0 is loaded by then, most probably: {site}/dep-2.0/\n"
            f"    ├── dep comes with import demo version 1 ({file}:1)\n"
            f"    └── the installed versions dep 1.0, demo 1.0 fit all: put this import before {file}:1\n"
        )
        assert drawn(file) == (1, expected, "")
        expected = (
            f"{file}\n"
            "├── 1: import dep version 1\n"
            "│   └── dep 1.0  dep 1\n"
            "└── 2: import demo version 1\n"
            "    └── demo 1.0  demo 1\n"
            "        └── dep 1.0  dep>=1\n"
        )
        assert drawn(program(late + early)) == (0, expected, "")

    def test_json(self, drawn, site, program):
        make_versioned(site, "demo", "1.0")
        file = program("import demo version 1\nimport demo version 2\n")
        status, out, _ = drawn(file, "--json")
        good, bad = json.loads(out)["statements"]
        assert status == 1
        assert good == {
            "where": f"{file}:1",
            "statement": "import demo version 1",
            "error": "",
            "gets": {
                "requirement": "demo 1",
                "distribution": "demo",
                "version": "1.0",
                "path": f"{site}/demo-1.0",
                "problem": "",
                "repeated": False,
                "requires": [],
            },
        }
        assert (bad["gets"], bad["error"].splitlines()[0]) == (None, "no installed version fits")

    def test_nothing_versioned(self, drawn, program):
        file = program("import os\n")
        assert drawn(file) == (0, f"{file}: no versioned import\n", "")

    def test_file_that_is_not_there(self, drawn, tmp_path):
        assert drawn(tmp_path / "no.py") == (2, "", f"error: {tmp_path}/no.py: No such file or directory\n")

    def test_clause_that_is_refused(self, drawn, program):
        file = program("x = 1\nimport demo version latest\n")
        status, out, err = drawn(file)
        assert (status, out, err.startswith(f"error: {file}:2: ")) == (1, "", True)

    def test_as_a_command(self, children, site, program):
        make_versioned(site, "demo", "1.0")
        done = children.start("-m", "versioned_import", "tree", program("import demo version 1\n"))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[1:] == ["└── 1: import demo version 1", "    └── demo 1.0  demo 1"]
