"""Child processes start with the parent's selection (spec 3.10, docs/children.md): real children of every kind."""

import os
import sys
import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import make_flat, make_versioned, one_package, settle, write

from versioned_import.metadata.candidate import Candidate
from versioned_import.runtime import children as inheritance
from versioned_import.runtime import told
from versioned_import.runtime.shortcut import VARIABLE
from versioned_import.runtime.state import Answered, addressed, addressee, state

SHOW = "import demo, dep; print(demo.VERSION, dep.VERSION)"
PARENT = "import demo version 1\nimport os, subprocess, sys\n"
METHODS = ("spawn", "forkserver", "fork") if hasattr(os, "fork") else ("spawn",)


@pytest.fixture(autouse=True)
def installed(site):
    """Install two versions of a distribution, each with a requirement of its own version, and one beside them."""
    for version in ("1.0", "2.0"):
        files = one_package("demo", version, sub=f"VERSION = {version!r}\n")
        make_versioned(site, "demo", version, files, requires=[f"dep=={version}"])
        make_versioned(site, "dep", version)
        make_versioned(site, "other", version)


class TestWaysToStart:
    """`subprocess` with `sys.executable` and with `python` of the same environment, and every other way."""

    CALLS = (
        "subprocess.run([sys.executable, '-c', SHOW])",
        "subprocess.run([sys.executable, '-'], input=SHOW, text=True)",
        "subprocess.run([os.path.basename(sys.executable), '-c', SHOW])",
        "subprocess.run([sys.executable, 'cookie.py'])",
        "subprocess.run([sys.executable, '-m', 'plain'])",
        "subprocess.run([sys.executable, '-m', 'versioned_import', 'clause.py'])",
        "subprocess.run([sys.executable, '-c', 'import plain'], env={**os.environ, 'X': 'y'})",
        "subprocess.run([sys.executable, '-c', GRANDCHILD])",
        "os.system(f'{sys.executable} plain.py')",
        "os.waitpid(os.posix_spawn(sys.executable, [sys.executable, '-c', SHOW], os.environ), 0)",
        "os.execv(sys.executable, [sys.executable, '-c', SHOW])",
    )

    def test_selection_is_there(self, children):
        children.write("plain.py", f"{SHOW}\n")
        children.write("cookie.py", f"# coding: versioned\nimport demo version 1\n{SHOW}\n")
        children.write("clause.py", f"import demo version '<2'\n{SHOW}\n")
        calls = [call for call in self.CALLS if hasattr(os, "posix_spawn") or "posix" not in call]
        grandchild = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SHOW!r}])"
        text = f"{PARENT}os.chdir({str(children.program)!r})\nSHOW, GRANDCHILD = {SHOW!r}, {grandchild!r}\n"
        text += "".join(f"print({call!r}, flush=True)\n{call}\n" for call in calls)
        path = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
        said = children.output(text, environ={"PATH": path})
        assert said.split("\n") == [line for call in calls for line in (call, "1.0 1.0")]

    def test_metadata_too(self, children):
        code = "from importlib.metadata import version; print(version('demo'), version('dep'))"
        assert children.output(f"{PARENT}subprocess.run([sys.executable, '-c', {code!r}])") == "1.0 1.0"

    def test_selection_goes_before_a_flat_install(self, children, site):
        make_flat(site, "demo", "3.0", one_package("demo", "3.0"))
        environ = {"PYTHONPATH": str(site)}
        assert (
            children.output(f"{PARENT}subprocess.run([sys.executable, '-c', {SHOW!r}])", environ=environ) == "1.0 1.0"
        )

    def test_what_is_in_force_at_the_start_of_the_child_counts(self, children):
        code = "from versioned_import.runtime.state import state; print(*sorted(state.selection), flush=True)"
        run = f"subprocess.run([sys.executable, '-c', {code!r}], check=True)\n"
        text = f"import demo version 1\nimport subprocess, sys\n{run}import other version 2\n{run}"
        assert children.output(text).split("\n") == ["demo dep", "demo dep other"]

    def test_an_environment_of_the_callers_own_has_no_selection(self, children):
        code = f"import os; print({VARIABLE!r} in os.environ)"
        call = f"subprocess.run([sys.executable, '-c', {code!r}], env={{}})"
        assert children.output(PARENT + call) == "False"

    def test_nothing_is_said_before_something_is_selected(self, children):
        assert children.output(f"import os, subprocess, demo.sub\nprint({VARIABLE!r} in os.environ)") == "True"
        assert children.output(f"import os, subprocess, json\nprint({VARIABLE!r} in os.environ)") == "False"

    def test_a_selection_that_was_taken_back_is_not_told(self, children, site):
        make_versioned(site, "broken", "1.0", {"broken.py": "raise RuntimeError\n"})
        text = f"import os\ntry:\n    import broken version 1\nexcept RuntimeError:\n    print({VARIABLE!r} in os.environ)\n"
        assert children.output(text) == "False"

    def test_paths_that_are_awkward(self, children, tmp_path):
        odd = tmp_path / "50% \u00e9\tsite"
        make_versioned(odd, "strange", "1.0")
        text = "import strange version 1\nimport subprocess, sys\n"
        text += "subprocess.run([sys.executable, '-c', 'import strange; print(strange.VERSION)'], check=True)\n"
        assert children.output(text, environ={"VERSIONED_IMPORT_PATH": str(odd)}) == "1.0"

    @pytest.mark.usefixtures("process")
    def test_five_hundred_distributions(self, children, site):
        make_versioned(site, "many", "1.0")
        tags = ("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",)
        for number in range(500):
            one = Candidate(
                site=str(site),
                entry="many-1.0",
                dist_info="many-1.0.dist-info",
                distribution=f"many{number}",
                version="1.0",
                names=("many", f"many{number}"),
                tags=tags,
            )
            state.replace({**state.selection, one.distribution: one}, state.answered)
        text = os.environ[VARIABLE]
        assert 2_000 < len(text) < 30_000
        code = (
            "import many; from versioned_import.runtime.state import state; print(many.VERSION, len(state.selection))"
        )
        assert children.start("-c", code, environ={VARIABLE: text}).stdout == "1.0 500\n"


class TestChildrenThatCannot:
    """A child that starts with `-I` or `-S` says why it can't and runs plain; what is none of its business is silent."""

    PLAIN = "try:\n    import demo\nexcept ImportError:\n    print('plain')\n"

    def start(self, children, *arguments, prepare="", **options):
        call = f"{prepare}subprocess.run([sys.executable, *{arguments!r}], check=True)"
        done = children.run(PARENT + call, **options)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip(), done.stderr.strip()

    @pytest.mark.parametrize("switch", ["-I", "-E"])
    def test_switches_that_ignore_the_environment(self, children, switch):
        said = (
            f"versioned_import: this Python was started with {switch}, so it does not take over the selection of its parent"
            " (demo 1.0, dep 1.0); it runs plain"
        )
        assert self.start(children, switch, "-c", self.PLAIN) == ("plain", said)

    def test_without_site(self, children):
        assert self.start(children, "-S", "-c", self.PLAIN) == ("plain", "")

    def test_without_site_and_imported_by_hand(self, children):
        place = os.path.dirname(os.path.dirname(os.path.dirname(inheritance.__file__)))
        code = f"import sys; sys.path.append({place!r})\nimport versioned_import.runtime.state\n{self.PLAIN}"
        said = (
            "versioned_import: this Python was started with -S, so it does not take over the selection of its parent"
            " (demo 1.0, dep 1.0); it runs plain"
        )
        assert self.start(children, "-S", "-c", code) == ("plain", said)

    def test_another_environment_is_none_of_its_children(self, children):
        prepare = f"os.environ[{VARIABLE!r}] = os.environ[{VARIABLE!r}].replace(sys.prefix, '/other/prefix', 1)\n"
        code = "from versioned_import.runtime.state import state; print(len(state.selection))"
        assert self.start(children, "-c", code, prepare=prepare) == ("0", "")

    @pytest.mark.parametrize("name", ["_in_process.py", "pip3.11"])
    def test_installers(self, children, name):
        code = "import os\nfrom versioned_import.runtime.state import state\n"
        path = children.write(name, f"{code}print(len(state.selection), {VARIABLE!r} in os.environ)\n")
        assert self.start(children, str(path), "install") == ("0 False", "")

    def test_a_program_with_an_argument_called_pip_is_none(self, children):
        assert self.start(children, "-c", SHOW, "pip") == ("1.0 1.0", "")

    def test_pip_itself(self, children):
        said, errors = self.start(children, "-m", "pip", "--version")
        assert (said[:4], errors) == ("pip ", "")

    def test_our_commands_see_what_is_there(self, children):
        path = children.write("program.py", "# coding: versioned\nimport demo version 2\n")
        said, errors = self.start(children, "-m", "versioned_import", "check", str(path))
        assert "2.0" in said
        assert errors == ""

    @pytest.mark.parametrize("text", ["x", "versioned_import a b\n1 0\n", "\u00e9"])
    def test_what_somebody_put_there(self, children, text):
        done = children.start("-c", "print('started')", environ={VARIABLE: text})
        assert (done.returncode, done.stdout) == (0, "started\n")
        assert done.stderr == (
            f"versioned_import: {VARIABLE} can't be read (it is not written by versioned_import), so this Python takes over no"
            " selection; it runs plain\n"
        )

    def test_a_text_that_was_cut(self, children):
        prepare = f"os.environ[{VARIABLE!r}] = os.environ[{VARIABLE!r}][:-3]\n"
        said, errors = self.start(children, "-c", self.PLAIN.replace("demo", "demonic"), prepare=prepare)
        assert (said, "can't be read (it is not whole)" in errors) == ("plain", True)

    def test_what_the_users_site_directory_has(self, children, tmp_path):
        environ = {"PYTHONUSERBASE": str(tmp_path)}
        users = children.start("-m", "site", "--user-site", environ=environ).stdout.strip()
        one = Candidate(site=users, entry="a-1", dist_info="a-1.dist-info", distribution="a", version="1", names=("a",))
        text = addressed(f"{one.site}\t{one.line()}")
        done = children.start("-c", "", switches=("-s",), environ={**environ, VARIABLE: text})
        assert done.stderr == (
            "versioned_import: this Python was started with -s, so it does not take over the selection of its parent (a 1); it"
            " runs plain\n"
        )
        assert children.start("-c", "", switches=(), environ={**environ, VARIABLE: text}).stderr == ""

    def test_an_empty_variable(self, children):
        done = children.start("-c", "print('started')", environ={VARIABLE: ""})
        assert (done.stdout, done.stderr) == ("started\n", "")

    def test_a_distribution_that_is_loaded_before(self, children, site):
        make_flat(site, "demo", "3.0", one_package("demo", "3.0"))
        code = f"import os, sys, demo\nos.environ[{VARIABLE!r}] = sys.argv[1]\n"
        code += "from versioned_import.runtime import children\nchildren.inherit()\nprint(demo.VERSION)\n"
        call = f"subprocess.run([sys.executable, '-c', {code!r}, os.environ.pop({VARIABLE!r})], check=True)"
        done = children.run(PARENT + call, environ={"PYTHONPATH": str(site)})
        assert done.stdout == "3.0\n"
        assert done.stderr == (
            "versioned_import: this Python can't take over the selection of its parent (demo 1.0, dep 1.0): demo is loaded here"
            f" already, from elsewhere than {site / 'demo-1.0'}{os.sep}; it runs plain\n"
        )


class TestWeakerThanTheChildsOwn:
    """Our own advice for two versions is to run the parts in processes of their own."""

    def test_another_version(self, children):
        path = children.write("second.py", f"# coding: versioned\nimport demo version 2\n{SHOW}\n")
        assert children.output(f"{PARENT}subprocess.run([sys.executable, {str(path)!r}])") == "2.0 2.0"

    def test_another_version_of_a_requirement(self, children):
        path = children.write(
            "second.py", "# coding: versioned\nimport dep version 2\nimport demo\nprint(demo.VERSION)\n"
        )
        assert children.output(f"{PARENT}subprocess.run([sys.executable, {str(path)!r}])") == "2.0"

    def test_by_a_requirement(self, children):
        code = f"from versioned_import.runtime.require import require; require('demo==2'); {SHOW}"
        assert children.output(f"{PARENT}subprocess.run([sys.executable, '-c', {code!r}])") == "2.0 2.0"

    def test_what_agrees_stays(self, children):
        path = children.write(
            "second.py", f"# coding: versioned\nimport other version 2\n{SHOW}\nprint(other.VERSION)\n"
        )
        said = children.output(f"{PARENT}subprocess.run([sys.executable, {str(path)!r}])")
        assert said.split("\n") == ["1.0 1.0", "2.0"]

    def conflict(self, children, text):
        """Run second.py in a child process; return its path and the lines of the conflict that it ends with."""
        path = children.write("second.py", f"# coding: versioned\n{text}\n")
        done = children.run(f"{PARENT}subprocess.run([sys.executable, {str(path)!r}])")
        return path, done.stderr.partition("VersionConflictError: ")[2].strip().split("\n")

    def test_what_is_in_use_stays_and_the_error_says_where_it_comes_from(self, children, site):
        path, message = self.conflict(children, "import demo.sub\nimport demo version 2")
        assert message == [
            f"import demo version 2 ({path}:3): demo 1.0 is loaded already",
            f"  loaded from {site / 'demo-1.0'}{os.sep}",
            f"  imported first by {path}:2",
            f"  chosen by import demo version 1 ({children.program / 'app.py'}:2, in the parent process)",
            f"  the installed demo 2.0 fits: put this import before {path}:2",
        ]

    def test_a_requirement_that_is_in_use(self, children, site):
        path, message = self.conflict(children, "import dep\nimport dep version 2")
        assert message == [
            f"import dep version 2 ({path}:3): dep 1.0 is loaded already",
            f"  loaded from {site / 'dep-1.0'}{os.sep}",
            f"  imported first by {path}:2",
            (
                "  chosen because demo 1.0 requires dep==1.0, for import demo version 1"
                f" ({children.program / 'app.py'}:2, in the parent process)"
            ),
            f"  the installed dep 2.0 fits: put this import before {path}:2",
        ]

    def test_a_requirement_in_use_that_does_not_fit(self, children, site):
        path, message = self.conflict(children, "import dep\nimport demo version 2")
        assert message == [
            f"import demo version 2 ({path}:3): no installed versions fit together with what is loaded",
            f"  import dep ({path}:2) asks for any version of dep",
            "  demo 2.0 asks for dep==2.0",
            f"  dep 1.0 is loaded already: {site / 'dep-1.0'}{os.sep}",
            f"  dep was imported first by {path}:2: import dep",
            (
                "  dep 1.0 was chosen because demo 1.0 requires dep==1.0, for import demo version 1"
                f" ({children.program / 'app.py'}:2, in the parent process)"
            ),
            f"  the installed versions dep 2.0, demo 2.0 fit all: put this import before {path}:2",
        ]

    def test_a_requirement_of_what_is_in_use_stays(self, children, site):
        path, message = self.conflict(children, "import demo\nimport dep version 2")
        assert message == [
            f"import dep version 2 ({path}:3): no installed versions fit together with what is loaded",
            f"  import dep version 2 ({path}:3) asks for dep 2",
            f"  demo 1.0 asks for dep==1.0; it was chosen for import demo ({path}:2)",
            f"  dep 2.0 is there: {site / 'dep-2.0'}{os.sep}",
            f"  dep 1.0 is there: {site / 'dep-1.0'}{os.sep}",
            f"  demo 1.0 was chosen by import demo version 1 ({children.program / 'app.py'}:2, in the parent process)",
            f"  the installed versions dep 2.0, demo 2.0 fit all: put this import before {path}:2",
        ]

    def test_a_requirement_in_use_that_fits(self, children, site):
        make_versioned(site, "demo", "3.0", requires=["dep<3"])
        text = "import dep\nimport demo version 3\nprint(demo.VERSION, dep.VERSION)\n"
        path = children.write("second.py", f"# coding: versioned\n{text}")
        assert children.output(f"{PARENT}subprocess.run([sys.executable, {str(path)!r}])") == "3.0 1.0"

    def test_what_a_requirement_in_use_requires_goes_on_holding(self, children, site):
        make_versioned(site, "top", "1.0", requires=["demo==1.0"])
        run = "import top version 1\nimport subprocess, sys\nsubprocess.run([sys.executable, {!r}])"
        text = "# coding: versioned\nimport demo\ntry:\n    import dep version 2\nexcept ImportError:\n"
        path = children.write(
            "second.py", f"{text}    import top, dep\n    print(demo.VERSION, dep.VERSION, top.VERSION)\n"
        )
        assert children.output(run.format(str(path))) == "1.0 1.0 1.0"

    def test_an_answer_that_what_is_in_use_had_a_part_in_is_not_remembered_for_others(self, children, site):
        for version, requires in (("3.0", []), ("3.1", ["dep==2"])):
            make_versioned(site, "demo", version, requires=requires)
        settle(site)
        path = children.write(
            "second.py", "# coding: versioned\nimport dep\nimport demo version 3\nprint(demo.VERSION)\n"
        )
        for _ in range(2):
            assert children.output(f"{PARENT}subprocess.run([sys.executable, {str(path)!r}])") == "3.0"
            assert children.start(path).stdout == "3.1\n"

    def test_a_plain_import_is_no_reason_to_give_it_up(self, children, site):
        make_versioned(site, "late", "1.0", requires=["dep==2"])
        path = children.write("second.py", f"try:\n    import late\nexcept ImportError:\n    {SHOW}\n")
        assert children.output(f"{PARENT}subprocess.run([sys.executable, {str(path)!r}])") == "1.0 1.0"

    def test_what_nobody_has_leaves_all_as_it_is(self, children):
        text = f"# coding: versioned\ntry:\n    import demo version 9\nexcept ImportError:\n    {SHOW}\n"
        path = children.write("second.py", text)
        assert children.output(f"{PARENT}subprocess.run([sys.executable, {str(path)!r}])") == "1.0 1.0"

    def test_an_import_that_fails_after_the_end_of_the_inheritance(self, children, site):
        make_versioned(site, "demo", "3.0", {"demo/__init__.py": "raise ImportError('broken')\n"})
        text = "# coding: versioned\ntry:\n    import demo version 3\nexcept ImportError:\n    import demo version 2\n"
        path = children.write("second.py", f"{text}{SHOW}\n")
        assert children.output(f"{PARENT}subprocess.run([sys.executable, {str(path)!r}])") == "2.0 2.0"

    def test_the_childs_children_get_the_childs(self, children):
        path = children.write(
            "second.py",
            f"# coding: versioned\n{PARENT}".replace("1", "2", 1)
            + f"print(subprocess.check_output([sys.executable, '-c', {SHOW!r}], text=True))\n",
        )
        assert children.output(f"{PARENT}subprocess.run([sys.executable, {str(path)!r}])") == "2.0 2.0"


WORK = """
def work(number):
    import sys, dep
    return demo.VERSION, dep.VERSION, 'versioned_import.runtime.cold' in sys.modules
"""


class TestMultiprocessing:
    """multiprocessing spawn, forkserver and fork; `concurrent.futures.ProcessPoolExecutor`."""

    @pytest.mark.parametrize("method", METHODS)
    def test_pool_and_executor(self, children, method):
        text = f"""
            import demo version 1
            import multiprocessing, sys
            from concurrent.futures import ProcessPoolExecutor
            {textwrap.indent(WORK, " " * 12).strip()}
            if __name__ == "__main__":
                context = multiprocessing.get_context({method!r})
                with context.Pool(1) as pool:
                    print(*pool.map(work, [0])[0][:2])
                with ProcessPoolExecutor(1, mp_context=context) as executor:
                    print(*executor.submit(work, 0).result()[:2])
        """
        assert children.output(text).split("\n") == ["1.0 1.0"] * 2

    @pytest.mark.parametrize("method", ["spawn", "forkserver"])
    def test_the_main_modules_statements_do_not_go_the_cold_way(self, children, method):
        text = f"import demo version 1\nimport demo.sub version '<2'\nimport multiprocessing\n{WORK}"
        text += "if __name__ == '__main__':\n"
        text += f"    with multiprocessing.get_context({method!r}).Pool(1) as pool:\n        print(pool.apply(work, (0,)))\n"
        assert children.output(text) == "('1.0', '1.0', False)"

    @pytest.mark.parametrize("method", ["spawn", "forkserver"])
    def test_what_is_selected_after_the_first_child(self, children, method):
        children.write("plain.py", "def work(number):\n    import demo\n    return demo.VERSION\n")
        text = f"""
            import multiprocessing, os, plain
            if __name__ == "__main__":
                context = multiprocessing.get_context({method!r})
                with context.Pool(1) as pool:
                    print(pool.apply(os.getpid) > 0)
                import demo version 1
                with context.Pool(1) as pool:
                    print(pool.apply(plain.work, (0,)))
        """
        assert children.output(text).split("\n") == ["True", "1.0"]

    def test_a_parent_without_a_selection_sends_what_python_sends(self, children):
        code = (
            "import multiprocessing.spawn as s; print(s.get_preparation_data.__module__, *s.get_preparation_data('x'))"
        )
        plain = children.start("-S", "-c", code).stdout
        assert children.start("-c", code).stdout == plain

    def test_isolated_children_of_multiprocessing_get_it_from_their_parent(self, children, site):
        children.write("plain.py", "def work(number):\n    import demo\n    return demo.VERSION\n")
        text = f"""
            import sys
            sys.path.insert(0, {str(children.program)!r})
            from versioned_import.runtime.state import state
            state.search_path = ({str(site)!r},)
            import multiprocessing, plain
            import demo version 1
            if __name__ == "__main__":
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    print(sys.flags.isolated, pool.apply(plain.work, (0,)))
        """
        assert children.output(text, switches=("-I",)) == "1 1.0"

    CONFLICT = """
        import multiprocessing, os, sys
        from concurrent.futures import ProcessPoolExecutor
        import second
        if __name__ == "__main__":
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["preloaded"])
            with context.Pool(1) as pool:
                pool.apply(os.getpid)
            import demo version 1
            try:
                {0}
            except Exception as error:
                print(type(error).__name__)
    """

    @pytest.mark.skipif("forkserver" not in METHODS, reason="there is no fork server")
    @pytest.mark.parametrize(
        ("call", "answer"),
        [
            ("child = context.Process(target=second.work); child.start(); child.join(); print(child.exitcode)", "1"),
            ("context.Pool(2).map(second.work, range(9))", "VersionConflictError"),
            ("context.Pool(1, second.work, [1]).apply(second.work)", "VersionConflictError"),
            ("ProcessPoolExecutor(1, mp_context=context).submit(second.work).result()", "BrokenProcessPool"),
        ],
    )
    def test_a_fork_server_that_has_another_version(self, children, site, call, answer):
        children.write("preloaded.py", "# coding: versioned\nimport demo version 2\n")
        children.write("second.py", "def work(number=0):\n    return 7\n")
        done = children.run(self.CONFLICT.format(call), environ={"PYTHONPATH": str(children.program)})
        assert done.stdout == f"{answer}\n", done.stderr
        assert (
            "versioned_import: import demo: a worker process can't take over the selection of its parent\n"
            f"  demo 2.0 is in use here already: {site / 'demo-2.0'}{os.sep}\n"
        ) in done.stderr

    def test_a_pool_whose_workers_cannot_run_the_main_module_does_not_hang(self, children):
        text = """
            import multiprocessing, os
            if __name__ != "__main__":
                import demo version 9
            def work(number):
                return number
            if __name__ == "__main__":
                import demo version 1
                with multiprocessing.get_context("spawn").Pool(1, work, [1]) as pool:
                    try:
                        pool.map(work, range(3))
                    except ImportError as error:
                        print(type(error).__name__, str(error).partition(chr(10))[0].rpartition(": ")[2])
        """
        done = children.run(text)
        assert done.stdout == "VersionNotFoundError no installed version fits\n", done.stderr

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
    def test_a_fork_while_another_thread_resolves(self, children):
        text = """
            import os, threading, time, warnings
            import demo version 1
            from versioned_import.runtime.state import state
            warnings.simplefilter("ignore", DeprecationWarning)
            holding = threading.Event()
            def resolve():
                with state.lock:
                    holding.set()
                    time.sleep(0.3)
            threading.Thread(target=resolve).start()
            holding.wait()
            if os.fork() == 0:
                import other version 1
                print(other.VERSION, flush=True)
                os._exit(0)
            print(os.wait()[1])
        """
        assert children.output(text).split("\n") == ["1.0", "0"]


class TestRunner:
    """The worker processes of a program under the runner know the syntax: main module and tree."""

    MAIN = """
        import multiprocessing, sys
        import demo version 1
        import side
        def work(number):
            return demo.VERSION, side.VERSION, __name__
        if __name__ == "__main__":
            for method in sys.argv[1:]:
                with multiprocessing.get_context(method).Pool(1) as pool:
                    print(*pool.apply(work, (0,)))
    """

    @pytest.fixture
    def program(self, children):
        children.write("side.py", "import other version 2\nVERSION = other.VERSION\n")
        return children

    @pytest.mark.parametrize("name", ["my-app", "__init__.py"])
    def test_file(self, program, name):
        path = program.write(name, self.MAIN)
        done = program.start("-m", "versioned_import", path, *METHODS)
        expected = ["1.0 2.0 __mp_main__", "1.0 2.0 __mp_main__", "1.0 2.0 __main__"]
        assert (done.stdout.split("\n")[:-1], done.stderr) == (expected[-len(METHODS) :], "")
        assert not list(program.program.glob("__pycache__/my-app*"))

    @pytest.mark.parametrize("module", ["tool", "package"])
    def test_module(self, program, module):
        program.write("tool.py", self.MAIN)
        text = textwrap.dedent(self.MAIN).replace("import side", "import side\nfrom .deep import work as deep")
        program.write("package/__init__.py", "")
        program.write("package/__main__.py", text.replace("(work,", "(deep,"))
        program.write(
            "package/deep.py", "import demo version 1\ndef work(n):\n    return demo.VERSION, '2.0', __name__\n"
        )
        done = program.start("-m", "versioned_import", "-m", module, "spawn", cwd=program.program)
        expected = {"tool": "1.0 2.0 __mp_main__\n", "package": "1.0 2.0 package.deep\n"}
        assert (done.stdout, done.stderr) == (expected[module], "")

    def test_without_a_versioned_import_in_the_parent(self, program):
        text = """
            import multiprocessing
            def work(number):
                import late
                return late.VERSION
            if __name__ == "__main__":
                with multiprocessing.get_context("spawn").Pool(1) as pool:
                    print(pool.apply(work, (0,)))
        """
        program.write("late.py", "import demo version 2\nVERSION = demo.VERSION\n")
        done = program.start("-m", "versioned_import", program.write("app.py", text))
        assert (done.stdout, done.stderr) == ("2.0\n", "")

    def test_children_of_children(self, program):
        text = """
            import sys, demo version 1
            from concurrent.futures import ProcessPoolExecutor
            from multiprocessing import get_context
            def inner():
                return demo.VERSION
            def outer():
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
                    return executor.submit(inner).result()
            if __name__ == "__main__":
                with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
                    print(executor.submit(outer).result())
        """
        done = program.start("-m", "versioned_import", program.write("app.py", text))
        assert (done.stdout, done.stderr) == ("1.0\n", "")


def visible(**options):
    return st.text(st.characters(codec="utf-8", exclude_characters="\t\x85", exclude_categories=("C", "Z")), **options)


places = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
candidates = st.builds(
    lambda site, entry, info, name, version, names, changed: Candidate(
        site=os.path.join(os.sep, site),
        entry=entry.replace("/", "").strip("."),
        dist_info=info.replace("/", "") or "x",
        distribution=name,
        version=version,
        names=tuple(names),
        tags=("py3-none-any",),
        requires_python=">=3",
        changed=changed,
    ),
    places,
    visible(max_size=20),
    visible(min_size=1, max_size=20),
    visible(min_size=1, max_size=9),
    visible(max_size=9),
    st.lists(visible(min_size=1, max_size=9), max_size=3),
    st.integers(0, 1 << 62),
)


class TestPythonPathOfTheChild:
    """Whoever gives a child more on PYTHONPATH wants what is there."""

    START = "subprocess.run([sys.executable, 'child.py'], env={{**os.environ, 'PYTHONPATH': {path!r}}}, cwd={cwd!r})"

    @pytest.fixture
    def start(self, children):
        children.write("child.py", "import demo\nprint(demo.VERSION)\n")

        def go(path, before=""):
            text = PARENT + self.START.format(path=path, cwd=str(children.program))
            return children.run(text, environ={"PYTHONPATH": before} if before else {})

        return go

    @pytest.mark.parametrize("file", ["demo.py", "demo/__init__.py"])
    def test_entry_that_has_something_selected(self, start, tmp_path, file):
        write(tmp_path / "checkout" / file, "VERSION = 'checkout'\n")
        done = start(f"{tmp_path}/checkout")
        assert done.stdout == "checkout\n"
        assert done.stderr == (
            "versioned_import: this Python does not take over the selection of its parent (demo 1.0, dep 1.0): its PYTHONPATH "
            f"has {tmp_path}/checkout, where demo is, and its parent's had not; it runs plain\n"
        )

    @pytest.mark.parametrize("file", ["mine.py", "demo/data.txt", "demo-3.0/demo.py"])
    def test_entry_that_has_nothing_of_it(self, start, tmp_path, file):
        write(tmp_path / "checkout" / file, "")
        done = start(f"{tmp_path}/checkout")
        assert (done.stdout, done.stderr) == ("1.0\n", "")

    def test_entry_that_the_parent_had_too(self, start, tmp_path):
        write(tmp_path / "path é%" / "demo.py", "VERSION = 'flat'\n")
        path = f"{tmp_path}/path é%"
        done = start(f"{path}{os.pathsep}{tmp_path}", before=path)
        assert (done.stdout, done.stderr) == ("1.0\n", "")

    def test_site_of_the_selected_flat_install(self, children, start, tmp_path, site):
        make_flat(site, "demo", "1.5", one_package("demo", "1.5"))
        done = start(str(site))
        assert (done.stdout, done.stderr) == ("1.5\n", "")


@pytest.mark.property
@pytest.mark.usefixtures("process")
class TestText:
    """What goes in comes out; whatever else somebody puts there is refused by ValueError."""

    SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

    @SETTINGS
    @given(
        st.lists(candidates, min_size=1, max_size=5),
        st.lists(st.tuples(places, places, places), max_size=4),
        st.booleans(),
    )
    def test_round_trip(self, chosen, statements, long):
        selection = {one.distribution: one for one in chosen}
        answered = [Answered(*fields, chosen[0].distribution) for fields in statements]
        try:
            state.selection, state.answered = selection, answered
            state.lines = {}
            state.tell_children()
            text = os.environ[VARIABLE]
        finally:
            state.reset()
        assert VARIABLE not in os.environ
        assert text.isascii()
        if long:
            text = addressed(told.packed(text.split("\n", 2)[2]))
        assert told.is_for_this_python(text)
        got, said = told.read(text)
        assert {name: (one.site, one.line()) for name, one in got.items()} == {
            name: (one.site, one.line()) for name, one in selection.items()
        }
        wanted = dict.fromkeys((one.name, one.clause, one.distribution) for one in answered)
        assert [(one.name, one.clause, one.distribution) for one in said] == list(wanted)
        assert all(one.inherited for one in said)

    @SETTINGS
    @given(st.text(), st.booleans(), st.booleans())
    def test_anything_else(self, text, ours, whole):
        if ours:
            text = f"{addressee()}\n{text}" if not whole else addressed(text.encode("ascii", "replace").decode())
        with pytest.raises(ValueError, match=r"it is|its format|a line|unpack|invalid|hex"):  # noqa: PT012
            if told.is_for_this_python(text):
                told.read(text)

    @given(st.integers(0, 400), st.integers(0, 255))
    @SETTINGS
    def test_one_changed_character(self, at, byte):
        one = Candidate(
            site="/site", entry="demo-1.0", dist_info="demo", distribution="demo", version="1", names=("demo",)
        )
        text = addressed(f"{one.site}\t{one.line()}")
        changed = f"{text[: at % len(text)]}{chr(byte)}{text[at % len(text) + 1 :]}"
        try:
            known = told.is_for_this_python(changed) and told.read(changed)
        except ValueError:
            known = False
        assert not known or changed == text

    def test_command_lines(self):
        for line, program in {
            "python -m pip install x": "pip",
            "python -Im pip": "pip",
            "python -mpip.__main__": "pip",
            "python -W error -X dev -s app.py pip": "app.py",
            "python -Wm -c pip": "",
            "python -c x -m pip": "",
            "python --check-hash-based-pycs always /x/bin/pip": "/x/bin/pip",
            "python": "",
            "python /site/pip/__pip-runner__.py": "/site/pip/__pip-runner__.py",
            "python - pip": "-",
        }.items():
            assert inheritance._program(line.split()) == program


class TestLoops:
    """A parent that selects one after the other pays for each no more than a child start needs."""

    def test_lines_are_made_once(self, process, site, monkeypatch):
        made = []
        monkeypatch.setattr("versioned_import.runtime.state.told_line", lambda one: made.append(one) or f"{len(made)}")
        for number in range(50):
            one = Candidate(site="/", entry="", dist_info="x", distribution=f"x{number}", version="1", names=("x",))
            process.replace({**process.selection, one.distribution: one}, process.answered)
        assert len(made) == 50
