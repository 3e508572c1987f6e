"""Processes and interpreters that the environment tells nothing, or too much: they have what is locked all the same."""

import json
from shlex import quote

import pytest
from environment import Environment
from made import one_package, write
from test_members import build_member, editable

INTERPRETER = """
if sys.version_info >= (3, 13):
    import _interpreters as interpreters
    run = interpreters.exec
else:
    import _xxsubinterpreters as interpreters
    run = interpreters.run_string
here = interpreters.create() if sys.version_info < (3, 13) else interpreters.create('legacy')
"""
WORK = """
def work(_):
    try:
        import other
        return 'other', other.VERSION
    except ImportError:
        import demo
        return demo.VERSION
"""


@pytest.fixture
def home(tmp_path):
    """Return an environment with two versions of a distribution, the lower one locked, and one that isn't locked."""
    home = Environment(tmp_path / "home")
    home.versioned("demo", "1.0", one_package("demo", "1.0"))
    home.flat("demo", "2.0", one_package("demo", "2.0"))
    home.flat("other", "3.0", one_package("other", "3.0"))
    home.lock("demo==1.0")
    home.settle()
    return home


class TestSubinterpreters:
    """projects.md: "Only what is locked can be imported"; a sub-interpreter's command line is that of the process."""

    @pytest.mark.parametrize("way", ["runner", "variable"])
    def test_they_run_from_the_lock_and_so_do_children_after_them(self, home, way):
        child = "subprocess.run([sys.executable, '-c', 'import demo; print(demo.VERSION)'])\n"
        own = "import demo; print(demo.VERSION, flush=True)\n"
        own += "try: import other\nexcept ImportError: print('not locked', flush=True)"
        app = home.write("app.py", f"import subprocess, sys\n{INTERPRETER}\n{child}run(here, {own!r})\n{child}")
        words = {"runner": ["-m", "versioned_import", app], "variable": [app]}
        environ = {"VERSIONED_IMPORT_PROJECT": home.program} if way == "variable" else {}
        # Of the end of a sub-interpreter, 3.12.1 dies in plain Python as well.
        assert home.start(*words[way], environ=environ).stdout.split("\n")[:-1] == ["1.0", "1.0", "not locked", "1.0"]


class TestWorkers:
    @pytest.mark.parametrize("switch", ["-I", "-E"])
    @pytest.mark.parametrize("way", ["runner", "activate"])
    def test_of_a_process_that_ignores_the_environment(self, home, switch, way):
        activated = f"    import versioned_import\n    versioned_import.activate({str(home.program)!r})\n"
        pools = (
            "    for kind in 'spawn', 'forkserver':\n"
            "        with m.get_context(kind).Pool(1) as pool: print(pool.map(work, [0]))\n"
        )
        main = f"if __name__ == '__main__':\n{activated if way == 'activate' else ''}{pools}"
        app = home.write("app.py", f"import multiprocessing as m\n{WORK}\n{main}")
        runner = ["-m", "versioned_import"] if way == "runner" else []
        assert home.output(switch, *runner, app).splitlines() == ["['1.0']", "['1.0']"]

    def test_of_a_fork_server_that_was_started_before(self, home):
        pool = "    with m.get_context('forkserver').Pool(1) as pool: print(pool.map(work, [0]))\n"
        activated = f"    import versioned_import\n    versioned_import.activate({str(home.program)!r})\n"
        (home.place / "apart").mkdir()
        app = home.place / "apart" / "app.py"
        app.write_text(f"import multiprocessing as m\n{WORK}\nif __name__ == '__main__':\n{pool}{activated}{pool}")
        assert home.output(app).splitlines() == ["[('other', '3.0')]", "['1.0']"]

    def test_of_a_fork_server_that_has_loaded_another_version(self, home):
        """spec 6: never the wrong version; a pool's worker answers each task with the error."""
        preload = "    m.set_start_method('forkserver')\n    m.set_forkserver_preload(['demo'])\n"
        pool = "    with m.Pool(1) as pool: print(pool.map(abs, [-1]))\n"
        refused = (
            "    import versioned_import\n"
            f"    versioned_import.activate({str(home.program)!r})\n"
            "    try:\n"
            "        with m.Pool(1) as pool: pool.map(abs, [-1])\n"
            "    except versioned_import.VersionConflictError as error: print(error.headline)\n"
        )
        (home.place / "apart").mkdir()
        app = home.place / "apart" / "app.py"
        app.write_text(f"import multiprocessing as m\nif __name__ == '__main__':\n{preload}{pool}{refused}")
        assert home.start(app).stdout.splitlines() == ["[1]", "demo is loaded already, from elsewhere"]


def test_without_site_the_variables_are_switched_off(home):
    """projects.md: "`-I`, `-E` and `-S` switch the variables off"."""
    code = "import site; site.main(); import demo; print(demo.VERSION)"
    assert home.output("-S", "-c", code, environ={"VERSIONED_IMPORT_PROJECT": home.program}) == "2.0"


class TestEditableMembers:
    @pytest.fixture
    def member(self, home):
        """Return the environment, whose project has an editable member too, built as `sync` does it."""
        sources = home.program / "part"
        write(sources / "pyproject.toml", '[project]\nname = "part"\nversion = "1.0"\n')
        write(sources / "src" / "partly" / "__init__.py", "VERSION = '1.0'\n")
        (home.program / "pylock.toml").unlink()
        write(home.program / "requirements.txt", "-e ./part\ndemo==1.0\n")
        build_member(home.site, editable(sources, "part"), {"part.pth": f"{sources}/src\n", "partly.py": ""})
        (place,) = (home.site / ".versioned_import" / "editables").iterdir()
        (place / "partly.py").unlink()
        info = {"url": sources.as_uri(), "dir_info": {"editable": True}}
        write(place / "part-1.0.dist-info" / "direct_url.json", json.dumps(info))
        home.settle()
        return home

    def test_a_clause_gets_the_locked_one(self, member):
        """glossary.md: an editable install counts as a flat install."""
        code = "import partly version 1; import versioned_import as v; print(partly.VERSION, v.version_of(partly))"
        assert member.output("-m", "versioned_import", "--project", member.program, "-c", code) == "1.0 1.0"

    def test_another_version_is_refused(self, member):
        done = member.start("-m", "versioned_import", "--project", member.program, "-c", "import partly version 2")
        assert "the lock has another version" in done.stderr


def test_commands_that_help_can_be_pasted(home, tmp_path):
    directory = home.place / "a b's"
    home.lock("absent==1.0", directory=directory)
    done = home.start("-m", "versioned_import", "--project", directory, "-c", "pass")
    assert f"versioned-import sync {quote(str(directory / 'pylock.toml'))}" in done.stderr
