"""`uninstall NAME[==VERSION]`: out of sight for new processes, and what runs goes on."""

import json
import os
import re
import signal
import subprocess
import sys
import threading

import made
import pytest
from made import make_flat, make_versioned, one_package
from removals import groups, make_group, make_two_groups, there, unreadable

from versioned_import.cli import main as cli
from versioned_import.cli import uninstall
from versioned_import.install import staging
from versioned_import.resolver.story import python_command


@pytest.fixture
def remove(process, site, capsys):
    """Return a function that runs the command on the made site directory: status, output, errors."""

    def run(*words):
        status = cli.main(["uninstall", *words, "--site", str(site)])
        return status, *capsys.readouterr()

    return run


def without_sizes(text):
    return re.sub(r"[\d.]+ k?B", "SIZE", text)


class TestRemoving:
    def test_one_version(self, remove, site):
        make_two_groups(site)
        status, out, err = remove("app==1.0", "-y")
        assert (status, without_sizes(out), err) == (
            0,
            f"app 1.0  SIZE  {site}/app-1.0/\nremoved 1 versioned directory, SIZE\n",
            "",
        )
        assert there(site) == ["app-2.0", "common-1.0", "helper-1.0", "helper-2.0"]
        assert groups(site) == [((), ("common", "helper")), (("app==2.0",), ("app", "common", "helper"))]
        assert sorted(os.listdir(site / ".versioned_import")) == ["catalogue", "groups", "lock"]

    def test_every_version(self, remove, site):
        make_two_groups(site)
        assert remove("App", "-y")[0] == 0
        assert there(site) == ["common-1.0", "helper-1.0", "helper-2.0"]
        assert groups(site) == [((), ("common", "helper"))] * 2
        assert remove("helper", "-y")[0] == 0
        assert groups(site) == []

    def test_a_specifier(self, remove, site):
        for version in ("1.0", "1.5", "2.0"):
            make_versioned(site, "demo", version)
        assert remove("demo<2", "-y")[0] == 0
        assert there(site) == ["demo-2.0"]

    def test_a_plain_version_leaves_the_local_ones_where_it_is_there_itself(self, remove, site):
        for version in ("1.0", "1.0+local", "1.0.post1", "2.0rc1", "2.0rc1+a"):
            make_versioned(site, "demo", version)
        assert remove("demo==1", "demo == 2.0rc1", "-y")[0] == 0
        assert there(site) == ["demo-1.0+local", "demo-1.0.post1", "demo-2.0rc1+a"]
        assert remove("demo==1.0", "-y")[0] == 0  # as PEP 440 takes it
        assert there(site) == ["demo-1.0.post1", "demo-2.0rc1+a"]
        assert remove("demo==1.*", "demo===2.0rc1+a", "-y")[0] == 0
        assert there(site) == []

    def test_several_at_once(self, remove, site):
        make_two_groups(site)
        assert remove("app==1.0", "helper==1.0", "-y")[0] == 0
        assert there(site) == ["app-2.0", "common-1.0", "helper-2.0"]

    def test_a_group_with_another_root_shrinks_to_what_that_needs(self, remove, site):
        make_two_groups(site)
        make_versioned(site, "other", "1.0", requires=["helper"])
        path = make_group(site, ["app==1.0", "other"], app="1.0", helper="1.0", common="1.0", other="1.0")
        os.utime(path, ns=(10**18, 10**18))
        assert remove("app==1.0", "-y")[0] == 0
        assert groups(site) == [
            ((), ("common", "helper")),
            ((), ("common", "helper", "other")),
            (("app==2.0",), ("app", "common", "helper")),
            (("other",), ("helper", "other")),
        ]
        (shrunk,) = [
            one
            for one in (site / ".versioned_import" / "groups").iterdir()
            if 'roots = [\n    "other"' in one.read_text()
        ]
        assert shrunk.stat().st_mtime_ns == 10**18

    def test_a_damaged_lock_is_in_the_way_of_all_but_force(self, remove, site):
        make_two_groups(site)
        broken = site / ".versioned_import" / "groups" / "pylock.broken.toml"
        broken.write_text("nonsense")
        assert remove("app==1.0", "-y") == (1, "", f"error: {unreadable(broken)}")
        assert len(there(site)) == 5
        assert remove("app==1.0", "-y", "--force")[0] == 0
        assert "app-1.0" not in there(site)

    def test_dry_run_changes_nothing(self, remove, site):
        make_two_groups(site)
        before = there(site), groups(site)
        status, out, _ = remove("app==1.0", "--dry-run")
        assert (status, without_sizes(out).splitlines()[-1]) == (0, "would remove 1 versioned directory, SIZE")
        assert (there(site), groups(site)) == before

    def test_json(self, remove, site):
        make_two_groups(site)
        status, out, _ = remove("app==1.0", "-y", "--json")
        document = json.loads(out)
        size = document["freed"]
        changed = [document.pop("locks_dropped"), document.pop("locks_shrunk")]
        assert [len(paths) for paths in changed] == [1, 1]
        assert all(path.startswith(f"{site}/.versioned_import/groups/pylock.") for (path,) in changed)
        assert size > 0
        assert (status, document) == (
            0,
            {
                "dry_run": False,
                "site": str(site),
                "removed": [{"distribution": "app", "version": "1.0", "directory": f"{site}/app-1.0", "size": size}],
                "freed": size,
                "launchers": [],
                "notices": [],
            },
        )

    def test_the_first_site_directory_that_has_it(self, process, site, second_site, monkeypatch, capsys):
        make_versioned(site, "demo", "1.0")
        make_versioned(second_site, "demo", "1.0")
        monkeypatch.setattr(uninstall, "search_path", lambda: (str(site), str(second_site)))
        assert cli.main(["uninstall", "demo", "-y"]) == 0
        assert (there(site), there(second_site)) == ([], ["demo-1.0"])

    def test_the_plain_version_may_stand_in_a_later_one(self, process, site, second_site, monkeypatch):
        make_versioned(site, "demo", "1.0+local")
        make_versioned(second_site, "demo", "1.0")
        monkeypatch.setattr(uninstall, "search_path", lambda: (str(site), str(second_site)))
        assert cli.main(["uninstall", "demo==1.0", "-y"]) == 0
        assert (there(site), there(second_site)) == (["demo-1.0+local"], [])


class TestRefusals:
    def test_what_is_needed_stays(self, remove, site):
        make_two_groups(site)
        before = there(site), groups(site)
        status, out, err = remove("common", "helper<2", "-y")
        assert (status, out) == (1, "")
        assert err == (
            "error: common 1.0, helper 1.0: still needed, so nothing was removed\n"
            "  app 1.0 needs common (group app==1.0)\n"
            "  app 2.0 needs common (group app==2.0)\n"
            "  app 1.0 needs helper<2 (group app==1.0)\n"
            "  Remove those too, or say --force.\n"
        )
        assert (there(site), groups(site)) == before

    def test_force(self, remove, site):
        make_two_groups(site)
        assert remove("helper==1.0", "-y", "--force")[0] == 0
        assert there(site) == ["app-1.0", "app-2.0", "common-1.0", "helper-2.0"]
        assert groups(site)[0] == (("app==1.0",), ("app", "common"))

    def test_an_extra_counts(self, remove, site):
        make_versioned(site, "app", "1.0", requires=["plug; extra == 'more'"])
        make_versioned(site, "plug", "1.0")
        make_group(site, ["app[more]"], app="1.0", plug="1.0")
        assert "app 1.0 needs plug (group app[more])" in remove("plug", "-y")[2]

    @pytest.mark.parametrize("root", ["./app-1.0-py3-none-any.whl[more]", "./app[more]", "app[more] @ file:///app.zip"])
    def test_an_extra_of_a_local_root_counts(self, remove, site, root):
        make_versioned(site, "app", "1.0", requires=["plug; extra == 'more'"])
        make_versioned(site, "plug", "1.0")
        made.make_group(site, root, requested=["app"], app="1.0", plug="1.0")
        assert remove("plug", "-y") == (
            1,
            "",
            (
                "error: plug 1.0: still needed, so nothing was removed\n"
                f"  app 1.0 needs plug (group {root})\n"
                "  Remove those too, or say --force.\n"
            ),
        )

    def test_a_flat_install(self, remove, site):
        make_flat(site, "demo", "1.0")
        assert remove("demo", "-y") == (
            1,
            "",
            f"error: demo: demo 1.0 is a flat install in {site}\n  Remove it with: python -m pip uninstall demo\n",
        )

    def test_another_version_only(self, remove, site):
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "demo", "0.5")
        assert remove("demo==3", "-y")[2] == (f"error: demo==3: installed are only 0.5, 1.0\n  Searched: {site}\n")

    def test_nothing_of_that_name_and_then_nothing_is_removed(self, remove, site):
        make_versioned(site, "demo", "1.0")
        status, _, err = remove("demo", "absent", "-y")
        assert (status, err) == (
            1,
            f"error: absent: no versioned directory of it is installed\n  Searched: {site}\n",
        )
        assert there(site) == ["demo-1.0"]

    def test_a_directory_that_only_looks_like_one(self, remove, site):
        (site / "demo-1.0").mkdir()
        assert remove("demo", "-y")[2] == (
            f"error: demo: {site}/demo-1.0 is no versioned directory: it holds no .dist-info\n"
            "  Look at it, and remove it by hand.\n"
        )

    @pytest.mark.parametrize("words", [["demo; python_version > '3'"], ["=="], []])
    def test_words_that_make_no_sense(self, remove, words, capsys):
        try:
            status = remove(*words)[0]
        except SystemExit as leaving:
            status = leaving.code
        assert status == 2

    def test_one_directory_that_cannot_be_renamed_keeps_all(self, remove, site, monkeypatch):
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "demo", "2.0")
        rename = os.rename

        def refuse(source, target):
            if source.endswith("demo-2.0"):
                raise PermissionError(13, "Permission denied", source)
            rename(source, target)

        monkeypatch.setattr(os, "rename", refuse)
        assert remove("demo", "-y")[2] == (
            f"error: {site}/demo-2.0: it can't be removed: Permission denied\n"
            "  Check the permissions of the directory. Nothing was removed.\n"
        )
        assert there(site) == ["demo-1.0", "demo-2.0"]

    def test_a_lock_that_cannot_be_replaced_keeps_all(self, remove, site, monkeypatch):
        make_two_groups(site)
        before = there(site), groups(site), locks_of(site)
        replace = os.replace

        def refuse(source, target):
            if "/after/" in source:
                raise PermissionError(13, "Permission denied", source, None, target)
            replace(source, target)

        monkeypatch.setattr(os, "replace", refuse)
        status, _, err = remove("app", "-y")
        assert (status, err) == (
            1,
            (
                f"error: {site}/.versioned_import/groups: the locks of its groups can't be changed: Permission denied\n"
                "  Check the permissions of the directory. Nothing was removed.\n"
            ),
        )
        assert (there(site), groups(site), locks_of(site)) == before
        assert trash_of(site) == []

    def test_an_installation_meanwhile(self, remove, site, monkeypatch):
        make_two_groups(site)
        monkeypatch.setattr(uninstall, "bytes_in", lambda _: make_group(site, ["app"], app="1.0", common="1.0") and 1)
        status, _, err = remove("app==1.0", "-y")
        assert (status, err) == (
            1,
            f"error: {site}: another process has installed or removed something meanwhile\n  Try again.\n",
        )
        assert "app-1.0" in there(site)


def locks_of(site):
    """Return the bytes and the modification time of each lock."""
    files = (site / ".versioned_import" / "groups").iterdir()
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def trash_of(site):
    """Return what removals have left of themselves."""
    return [name for name in os.listdir(site / ".versioned_import") if name.startswith("stage-")]


class TestInterrupted:
    """Ended in the middle it has removed nothing; where it could not clean up, the next command does."""

    # It ends itself behind one of its steps: that it can be undone from now on, two directories, two new locks, two old
    # locks, and that it can't be undone any more.
    LAST = 8
    PROGRAM = """\
    import os, sys
    number, left = int(sys.argv[1]), int(sys.argv[2])
    def count(path):
        global left
        if "/undo/" in str(path) or str(path).endswith(("/undo", "/done")):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), number)
    def watched(change):
        def call(source, target):
            change(source, target)
            count(source if "/after/" in source else target)
        return call
    os.rename, os.replace = watched(os.rename), watched(os.replace)
    unlink = os.unlink
    def unlink_watched(path, **how):
        unlink(path, **how)
        if path.endswith(".toml"):
            count("/undo/")
    os.unlink = unlink_watched
    from versioned_import.cli.main import main
    sys.exit(main(["uninstall", "app", "-y", "--site", sys.argv[3]]))
    """

    @pytest.fixture
    def end(self, site, children):
        """Return a function that lets `uninstall app`, two versions, end itself by a signal at its nth step."""
        make_two_groups(site)
        program = children.write("ending.py", self.PROGRAM)
        return lambda number, step: children.start(program, int(number), step, site).returncode

    @pytest.mark.parametrize("step", [1, 2, 4, LAST - 1])
    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_by_a_signal(self, site, end, number, step):
        before = there(site), locks_of(site)
        assert end(number, step) not in (0, 1)
        assert (there(site), locks_of(site)) == before
        assert trash_of(site) == []

    @pytest.mark.parametrize("step", range(1, LAST))
    def test_by_a_kill(self, site, end, remove, step):
        before = there(site), locks_of(site)
        assert end(signal.SIGKILL, step) == -signal.SIGKILL
        assert len(there(site)) == len(before[0]) - min(step - 1, 2)
        assert remove("absent", "-y")[0] == 1
        assert (there(site), locks_of(site)) == before
        assert trash_of(site) == []

    def test_by_a_kill_when_all_is_done(self, site, end, remove):
        assert end(signal.SIGKILL, self.LAST) == -signal.SIGKILL
        assert there(site) == ["common-1.0", "helper-1.0", "helper-2.0"]
        assert remove("absent", "-y")[0] == 1
        assert there(site) == ["common-1.0", "helper-1.0", "helper-2.0"]
        assert groups(site) == [((), ("common", "helper"))] * 2
        assert trash_of(site) == []

    def test_what_has_come_into_its_place_meanwhile_stays(self, site, end, remove):
        assert end(signal.SIGKILL, 3) == -signal.SIGKILL
        make_versioned(site, "app", "1.0", {"app.py": "VERSION = 'new'\n"})
        assert remove("absent", "-y")[0] == 1
        assert (site / "app-1.0" / "app.py").read_text() == "VERSION = 'new'\n"
        assert len(there(site)) == 5

    def test_by_a_full_disk(self, site, children):
        make_two_groups(site)
        before = there(site), locks_of(site)
        program = children.write(
            "full.py",
            """\
            import resource, sys
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
            from versioned_import.cli.main import main
            sys.exit(main(["uninstall", "app==1.0", "-y", "--site", sys.argv[1]]))
            """,
        )
        done = children.start("-B", program, site)
        assert (done.returncode, done.stderr) == (
            1,
            (
                f"error: {site}/.versioned_import/groups: the changed locks of its groups can't be written: File too large\n"
                "  Nothing was removed.\n"
            ),
        )
        assert (there(site), locks_of(site)) == before


class TestAsking:
    @pytest.mark.parametrize(("answer", "status"), [("y\n", 0), ("YES\n", 0), ("n\n", 1), ("\n", 1), ("", 1)])
    def test_on_a_terminal(self, site, children, answer, status):
        make_versioned(site, "demo", "1.0")
        done, shown = on_terminal(children, "uninstall", "demo", answer=answer)
        assert "Remove 1 versioned directory, " in shown
        assert (done, there(site)) == (status, [] if status == 0 else ["demo-1.0"])

    def test_nowhere(self, site, children):
        make_versioned(site, "demo", "1.0")
        done = children.start("-m", "versioned_import", "uninstall", "demo", stdin=subprocess.DEVNULL)
        assert (done.returncode, done.stderr) == (2, "error: nobody can be asked here: say -y (or --dry-run)\n")
        assert there(site) == ["demo-1.0"]


def on_terminal(children, *words, answer):
    """Run a command on a pseudo terminal; return its status and what it showed."""
    import pty

    master, slave = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-s", "-m", "versioned_import", *words],
        env=children.environ,
        cwd=children.elsewhere,
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.write(master, answer.encode() or b"\x04")
    shown, _ = child.communicate(timeout=60)
    os.close(slave)
    os.close(master)
    return child.returncode, shown


class TestRunningProcesses:
    """ "uninstall while a process uses the version: that process goes on; new ones get the clear error"."""

    PROGRAM = """\
    import demo version 1
    print("ready", flush=True)
    input()
    print(demo.VERSION, demo.loaded.VALUE, demo.later())
    for name in ("demo.lazy", "dep", "space.part"):
        try:
            __import__(name)
        except ImportError as error:
            print(type(error).__name__, str(error).splitlines()[0])
        else:
            print("wrong:", name)
    try:
        from demo import lazy
    except ImportError as error:
        print(type(error).__name__, error.name)
    """

    def test_one_goes_on_and_new_ones_get_the_clear_error(self, site, second_site, children):
        code = "VERSION = '1.0'\nfrom demo import loaded\ndef later():\n    return 'called'\n"
        files = {"demo/__init__.py": code, "demo/loaded.py": "VALUE = 1\n", "demo/lazy.py": ""}
        make_versioned(site, "demo", "1.0", files, requires=["dep", "space-part"])
        make_versioned(site, "dep", "1.0")
        make_versioned(site, "space-part", "1.0", {"space/part.py": ""})
        # Other versions, which must not step in.
        make_versioned(site, "demo", "2.0", one_package("demo", "2.0", lazy=""))
        make_flat(second_site, "demo", "3.0", one_package("demo", "3.0", lazy=""))
        make_flat(second_site, "dep", "3.0")
        make_flat(second_site, "space-part", "3.0", {"space/part.py": ""})
        path = children.write("app.py", f"# coding: versioned\nimport sys\nsys.path.append({str(second_site)!r})\n")
        with path.open("a") as file:
            import textwrap

            file.write(textwrap.dedent(self.PROGRAM))
        running = subprocess.Popen(
            [sys.executable, "-s", path],
            env=children.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert running.stdout.readline() == "ready\n"
        names = ("demo==1.0", "dep", "space-part")
        done = children.start("-m", "versioned_import", "uninstall", *names, "-y")
        assert done.returncode == 0, done.stderr
        shown, _ = running.communicate("\n", timeout=60)
        gone = "was uninstalled after this process had chosen it"
        assert shown.splitlines() == [
            "1.0 1 called",
            f"VersionNotFoundError import demo.lazy: demo 1.0 {gone}",
            f"VersionNotFoundError import dep: dep 1.0 {gone}",
            f"VersionNotFoundError import space.part: space-part 1.0 {gone}",
            "VersionNotFoundError demo",
        ]
        new = children.start(path, input="\n")
        lines = new.stderr.splitlines()
        assert lines[-5:-3] == [
            f"versioned_import.VersionNotFoundError: import demo version 1 ({path}:4): no installed version fits",
            f"  demo 2.0 does not match: {site}/demo-2.0/",
        ]
        command = f'{python_command()} -m versioned_import pip install --allow-multiple "demo==1.*"'
        assert lines[-1] == f"  to install it: {command}"

    def test_another_remover_waits(self, process, site, capsys, monkeypatch):
        make_versioned(site, "demo", "1.0")
        monkeypatch.setattr(staging, "_PATIENCE_SECONDS", 0.1)
        ready, let_go = threading.Event(), threading.Event()

        def hold():
            with staging.exclusive(str(site)):
                ready.set()
                let_go.wait()

        holder = threading.Thread(target=hold)
        holder.start()
        ready.wait()
        try:
            assert cli.main(["uninstall", "demo", "-y", "--site", str(site)]) == 1
        finally:
            let_go.set()
            holder.join()
        assert "another process has held" in capsys.readouterr().err
        assert there(site) == ["demo-1.0"]
