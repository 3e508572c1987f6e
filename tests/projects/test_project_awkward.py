"""Projects where something is unusual: changes, broken plans, namespaces, shadows, hosts, start-up files (docs/projects.md)."""

import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from environment import Environment
from made import make_flat, one_package, write

SHOW = "import demo, dep; print(demo.VERSION, dep.VERSION)"


@pytest.fixture(autouse=True)
def installed(home):
    install(home)


def install(home):
    home.flat("demo", "3.0", one_package("demo", "3.0"))
    home.flat("stray", "1.0")
    for version in ("1.0", "2.0"):
        home.versioned("demo", version, one_package("demo", version))
        home.versioned("dep", version)


def project(home, text, *, lock="", **environ):
    """Run a program with VERSIONED_IMPORT_PROJECT and return the finished process."""
    variables = {"VERSIONED_IMPORT_PROJECT": str(lock or home.program), **environ}
    return home.start(home.write("app.py", text), environ=variables)


def printed(done):
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout.strip()


def plans(home):
    """Return the kept plans."""
    return sorted((home.place / "cache" / "projects").glob("*"))


def keep_plan(home):
    """Lock, and run a program once nothing has changed for long enough, so that its plan is kept; return the lock."""
    lock = home.lock("demo==1.0", "dep==2.0")
    home.output("-c", "")  # the first start compiles, which leaves a folder in the site directory
    time.sleep(2.1)
    assert printed(project(home, SHOW)) == "1.0 2.0"
    assert len(plans(home)) == 1
    return lock


@pytest.fixture(scope="module")
def homes():
    """Return the environments with a kept plan that were made so far, the latest last."""
    return []


class TestKeptPlan:
    """What a lock comes to is kept, checked against lock and site directories, and never trusted when broken."""

    LOADED = f"{SHOW}\nimport sys; print('versioned_import.projects.plan' in sys.modules)"

    @pytest.fixture
    def home(self, homes, tmp_path_factory):
        """Return an environment with a kept plan that is used: the one of the test before, if that left it as it was."""
        if not homes or project(homes[-1], self.LOADED).stdout != "1.0 2.0\nFalse\n":
            homes.append(Environment(tmp_path_factory.mktemp("kept") / "home"))
            install(homes[-1])
            keep_plan(homes[-1])
        home = homes[-1]
        environ, (plan,) = dict(home.environ), plans(home)
        data = plan.read_bytes()
        yield home
        home.environ = environ
        (home.program / "uv.lock").unlink(missing_ok=True)
        shutil.rmtree(plan.parent)
        plan.parent.mkdir()
        plan.write_bytes(data)

    @pytest.fixture(autouse=True)
    def installed(self):
        """Leave alone what is installed already."""

    def test_it_is_used(self, home):
        assert printed(project(home, self.LOADED)) == "1.0 2.0\nFalse"

    def test_a_changed_lock_counts(self, home):
        home.lock("demo==2.0", "dep==2.0")
        assert printed(project(home, self.LOADED)) == "2.0 2.0\nTrue"

    def test_a_lock_that_goes_before_counts(self, home):
        write(home.program / "uv.lock", "")
        assert printed(project(home, self.LOADED)) == "1.0 2.0\nTrue"

    def test_a_removed_version_is_missing(self, home):
        shutil.rmtree(home.site / "demo-1.0")
        done = project(home, self.LOADED)
        assert (done.returncode, done.stdout) == (1, "")
        assert "demo 1.0: not installed; there is " in done.stderr

    def test_a_version_that_lost_its_module_is_refused(self, home):
        (home.site / "demo-1.0" / "demo" / "__init__.py").unlink()
        done = project(home, self.LOADED)
        assert done.returncode == 1
        assert "demo" in done.stderr.splitlines()[-1]
        assert "3.0" not in done.stdout

    @pytest.mark.parametrize("damage", ["cut", "byte", "empty", "text", "directory"])
    def test_a_broken_one_is_a_miss(self, home, damage):
        (path,) = plans(home)
        data = path.read_bytes()
        path.unlink()
        if damage == "directory":
            path.mkdir()
        else:
            half = len(data) // 2
            broken = {
                "cut": data[:half],
                "byte": data[:half] + b"!" + data[half + 1 :],
                "empty": b"",
                "text": b"x" * 99,
            }
            path.write_bytes(broken[damage])
        assert printed(project(home, self.LOADED)) == "1.0 2.0\nTrue"

    def test_another_pythonpath_is_another_plan(self, home, tmp_path):
        home.environ["PYTHONPATH"] = str(tmp_path)
        assert printed(project(home, self.LOADED)) == "1.0 2.0\nTrue"

    def test_other_settings_of_the_virtual_environment_are_another_plan(self, home):
        settings = home.place / "pyvenv.cfg"
        before = settings.read_text()
        settings.write_text(
            before.replace("include-system-site-packages = false", "include-system-site-packages = true")
        )
        try:
            assert printed(project(home, self.LOADED)) == "1.0 2.0\nTrue"
        finally:
            settings.write_text(before)

    def test_a_child_with_other_site_directories_has_a_plan_of_its_own(self, home):
        child = home.write("child.py", self.LOADED)
        text = f"import subprocess, sys; subprocess.run([sys.executable, '-s', {str(child)!r}])"
        assert printed(project(home, text)) == "1.0 2.0\nTrue"

    def test_a_link_to_another_release_counts(self, home, tmp_path):
        for release in ("one", "two"):
            (tmp_path / release).mkdir()
            os.link(home.program / "pylock.toml", tmp_path / release / "pylock.toml")
        current = tmp_path / "current"
        current.symlink_to("one")
        time.sleep(2.1)  # a link to it is a change of the lock
        for told in ("True", "False"):
            assert printed(project(home, self.LOADED, lock=current)) == f"1.0 2.0\n{told}"
        current.unlink()
        current.symlink_to("two")
        assert printed(project(home, self.LOADED, lock=current)) == "1.0 2.0\nTrue"

    def test_a_start_up_file_that_changes_counts(self, home, tmp_path):
        write(home.site / "more.pth", f"{write(tmp_path / 'more' / 'extra.py', '').parent}\n")
        assert "no extra" in printed(
            project(home, f"{SHOW}\ntry:\n    import extra\nexcept ImportError:\n    print('no extra')")
        )


class TestWhatIsInstalled:
    def test_namespace_packages_have_the_portions_of_what_is_locked(self, home):
        for version in ("1.0", "2.0"):
            home.versioned("ns-one", version, {"space/one.py": f"VERSION = {version!r}\n"})
            home.versioned("ns-two", version, {"space/two.py": f"VERSION = {version!r}\n"})
        home.flat("ns-three", "1.0", {"space/three.py": ""})
        home.lock("ns-one==1.0", "ns-two==2.0")
        text = """
        import space.one, space.two
        print(space.one.VERSION, space.two.VERSION, len(list(space.__path__)))
        try:
            import space.three
        except ModuleNotFoundError as error:
            print(error)
        """
        told = printed(project(home, text))
        assert told.startswith("1.0 2.0 2\n")
        assert "three" in told

    def test_extension_modules(self, home):
        extension = min(Path(os.__file__).parent.glob("lib-dynload/_*.so"))
        directory = home.versioned("fast", "1.0", {"fast_here.py": ""})
        suffix = extension.name.partition(".")[2]
        shutil.copy(extension, directory / f"_queue_x.{suffix}")
        record = next(directory.glob("*.dist-info")) / "RECORD"
        record.write_text(f"{record.read_text()}_queue_x.{suffix},,\n")
        home.lock("fast==1.0")
        text = "import importlib.util; print(importlib.util.find_spec('_queue_x').origin, __import__('fast_here').__file__)"
        assert printed(project(home, text)) == f"{directory}/_queue_x.{suffix} {directory}/fast_here.py"

    def test_a_flat_install_of_several_names_gives_all_of_them(self, home):
        home.flat("many", "1.0", {"first.py": "", "second/__init__.py": "", "second/sub.py": "import first\n"})
        home.lock("many==1.0")
        assert printed(project(home, "import first, second.sub; print('all')")) == "all"

    def test_paths_of_locked_start_up_files_are_added_and_others_taken_back(self, home, tmp_path):
        write(tmp_path / "others" / "othersown.py", "")
        write(home.site / "others.pth", f"{tmp_path / 'others'}\nimport sys; sys.started = True\n")
        home.versioned(
            "pathy", "1.0", {"pathy.pth": "below\nimport nothing_such\n", "below/inside.py": "", "pathy.py": ""}
        )
        home.lock("pathy==1.0")
        text = """
        import pathy, inside, sys
        print(sys.started)
        import othersown
        """
        done = project(home, text)
        assert done.stdout == "True\n"
        assert "othersown: it is not in the lock" in done.stderr

    def test_editable_installs_outside_of_the_lock_are_gone(self, home, tmp_path):
        finder = f"""\
        import sys
        from importlib.util import spec_from_file_location
        class Finder:
            @classmethod
            def find_spec(cls, name, path=None, target=None):
                return spec_from_file_location(name, {str(tmp_path / "mine.py")!r}) if name == "mine" else None
        sys.meta_path.append(Finder)
        """
        write(tmp_path / "mine.py", "")
        write(home.site / "__editable___mine_finder.py", textwrap.dedent(finder))
        write(home.site / "__editable__.mine.pth", "import __editable___mine_finder\n")
        home.lock("demo==1.0")
        assert printed(home.start("-c", "import mine; print(mine.__name__)")) == "mine"
        assert "import mine: it is not in the lock" in project(home, "import mine").stderr

    def test_a_user_s_sitecustomize_still_runs(self, home):
        write(home.site / "sitecustomize.py", "import sys\nsys.customized = True\n")
        home.lock("demo==1.0")
        assert printed(project(home, "import sys, demo; print(sys.customized, demo.VERSION)")) == "True 1.0"


class TestOwnModules:
    def test_they_go_before_what_is_locked_also_once_a_clause_was_met(self, home):
        home.lock("demo==1.0", "dep==2.0")
        home.write("dep.py", "VERSION = 'own'\n")
        text = "# coding: versioned\nimport demo version 1\nimport dep\nprint(demo.VERSION, dep.VERSION)\n"
        assert printed(project(home, text)) == "1.0 own"

    def test_pythonpath_stays(self, home, tmp_path):
        write(tmp_path / "path" / "onpath.py", "")
        home.lock("demo==1.0")
        assert printed(project(home, "import onpath, demo; print(demo.VERSION)", PYTHONPATH=tmp_path / "path")) == "1.0"

    def test_the_standard_library_goes_first(self, home):
        home.versioned("backport", "1.0", {"colorsys.py": "BACKPORT = 1\n"})
        home.lock("backport==1.0")
        assert printed(project(home, "import colorsys; print(hasattr(colorsys, 'BACKPORT'))")) == "False"


class TestWhichLock:
    def test_the_nearest_one_above_the_script(self, home):
        home.lock("demo==1.0", "dep==2.0")
        home.lock("demo==2.0", "dep==1.0", directory=home.program / "inner")
        outer, inner = home.write("app.py", SHOW), home.write("inner/deep/app.py", SHOW)
        assert home.output("-m", "versioned_import", outer) == "1.0 2.0"
        assert home.output("-m", "versioned_import", inner, cwd=home.program) == "2.0 1.0"
        assert home.output("-m", "versioned_import", "--project", home.program, inner) == "1.0 2.0"

    def test_never_the_current_directory(self, home, tmp_path):
        home.lock("demo==1.0", "dep==2.0")
        alone = write(tmp_path / "alone" / "app.py", "import demo; print(demo.VERSION)")
        assert home.output("-m", "versioned_import", alone, cwd=home.program) == "3.0"
        assert (
            home.output("-m", "versioned_import", "-c", "import demo; print(demo.VERSION)", cwd=home.program) == "3.0"
        )

    def test_none(self, home):
        home.lock("demo==1.0", "dep==2.0")
        program = home.write("app.py", "import demo; print(demo.VERSION)")
        assert home.output("-m", "versioned_import", "--no-project", program) == "3.0"
        variable = {"VERSIONED_IMPORT_PROJECT": home.program}
        assert home.output("-m", "versioned_import", "--no-project", program, environ=variable) == "3.0"

    def test_chdir_changes_nothing(self, home):
        home.lock("demo==1.0", "dep==2.0")
        text = f"import os; os.chdir({str(home.elsewhere)!r})\n{SHOW}"
        home.lock("demo==2.0", "dep==2.0", directory=home.elsewhere)
        assert printed(project(home, text, lock=home.program)) == "1.0 2.0"

    def test_an_unusable_lock_above_says_how_to_do_without(self, home):
        lock = home.lock("demo==9.0")
        done = home.start("-m", "versioned_import", home.write("app.py", SHOW))
        assert done.returncode == 1
        assert done.stderr == (
            f"error: {lock}: 1 of 1 locked distributions are missing\n"
            f"  demo 9.0: not installed; there is 1.0 in {home.site}/demo-1.0/, 2.0 in {home.site}/demo-2.0/,"
            f" 3.0 in {home.site} (flat install)\n"
            f"  to install it: versioned-import sync {lock}\n"
            f"  to run the program without its lock: --no-project\n"
        )

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("--project",), "--project takes a directory or a lock"),
            (("--groups=", "app.py"), "--groups takes names, with commas between"),
            (("--project", ".", "--no-project", "app.py"), "--project and --no-project exclude each other"),
            (("--install", "-c", "1"), "there is no lock for --groups, --extras and --install: give --project DIR"),
        ],
    )
    def test_options_that_say_nothing(self, home, words, told):
        done = home.start("-m", "versioned_import", *words)
        assert (done.returncode, done.stderr) == (2, f"versioned_import: {told}\n")

    def test_commands_see_everything(self, home):
        home.lock("demo==9.0")
        done = home.start("-m", "versioned_import", "list", "demo", environ={"VERSIONED_IMPORT_PROJECT": home.program})
        assert done.returncode == 0
        assert all(version in done.stdout for version in ("1.0", "2.0", "3.0"))


class TestChildren:
    def test_every_way_of_multiprocessing(self, home):
        home.lock("demo==1.0", "dep==2.0")
        home.write("work.py", "def show(_):\n    import demo, dep\n    return demo.VERSION, dep.VERSION\n")
        text = """
        import multiprocessing, work
        from concurrent.futures import ProcessPoolExecutor
        if __name__ == "__main__":
            for method in ("spawn", "forkserver", "fork"):
                with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
                    print(method, *pool.map(work.show, [0]))
        """
        told = "spawn ('1.0', '2.0')\nforkserver ('1.0', '2.0')\nfork ('1.0', '2.0')"
        assert printed(project(home, text)) == told
        program = home.program / "app.py"
        assert home.output("-m", "versioned_import", "--project", home.program, program) == told

    @pytest.mark.parametrize("settled", [True, False])
    def test_they_go_on_with_a_lock_that_has_changed(self, home, settled):
        home.lock("demo==1.0", "dep==2.0")
        if settled:
            keep_plan(home)
        new = home.lock("demo==2.0", "dep==2.0", directory=home.elsewhere)
        text = f"""
        import shutil, subprocess, sys
        import demo
        shutil.copy({str(new)!r}, {str(home.program / "pylock.toml")!r})
        child = subprocess.run([sys.executable, "-c", {SHOW!r}], capture_output=True, text=True)
        print(demo.VERSION, child.stdout.strip())
        print(child.stderr)
        """
        told = printed(project(home, text)).splitlines()
        if settled:
            assert told == ["1.0 1.0 2.0"]
        else:  # the plan could not be kept, and the child can't know what it was
            assert told[0] == "1.0 "
            assert "has changed since the parent process of this one began to run from it" in told[1]
        assert printed(project(home, SHOW)) == "2.0 2.0"

    def test_one_that_ignores_the_environment_says_so(self, home):
        lock = home.lock("demo==1.0", "dep==2.0")
        text = (
            "import subprocess, sys; subprocess.run([sys.executable, '-I', '-c', 'import demo; print(demo.VERSION)'])"
        )
        done = project(home, text)
        assert done.stdout == "3.0\n"
        told = f"versioned_import: this Python was started with -I, so it does not run from {lock}; it runs plain\n"
        assert done.stderr == told

    def test_one_with_a_project_of_its_own(self, home):
        home.lock("demo==1.0", "dep==2.0")
        home.lock("demo==2.0", "dep==1.0", directory=home.elsewhere)
        other = write(home.elsewhere / "other.py", SHOW)
        text = f"""
        import os, subprocess, sys
        words = [sys.executable, {str(other)!r}]
        subprocess.run(words)
        subprocess.run([words[0], "-m", "versioned_import", words[1]])
        subprocess.run(words, env={{**os.environ, "VERSIONED_IMPORT_PROJECT": {str(home.elsewhere)!r}}})
        subprocess.run([words[0], "-m", "versioned_import", "-c", {SHOW!r}])
        """
        program = home.write("app.py", text)
        assert home.output("-m", "versioned_import", program) == "1.0 2.0\n2.0 1.0\n2.0 1.0\n1.0 2.0"


class TestRunningProcess:
    def test_what_is_loaded_at_another_version_refuses_the_project(self, home):
        home.lock("demo==1.0", "dep==2.0")
        text = """
        import demo, os, sys, versioned_import
        path = list(sys.path)
        try:
            versioned_import.activate(os.path.dirname(__file__))
        except ImportError as error:
            print(error)
        import stray
        print(sys.path == path, "VERSIONED_IMPORT_SELECTION" in os.environ)
        """
        told = home.output(home.write("app.py", text))
        assert "demo is loaded already, from elsewhere" in told
        assert told.endswith("\nTrue False")

    def test_code_that_was_there_before_goes_on_importing_its_own(self, home):
        files = {
            "host/__init__.py": "",
            "host/later.py": "def now():\n    import stray, demo\n    return demo.VERSION\n",
        }
        home.flat("host", "1.0", files)
        home.lock("demo==1.0", "dep==2.0")
        text = """
        import host.later, os, versioned_import
        versioned_import.activate(os.path.dirname(__file__))
        try:
            import stray
        except ImportError as error:
            print(type(error).__name__)
        print(host.later.now())
        """
        assert home.output(home.write("app.py", text)) == "NotLockedError\n1.0"

    def test_another_project_in_its_place(self, home):
        home.lock("demo==1.0", "dep==2.0")
        home.lock("demo==2.0", "dep==2.0", directory=home.elsewhere)
        text = f"""
        import os, versioned_import
        here = os.path.dirname(__file__)
        versioned_import.activate(here)
        import dep
        versioned_import.activate({str(home.elsewhere)!r})
        import demo
        print(demo.VERSION, dep.VERSION)
        try:
            versioned_import.activate(here)
        except ImportError as error:
            print(str(error).splitlines()[0])
        """
        told = home.output(home.write("app.py", text))
        assert told.splitlines()[0] == "2.0 2.0"
        assert "demo is loaded already, from elsewhere" in told

    def test_a_probe_gets_none(self, home):
        home.lock("demo==1.0")
        text = "from importlib.util import find_spec; print(find_spec('stray'), find_spec('demo') is not None)"
        assert printed(project(home, text)) == "None True"

    def test_listing_modules_names_what_is_locked(self, home):
        home.lock("demo==1.0", "dep==2.0")
        text = "import pkgutil; print({one.name for one in pkgutil.iter_modules()} & {'demo', 'dep', 'stray', 'app'})"
        listed = printed(project(home, text))
        assert "stray" not in listed
        assert all(name in listed for name in ("demo", "dep", "app"))


def test_what_is_installed_from_another_file_does_not_count(home):
    directory = home.versioned("hashed", "1.0")
    info = next(directory.glob("*.dist-info"))
    write(
        info / "direct_url.json",
        '{"url": "https://index.example/x.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
    )
    home.lock("hashed==1.0")
    done = project(home, "import hashed")
    assert done.returncode == 1
    assert "was installed from https://index.example/x.git, which the lock doesn't name" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody remove what is in use")
def test_a_process_outlives_the_removal_of_its_lock(home):
    home.lock("demo==1.0", "dep==2.0")
    text = f"import os; os.unlink({str(home.program / 'pylock.toml')!r})\n{SHOW}"
    assert printed(project(home, text)) == "1.0 2.0"
    assert not os.path.exists(home.program / "pylock.toml")


class TestInstalledOnPythonpath:
    """PYTHONPATH stays, but what is installed there and isn't locked is no more there than in site-packages."""

    @pytest.fixture
    def shared(self, tmp_path):
        make_flat(tmp_path / "shared", "demo", "0.5", one_package("demo", "0.5"))
        make_flat(tmp_path / "shared", "stray", "0.5")
        write(tmp_path / "shared" / "loose.py", "")
        return tmp_path / "shared"

    @pytest.mark.parametrize("first", ["", "# coding: versioned\nimport demo version 1\n"])
    def test_it_does_not_go_before_what_is_locked(self, home, shared, first):
        home.lock("demo==1.0", "dep==2.0")
        done = project(home, f"{first}import loose\n{SHOW}\nimport stray", PYTHONPATH=shared)
        assert done.stdout == "1.0 2.0\n"
        assert "import stray: it is not in the lock" in done.stderr

    def test_the_locked_version_counts(self, home, shared):
        home.lock("demo==0.5")
        text = "import demo; print(demo.__file__, demo.VERSION)"
        assert printed(project(home, text, PYTHONPATH=shared)) == f"{shared}/demo/__init__.py 0.5"

    def test_sources_with_metadata_of_their_own_stay(self, home, shared):
        home.lock("demo==1.0")
        write(home.program / "src" / "mine.py", "")
        make_flat(home.program / "src", "mine", "1.0")
        assert printed(project(home, "import mine; print(mine.VERSION)", PYTHONPATH=home.program / "src")) == "1.0"


def test_a_clause_is_refused_as_well_where_the_lock_can_not_be_used(home):
    home.lock("demo==9.0")
    done = project(home, "# coding: versioned\nimport demo version 2\nprint(demo.VERSION)")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing that is installed can be imported here" in done.stderr


def test_a_script_in_a_site_directory_sees_no_more(home):
    home.lock("demo==1.0", "dep==2.0")
    script = write(home.site / "script.py", f"{SHOW}\nimport stray")
    done = home.start(script, environ={"VERSIONED_IMPORT_PROJECT": home.program})
    assert done.stdout == "1.0 2.0\n"
    assert "import stray: it is not in the lock" in done.stderr


class TestFoundByReview:
    """Ways by which another version, or what isn't locked, came through once."""

    def test_what_the_code_of_a_start_up_file_adds_leaves_too(self, home, tmp_path):
        make_flat(tmp_path / "overlay", "demo", "9.0", one_package("demo", "9.0"))
        make_flat(tmp_path / "overlay", "unlocked", "1.0")
        write(home.site / "_overlay.pth", f"import site; site.addsitedir({str(tmp_path / 'overlay')!r})\n")
        home.lock("demo==1.0", "dep==2.0")
        home.write("app.py", f"{SHOW}\nimport unlocked")
        for done in (
            home.start(home.program / "app.py", environ={"VERSIONED_IMPORT_PROJECT": home.program}),
            home.start("-m", "versioned_import", home.program / "app.py"),
        ):
            assert done.stdout == "1.0 2.0\n"
            assert "import unlocked: it is not in the lock" in done.stderr

    def test_what_sitecustomize_adds_leaves_too(self, home, tmp_path):
        make_flat(tmp_path / "overlay", "demo", "9.0", one_package("demo", "9.0"))
        write(home.site / "sitecustomize.py", f"import site; site.addsitedir({str(tmp_path / 'overlay')!r})\n")
        home.lock("demo==1.0", "dep==2.0")
        assert printed(project(home, SHOW)) == "1.0 2.0"

    @pytest.mark.parametrize("name", ["a_first", "z_last"])
    def test_what_a_start_up_file_has_imported_counts_for_nothing(self, home, name):
        write(home.site / f"{name}.pth", "import demo\n")
        home.lock("demo==1.0", "dep==2.0")
        assert printed(project(home, SHOW)) == "1.0 2.0"
        assert home.output("-m", "versioned_import", "--project", home.program, home.program / "app.py") == "1.0 2.0"

    @pytest.fixture
    def portions(self, home):
        """Install portions of a namespace package, flat and versioned; the folder of the flat ones is one."""
        for name in ("a", "b", "c"):
            for version in ("1.0", "2.0"):
                files = {f"space/{name}.py": f"VERSION = {version!r}\n"}
                (home.flat if version == "2.0" else home.versioned)(f"ns-{name}", version, files)

    def test_a_flat_portion_brings_no_others_along(self, home, portions):
        home.lock("ns-a==2.0", "ns-b==1.0")
        done = project(home, "import space.a, space.b; print(space.a.VERSION, space.b.VERSION)\nimport space.c")
        assert done.stdout == "2.0 1.0\n"
        assert "import space.c: it is not in the lock" in done.stderr

    def test_a_loaded_portion_of_another_version_refuses_the_project(self, home, portions):
        home.lock("ns-b==1.0", "ns-c==1.0")
        text = """
        import os, space.b, versioned_import
        try:
            versioned_import.activate(os.path.dirname(__file__))
        except ImportError as error:
            print(error)
        """
        assert "space.b is loaded already, from elsewhere" in home.output(home.write("app.py", text))

    def test_a_relative_project_and_no_current_directory(self, home, tmp_path):
        home.lock("demo==1.0", "dep==2.0")
        gone = tmp_path / "gone"
        gone.mkdir()
        text = f"cd {gone} && rmdir {gone} && {home.python} -c 'import demo; print(demo.VERSION)'"
        variables = {**home.environ, "VERSIONED_IMPORT_PROJECT": "../program"}
        done = subprocess.run(["sh", "-c", text], env=variables, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert "nothing that is installed can be imported here" in done.stderr

    def test_a_directory_that_a_start_up_file_names_and_that_comes_later(self, home, tmp_path):
        write(home.site / "later.pth", f"{tmp_path / 'later'}\n")
        keep_plan(home)
        write(tmp_path / "later" / "demo.py", "VERSION = 'later'\n")
        assert printed(project(home, SHOW)) == "1.0 2.0"

    def test_a_refusal_is_told_in_full_from_a_kept_plan(self, home):
        lock = keep_plan(home)
        done = home.start("-c", "import stray", environ={"VERSIONED_IMPORT_PROJECT": home.program})
        assert f"versioned_import.NotLockedError: import stray: it is not in the lock {lock}" in done.stderr
        assert f"stray 1.0 in {home.site} (flat install) was therefore not used" in done.stderr

    def test_what_pip_starts_sees_what_is_flat(self, home):
        home.lock("demo==1.0", "dep==2.0")
        write(home.site / "pip" / "__init__.py", "")
        text = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'import demo; print(demo.VERSION)'])\n"
        write(home.site / "pip" / "__main__.py", text)
        assert home.output("-m", "pip", environ={"VERSIONED_IMPORT_PROJECT": home.program}) == "3.0"

    def test_no_project_holds_for_children_too(self, home):
        home.lock("demo==1.0", "dep==2.0")
        text = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import demo; print(demo.VERSION)'])"
        variable = {"VERSIONED_IMPORT_PROJECT": home.program}
        program = home.write("app.py", text)
        assert home.output("-m", "versioned_import", "--no-project", program, environ=variable) == "3.0"

    def test_a_flat_install_of_a_local_directory_is_no_file_of_the_lock(self, home):
        info = home.flat("local", "1.0")
        write(info / "direct_url.json", '{"url": "file:///home/me/local", "dir_info": {}}')
        home.lock("local==1.0")
        assert (
            "was installed from file:///home/me/local, which the lock doesn't name"
            in project(home, "import local").stderr
        )

    def test_a_flat_install_of_another_archive_is_no_file_of_the_lock(self, home):
        info = home.flat("local", "1.0")
        text = '{"url": "https://index.example/local.whl", "archive_info": {"hashes": {"sha256": "%s"}}}'
        write(info / "direct_url.json", text % ("f" * 64))
        home.lock("local==1.0")
        assert f"was installed from a file with sha256 {'f' * 64}" in project(home, "import local").stderr
