"""`gc --keep LOCK|PROGRAM ...`: what nothing needs goes, and nothing at all if that can't be told."""

import json
import os
import re

import pytest
from made import make_flat, make_versioned
from removals import groups, make_group, make_two_groups, there, unreadable

from versioned_import.cli import gc
from versioned_import.cli import main as cli
from versioned_import.metadata.group_locks import read_group_locks


@pytest.fixture
def collect(process, site, capsys, monkeypatch):
    """Return a function that runs the command on the made site directory: status, output, errors."""
    monkeypatch.setattr(gc, "search_path", lambda: (str(site),))

    def run(*words):
        status = cli.main(["gc", "--site", str(site), *map(str, words)])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def program(tmp_path):
    def write(text, name="app.py"):
        path = tmp_path / "programs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


class TestKeeping:
    def test_what_a_programs_statements_get_and_their_closures(self, collect, site, program):
        make_two_groups(site)
        status, out, err = collect("--keep", program("import app version 1\n"), "-y")
        assert (status, err) == (0, "")
        assert re.fullmatch(
            rf"app 2.0  [\d.]+ k?B  {site}/app-2.0/\n"
            rf"helper 2.0  [\d.]+ k?B  {site}/helper-2.0/\n"
            r"removed 2 versioned directories, [\d.]+ k?B\n",
            out,
        )
        assert there(site) == ["app-1.0", "common-1.0", "helper-1.0"]
        assert groups(site) == [(("app==1.0",), ("app", "common", "helper"))]

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("requirements.txt", "app==1.0\ncommon==1.0\nhelper==1.0\n"),
            (
                "Pipfile.lock",
                (
                    '{"_meta": {"pipfile-spec": 6}, "develop": {"common": {"version": "==1.0"}},'
                    ' "default": {"app": {"version": "==1.0"}, "helper": {"version": "==1.0"}}}'
                ),
            ),
        ],
    )
    def test_what_a_lock_of_another_tool_names_in_any_group(self, collect, site, program, name, text):
        make_two_groups(site)
        status, _, err = collect("--keep", program(text, name), "-y")
        assert (status, err) == (0, "")
        assert there(site) == ["app-1.0", "common-1.0", "helper-1.0"]

    @pytest.mark.parametrize("pin", ["app==2.0.0", "app===2", "App == 2.0"])
    def test_a_version_whose_zeros_the_lock_writes_otherwise(self, collect, site, program, pin):
        for version in ("1.0", "2.0", "2.0+local"):
            make_versioned(site, "app", version)
        assert collect("--keep", program(f"{pin}\n", "requirements.txt"), "-y")[0] == 0
        assert there(site) == ["app-2.0"]

    def test_several_programs_and_directories(self, collect, site, program):
        make_two_groups(site)
        make_versioned(site, "unused", "1.0")
        program("import app version 1\n", "deep/one.py")
        other = program("from helper version 2 import VERSION\n", "other.py")
        assert collect("--keep", program("").parent / "deep", "--keep", other, "-y")[0] == 0
        assert there(site) == ["app-1.0", "common-1.0", "helper-1.0", "helper-2.0"]

    def test_plain_imports_that_only_versioned_directories_serve(self, collect, site, program):
        make_versioned(site, "plain", "1.0", requires=["below"])
        make_versioned(site, "plain", "2.0", requires=["below"])
        make_versioned(site, "below", "1.0")
        make_versioned(site, "served", "1.0")
        make_flat(site, "served", "2.0")
        file = program("def f():\n    import plain, os\nimport served, absent\n")
        assert collect("--keep", file, "-y")[0] == 0
        assert there(site) == ["below-1.0", "plain-2.0"]

    def test_each_statement_alone_and_all_together(self, collect, site, program):
        make_versioned(site, "app", "1.0", requires=["dep"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        first, second = program("import app version 1\n"), program("import dep version 1\n", "b.py")
        assert collect("--keep", first, second, "-y")[0] == 0
        assert there(site) == ["app-1.0", "dep-1.0", "dep-2.0"]

    def test_a_lock(self, collect, site, tmp_path):
        make_two_groups(site)
        lock = tmp_path / "pylock.toml"
        lock.write_text(
            'lock-version = "1.0"\ncreated-by = "t"\n[[packages]]\nname = "app"\nversion = "2.0"\n'
            'directory = { path = "." }\n[[packages]]\nname = "helper"\ndirectory = { path = "." }\n'
        )
        assert collect("--keep", lock, "-y")[0] == 0
        assert there(site) == ["app-2.0", "helper-1.0", "helper-2.0"]
        assert groups(site) == [(("app==2.0",), ("app", "helper"))]

    def test_groups(self, collect, site):
        make_two_groups(site)
        make_versioned(site, "unused", "1.0")
        for lock in read_group_locks(str(site)):
            if lock.holds("helper", "1.0"):
                os.unlink(lock.path)
        make_group(site, ["app==1.0"], app="1.0", common="1.0")  # the helper is no member any more
        assert collect("--keep-groups", "-y")[0] == 0
        assert there(site) == ["app-1.0", "app-2.0", "common-1.0", "helper-2.0"]
        assert len(groups(site)) == 2

    @pytest.mark.parametrize("root", ["app==1.0", "tool==1.0"])
    def test_a_kept_program_gets_what_it_got(self, collect, site, program, children, root):
        make_versioned(site, "app", "1.0", {"app.py": "from dep import VERSION as DEP\n"}, requires=["dep"])
        make_versioned(site, "tool", "1.0", requires=["app", "dep<2"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        make_group(site, [root, "dep==1.0"] if root == "app==1.0" else [root], app="1.0", dep="1.0", tool="1.0")
        make_group(site, ["dep==2.0"], dep="2.0")
        kept = program("# coding: versioned\nimport app version 1.0\nprint(app.DEP)\n")
        assert children.start(kept).stdout == "1.0\n"
        assert collect("--keep", kept, program("import dep version 2\n", "other.py"), "-y")[0] == 0
        assert there(site) == ["app-1.0", "dep-1.0", "dep-2.0"]
        assert children.start(kept).stdout == "1.0\n"

    def test_the_extras_of_a_groups_roots(self, collect, site, program):
        make_versioned(site, "app", "1.0", requires=["dep; extra == 'x'"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "dep", "2.0")
        make_group(site, ["app[x]==1.0", "dep==1.0"], app="1.0", dep="1.0")
        assert collect("--keep", program("import app version 1\n"), "-y")[0] == 0
        assert there(site) == ["app-1.0", "dep-1.0"]

    def test_after_uninstall_the_requirements_go(self, collect, site, capsys):
        make_two_groups(site)
        cli.main(["uninstall", "app==1.0", "-y", "--site", str(site)])
        capsys.readouterr()
        assert collect("--keep-groups", "-y")[0] == 0
        assert there(site) == ["app-2.0", "common-1.0", "helper-2.0"]

    def test_nothing_to_remove(self, collect, site):
        make_two_groups(site)
        assert collect("--keep-groups") == (
            0,
            f"nothing to remove: all 5 versioned directories of {site} are needed\n",
            "",
        )
        assert json.loads(collect("--keep-groups", "--json")[1])["removed"] == []

    def test_dry_run(self, collect, site, program):
        make_two_groups(site)
        status, out, _ = collect("--keep", program("import app version 1\n"), "--dry-run")
        assert (status, out.splitlines()[-1].partition(",")[0]) == (0, "would remove 2 versioned directories")
        assert len(there(site)) == 5
        assert len(groups(site)) == 2

    def test_json(self, collect, site, program):
        make_two_groups(site)
        document = json.loads(collect("--keep", program("import app version 1\n"), "-y", "--json")[1])
        assert [one["directory"] for one in document["removed"]] == [f"{site}/app-2.0", f"{site}/helper-2.0"]
        assert document["freed"] == sum(one["size"] for one in document["removed"]) > 0
        assert (len(document["locks_dropped"]), len(document["locks_shrunk"])) == (1, 0)


class TestRefusals:
    """ "Unreadable keep -> nothing is removed"."""

    def test_without_keep(self, collect):
        status, _, err = collect()
        assert (status, err) == (2, "error: say what is to be kept: --keep LOCK|PROGRAM ..., or --keep-groups\n")

    @pytest.mark.parametrize(
        ("name", "text", "reason"),
        [
            ("absent.py", None, "{path}: there is no such file or directory"),
            ("absent.toml", None, "{path}: it can't be read: No such file or directory"),
            ("pylock.toml", "[[packages]]\n", "{path}: it is no pylock.toml (PEP 751): "),
            ("uv.lock", "version = 9\n", "{path}: "),
            ("uv.lock.toml", "version = 1\n", "{path}: it is no pylock.toml (PEP 751): "),
            ("bad.py", "import app version latest\n", "{path}:1: "),
            ("bad.py", "x = (\n", "{path}:1: '(' was never closed"),
            ("bad.py", b"\xff", "{path}: invalid or missing encoding declaration\n"),
        ],
    )
    def test_what_cannot_be_read(self, collect, site, tmp_path, name, text, reason):
        make_two_groups(site)
        path = tmp_path / name
        if text is not None:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        status, out, err = collect("--keep", path, "-y")
        assert (status, out) == (2, "")
        assert err.startswith(f"error: {reason.format(path=path)}")
        assert err.endswith("nothing was removed\n")
        assert len(there(site)) == 5

    NO_PYTHON = "it is no Python source: it is neither called .py or .pyw nor begins with `#!` and Python's name"

    @pytest.mark.parametrize(
        ("name", "text", "advice"),
        [
            (
                "nb.ipynb",
                '{"cells": [{"cell_type": "code", "source": ["import app version 1"]}], "nbformat": 4}',
                "  Of a notebook, name what `jupyter nbconvert --to script` makes of it.\n",
            ),
            ("names.lock", "app\n", "  Of locks, pylock.toml is read.\n"),
            ("names", "app\n", ""),
        ],
    )
    def test_what_only_parses_as_python(self, collect, site, program, name, text, advice):
        make_two_groups(site)
        path = program(text, name)
        assert collect("--keep", path, "-y") == (
            2,
            "",
            f"error: {path}: {self.NO_PYTHON}\n{advice.format(path=path)}nothing was removed\n",
        )
        assert len(there(site)) == 5

    def test_a_directory_without_programs(self, collect, site, program):
        make_two_groups(site)
        path = program("{}", "notebooks/a.ipynb").parent
        assert collect("--keep", path, "-y") == (
            2,
            "",
            (
                f"error: {path}: there is no Python source file (.py, .pyw) in this directory\n"
                "  Hidden directories, virtual environments and site directories below are passed over.\n"
                "nothing was removed\n"
            ),
        )
        assert len(there(site)) == 5

    @pytest.mark.parametrize("how", ["--keep-groups", "--keep"])
    @pytest.mark.parametrize("text", ["[[packages", "[[packages]]\nname = 'app'\n", ""])
    def test_a_lock_of_a_group(self, collect, site, program, how, text):
        make_two_groups(site)
        path = next((site / ".versioned_import" / "groups").iterdir())
        path.write_text(text)
        words = [how] if how == "--keep-groups" else [how, program("import app version 1\n")]
        assert collect(*words, "-y") == (2, "", f"error: {unreadable(path)}nothing was removed\n")
        assert len(there(site)) == 5

    def test_one_of_several(self, collect, site, program, tmp_path):
        make_two_groups(site)
        assert collect("--keep", program("import app version 1\n"), tmp_path / "absent.py", "-y")[0] == 2
        assert len(there(site)) == 5

    def test_a_statement_whose_closure_does_not_exist(self, collect, site, program):
        make_versioned(site, "app", "1.0", requires=["dep>=2"])
        make_versioned(site, "dep", "1.0")
        file = program("import app version 1\n")
        status, _, err = collect("--keep", file, "-y")
        assert status == 1
        assert err.startswith(
            f"error: import app version 1 ({file}:1): what it needs can't be told: "
            "no installed versions fit together\n  app 1.0 asks for dep>=2\n"
        )
        assert err.endswith("  Nothing was removed.\n")
        assert there(site) == ["app-1.0", "dep-1.0"]

    def test_a_statement_for_which_nothing_is_installed_is_said(self, collect, site, program):
        make_two_groups(site)
        file = program("import app version 1\nimport app version 9\n")
        status, _, err = collect("--keep", file, "-y")
        assert (status, err) == (
            0,
            f"warning: import app version 9 ({file}:2) needs nothing that is installed: no installed version fits\n",
        )
        assert there(site) == ["app-1.0", "common-1.0", "helper-1.0"]
