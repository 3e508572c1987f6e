"""The runner does what `python` does with the same plain program (spec 2.2)."""

import py_compile
import signal
import subprocess
import sys
import time
import zipapp
import zipfile
from pathlib import Path

import pytest
from made import make_versioned, one_package, write

import versioned_import

FACTS = """\
import __main__, sys
print(sys.argv, __name__, __file__, sys.path[0], sys.flags.optimize, sys.warnoptions, sys.flags.dev_mode, __debug__)
print(__spec__, __package__, __builtins__, __annotations__ if sys.version_info < (3, 14) else {}, __doc__)
print(sorted(vars(__main__)), __main__.__dict__ is globals(), __loader__.__class__.__mro__[-2].__name__[:0])
print(sys.modules["__main__"] is __main__, len(sys.path), sys.stdin.read())
"""
IN_ZIP = """\
import inspect, sys, __main__
print(sys.argv, sys.path[0], __name__, __file__, __package__ == '', __spec__, sorted(vars(__main__)))
def f(): return 1  # here
print(inspect.getsource(f) if __file__.endswith("py") else "")
"""
ENDINGS = {
    "text": "import sys; sys.exit('some text')",
    "number": "import sys; sys.exit(3)",
    "nothing": "import sys; sys.exit()",
    "true": "raise SystemExit(True)",
    "negative": "raise SystemExit(-1)",
    "tuple": "raise SystemExit((1, 2))",
    "error": "def inner():\n    raise ValueError('text\\nof two lines')\ninner()",
    "chain": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise KeyError('x') from error",
    "context": "try:\n    1 / 0\nexcept ZeroDivisionError:\n    {}['x']",
    "group": "raise ExceptionGroup('several', [ValueError(1), KeyError(2)])",
    "note": "e = ValueError(1)\ne.add_note('a note')\nraise e",
    "syntax": "x = 1\ny = = 2\n",
    "indent": "if True:\nx = 1\n",
    "import": "import absent_module",
    "recursion": "import sys\nsys.setrecursionlimit(60)\ndef f(): f()\ntry: f()\nexcept RecursionError: sys.exit(9)",
    "exec": "exec('1/0')",
    "hook": "import sys\nsys.excepthook = lambda *a: print('hooked', a[0].__name__)\n1/0",
    "atexit": "import atexit, __main__\natexit.register(lambda: print(__main__.x, x))\nx = 5",
    "thread": "import threading\nt = threading.Thread(target=lambda: 1/0, name='T')\nt.start(); t.join()",
    "abort": "import os; os._exit(7)",
    "warning": "import warnings\nwarnings.warn('old')\nwarnings.warn('older', DeprecationWarning)",
    "pickle": "import pickle\nclass A: pass\nassert type(pickle.loads(pickle.dumps(A()))) is A\nprint(A.__module__)",
    "source": "import inspect\ndef f():\n    return 1  # here\nprint(inspect.getsource(f), inspect.getfile(f))",
    "dataclass": "from __future__ import annotations\nimport dataclasses as d\n@d.dataclass\nclass A: x: int\nprint(A(1))",
    "annotation": "x: int = 1\nprint(__annotations__)",
    "closed": "import sys\nprint('out')\nsys.stdout.flush()\nsys.stderr.write('err')",
}


@pytest.fixture
def both(children):
    """Return a function that runs the same command line by Python and by the runner and compares all that is seen."""

    def compare(*arguments, switches=("-s",), **options):
        plain = children.start(*arguments, switches=switches, **options)
        ours = children.start("-m", "versioned_import", *arguments, switches=switches, **options)
        assert (ours.stdout, ours.stderr, ours.returncode) == (plain.stdout, plain.stderr, plain.returncode)
        return ours

    return compare


class TestFidelity:
    """`sys.argv`, `__main__`, `sys.path[0]`, exit status, signals, `-W`, `-X`, `-O`, tracebacks: as with `python app.py`."""

    @pytest.mark.parametrize("ending", ENDINGS)
    def test_ways_to_end(self, both, children, ending):
        both(children.write("app.py", ENDINGS[ending]))

    @pytest.mark.parametrize(
        "switches",
        [("-s",), ("-O",), ("-OO",), ("-W", "error"), ("-X", "dev"), ("-X", "utf8", "-u"), ("-B", "-q"), ("-P",)],
        ids=" ".join,
    )
    def test_facts(self, both, children, switches):
        both(children.write("app.py", FACTS), "one", "--two", "-3", switches=("-s", *switches), input="typed")

    @pytest.mark.parametrize("text", ["x = '\0'", "# coding: no-such-codec\n", "# coding: ascii\nx = 'é'\n"])
    def test_text_that_is_none(self, children, text):
        """Python's compiler words these in another way when it is given bytes, with file and line or without."""
        script = children.write("app.py", text)
        for arguments in ([script], ["-m", "versioned_import", script]):
            done = children.start(*arguments)
            assert (done.stdout, done.returncode) == ("", 1)
            assert done.stderr.splitlines()[-1].startswith("SyntaxError: ")

    def test_relative_path(self, both, children):
        children.write("folder/app.py", FACTS)
        both("folder/app.py", "x", cwd=children.program, input="")
        both("./folder/../folder/app.py", cwd=children.program, input="")

    def test_modules_of_the_current_directory_that_the_program_does_not_see(self, both, children):
        children.write("app.py", "import json, re, sys\nprint(json.__file__, re.__file__, sys.path[0])\n")
        for name in ("ast", "bisect", "json", "linecache", "re", "token", "tokenize", "traceback"):
            (children.elsewhere / f"{name}.py").write_text(f"raise SystemExit('{name} of the current directory')\n")
        both(children.program / "app.py")

    def test_link(self, both, children):
        children.write("folder/app.py", f"{FACTS}\nimport beside\nprint(beside.__file__)")
        children.write("folder/beside.py", "")
        (children.program / "link.py").symlink_to("folder/app.py")
        both("link.py", cwd=children.program, input="")

    def test_name_without_ending_and_odd_names(self, both, children):
        both(children.write("a program.txt", FACTS), input="")
        both(children.write("prögramm", FACTS), input="")

    def test_command(self, both):
        both("-c", FACTS.replace("__file__", "'f'"), "one", "-c", input="")
        both("-c", "import sys; sys.exit('text')")

    def test_standard_input(self, both):
        both("-", "one", input="import sys\nprint(sys.argv, __name__, sys.path[0] == '', '__file__' in globals())")

    def test_directory(self, both, children):
        facts = "import beside, sys\nprint(sys.argv, sys.path[0], __name__, __file__, __package__ == '', __spec__.name)"
        children.write("folder/__main__.py", facts)
        children.write("folder/beside.py", "")
        both(children.program / "folder", "one")
        both("./folder/../folder", cwd=children.program)
        both("folder/", cwd=children.program)

    def test_directory_of_compiled_modules(self, both, children):
        facts = "import beside, sys\nprint(sys.argv, sys.path[0], __name__, __file__, type(__loader__).__name__)"
        for name, text in (("__main__", facts), ("beside", "")):
            source = children.write(f"{name}.py", text)
            py_compile.compile(source, children.program / "folder" / f"{name}.pyc")
            source.unlink()
        both(children.program / "folder", "one")

    @pytest.mark.parametrize("switches", [("-s",), ("-P",), ("-I",)], ids=" ".join)
    def test_zip_application(self, both, children, switches):
        children.write(
            "folder/__main__.py", f"{IN_ZIP}import beside\nprint(beside.__file__, type(__loader__).__name__)\n"
        )
        children.write("folder/beside.py", "")
        zipapp.create_archive(children.program / "folder", children.program / "app.pyz", "/usr/bin/env python3")
        both("app.pyz", "one", cwd=children.program, switches=switches)
        both(children.program / "app.pyz", switches=switches)

    def test_directory_inside_a_zip_file(self, both, children):
        with zipfile.ZipFile(children.program / "app.zip", "w") as archive:
            archive.writestr("inner/__main__.py", IN_ZIP)
        both(children.program / "app.zip" / "inner", "one")

    def test_zip_application_of_compiled_modules(self, both, children):
        py_compile.compile(children.write("main.py", IN_ZIP), children.program / "__main__.pyc")
        with zipfile.ZipFile(children.program / "app.zip", "w") as archive:
            archive.write(children.program / "__main__.pyc", "__main__.pyc")
        both(children.program / "app.zip", "one")

    def test_without_main(self, both, children):
        children.write("folder/other.py", "")
        with zipfile.ZipFile(children.program / "app.zip", "w") as archive:
            archive.writestr("other.py", "")
        for name in ("folder", "app.zip"):
            assert both(name, cwd=children.program).returncode == 1

    @pytest.mark.parametrize("name", ["app.pyc", "no ending"])
    def test_compiled_file(self, both, children, name):
        facts = (
            "import sys, __main__\nprint(sys.argv, __file__, sys.path[0], __spec__, type(__loader__).__name__)\n1 / 0\n"
        )
        py_compile.compile(children.write("app.py", facts), children.program / name)
        both(name, "one", cwd=children.program)

    @pytest.mark.parametrize("size", [40, -1], ids=["cut", "of another Python"])
    def test_compiled_file_that_is_none(self, both, children, size):
        path = children.program / "app.pyc"
        py_compile.compile(children.write("app.py", ""), path)
        data = path.read_bytes()
        path.write_bytes(data[:size] if size > 0 else b"\0\0" + data[2:])
        assert both(path).stderr.startswith("RuntimeError: Bad ")

    def test_module(self, both, children):
        children.write(
            "mod.py", "import sys\nprint(sys.argv, __name__, __file__, __package__, __spec__.name, sys.path[0])"
        )
        both("-m", "mod", "one", "-m", cwd=children.program)

    def test_package(self, both, children):
        children.write("pack/__init__.py", "")
        children.write("pack/__main__.py", "import sys\nfrom . import x\nprint(sys.argv, __package__, __spec__.name)")
        children.write("pack/x.py", "")
        both("-m", "pack", "one", cwd=children.program)
        both("-m", "pack.x", cwd=children.program)

    @pytest.mark.parametrize("module", ["absent_module", "json.absent", "os"])
    def test_module_that_is_not_there(self, both, module):
        both("-m", module)

    def test_module_that_ends_by_an_error(self, children):
        children.write("mod.py", "def f():\n    1 / 0\nf()\n")
        plain = children.start("-m", "mod", cwd=children.program)
        ours = children.start("-m", "versioned_import", "-m", "mod", cwd=children.program)
        tail = plain.stderr[plain.stderr.index(f'  File "{children.program}') :]
        assert ours.stderr.endswith(tail)
        assert (ours.stdout, ours.returncode) == ("", 1)

    def test_file_that_is_not_there(self, children):
        done = children.start("-m", "versioned_import", "absent.py")
        place = children.elsewhere / "absent.py"
        message = f"versioned_import: can't open file '{place}': [Errno 2] No such file or directory\n"
        assert (done.stderr, done.returncode) == (message, 2)

    def test_unknown_option(self, children):
        done = children.start("-m", "versioned_import", "-O", "app.py")
        assert done.returncode == 2
        advice = "options of Python stand in front: python -O -m versioned_import ..."
        assert done.stderr == f"versioned_import: unknown option -O; {advice}\n"
        done = children.start("-m", "versioned_import", "--projekt", "app.py")
        advice = "python -m versioned_import --help lists those that there are"
        assert (done.returncode, done.stderr) == (2, f"versioned_import: unknown option --projekt; {advice}\n")

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_signal(self, children, number):
        script = children.write("app.py", "import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
        ends = []
        for arguments in ([script], ["-m", "versioned_import", script]):
            with subprocess.Popen(
                [sys.executable, "-s", *map(str, arguments)],
                env=children.environ,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            ) as running:
                assert running.stdout.readline() == "ready\n"
                time.sleep(0.05)
                running.send_signal(number)
                _, stderr = running.communicate(timeout=60)
                ends.append((running.returncode, stderr))
        assert ends[0] == ends[1]

    def test_spawned_processes(self, children):
        program = """\
            import multiprocessing
            import demo version 1

            def work(number):
                return number * 2, demo.VERSION

            if __name__ == "__main__":
                with multiprocessing.get_context("fork").Pool(2) as pool:
                    print(pool.map(work, [1, 2]))
            """
        make_versioned(children.tmp_path / "site", "demo", "1.0")
        done = children.start("-m", "versioned_import", children.write("app.py", program))
        assert (done.stdout, done.stderr) == ("[(2, '1.0'), (4, '1.0')]\n", "")


class TestProgramTree:
    """Modules that the script imports from its own tree are rewritten too; third-party ones only with the cookie."""

    @pytest.fixture(autouse=True)
    def _demo(self, site):
        make_versioned(site, "demo", "1.0", one_package("demo", "1.0"))
        make_versioned(site, "demo", "2.0", one_package("demo", "2.0"))

    def test_script_and_its_modules(self, children):
        children.write("beside.py", "import demo version 1\n")
        children.write("pack/__init__.py", "from .deep import VERSION\n")
        children.write("pack/deep.py", "from demo version 1 import VERSION\n")
        script = children.write(
            "app.py", "import demo version 1\nimport beside, pack\nprint(beside.demo is demo, pack.VERSION)"
        )
        assert children.start("-m", "versioned_import", script).stdout == "True 1.0\n"

    @pytest.mark.parametrize("way", ["-c", "-", "-m"])
    def test_other_ways(self, children, way):
        text = "import beside\nimport demo version 1\nprint(beside.demo is demo)\n"
        children.write("beside.py", "import demo version 1\n")
        children.write("mod.py", text)
        arguments = {"-c": ["-c", text], "-": ["-"], "-m": ["-m", "mod"]}[way]
        done = children.start("-m", "versioned_import", *arguments, cwd=children.program, input=text)
        assert (done.stdout, done.stderr) == ("True\n", "")

    def test_third_party_modules(self, children, site):
        write(site / "stranger.py", "import demo version 1\n")
        write(site / "declared.py", "# coding: versioned\nimport demo version 1\n")
        script = children.write("app.py", "import declared\nprint(declared.demo.VERSION)\nimport stranger\n")
        done = children.start("-m", "versioned_import", script, environ={"PYTHONPATH": str(site)})
        assert done.stdout == "1.0\n"
        assert "SyntaxError" in done.stderr

    def test_virtual_environment_inside_the_tree(self, children):
        inside = children.program / "venv" / "lib" / "site-packages"
        write(inside / "stranger.py", "import demo version 1\n")
        script = children.write("app.py", "import stranger\n")
        done = children.start("-m", "versioned_import", script, environ={"PYTHONPATH": str(inside)})
        assert "SyntaxError" in done.stderr

    def test_refused_clause(self, children):
        script = children.write("app.py", "x = 1\nimport demo version 9.9.9-tweak.2\n")
        done = children.start("-m", "versioned_import", script)
        assert done.returncode == 1
        assert f'  File "{script}", line 2\n    import demo version 9.9.9-tweak.2\n' in done.stderr
        assert done.stderr.splitlines()[-1].startswith("SyntaxError: ")
        assert "9.9.9+tweak.2" in done.stderr
        assert "Traceback" not in done.stderr

    def test_missing_version(self, children):
        script = children.write("app.py", "import demo version 3\n")
        done = children.start("-m", "versioned_import", script)
        assert f"VersionNotFoundError: import demo version 3 ({script}:1): no installed version fits" in done.stderr
        assert "cli" not in done.stderr

    def test_main_of_a_zip_application(self, children):
        """Its other modules are Python's own zipimport's, which needs the cookie for them."""
        children.write(
            "folder/__main__.py", "import demo version 1\nimport beside\nprint(beside.demo is demo)\nimport bare\n"
        )
        children.write("folder/beside.py", "# coding: versioned\nimport demo version 1\n")
        children.write("folder/bare.py", "import demo version 1\n")
        zipapp.create_archive(children.program / "folder", children.program / "app.pyz")
        done = children.start("-m", "versioned_import", children.program / "app.pyz")
        assert done.stdout == "True\n"
        assert done.stderr.endswith("SyntaxError: invalid syntax\n")

    @pytest.mark.parametrize("way", ["", "-m versioned_import"])
    @pytest.mark.parametrize("second", ["import demo version 2", "import demo version 3", "import dep"])
    def test_traceback_ends_at_the_statement(self, children, site, way, second):
        if second == "import dep" and not way:
            pytest.skip("Python alone shows the frames of a finder that refuses a plain import")
        make_versioned(site, "dep", "1.0", requires=["demo>=2"])
        script = children.write(
            "app.py", f"# coding: versioned\nimport demo version 1\ndef inner():\n    {second}\ninner()\n"
        )
        done = children.start(*way.split(), script)
        files = [line for line in done.stderr.splitlines() if line.startswith('  File "')]
        assert files == [f'  File "{script}", line 5, in <module>', f'  File "{script}", line 4, in inner']

    def test_script_with_the_cookie(self, children):
        script = children.write("app.py", "# coding: versioned\nimport demo version 2\nprint(demo.VERSION)")
        assert children.start("-m", "versioned_import", script).stdout == "2.0\n"

    def test_this_project_itself_in_the_program_directory(self, children):
        script = children.write("app.py", '__import_versions__ = {"demo": "1"}\nimport demo\nprint(demo.VERSION)\n')
        (Path(script).parent / "versioned_import").symlink_to(Path(versioned_import.__file__).parent)
        done = children.start("-m", "versioned_import", "app.py", cwd=Path(script).parent)
        assert (done.stdout, done.stderr) == ("1.0\n", "")


class TestMain:
    def test_help(self, children):
        for option in ("-h", "--help"):
            done = children.start("-m", "versioned_import", option)
            assert done.stdout.startswith("usage: python -m versioned_import FILE [ARG ...]")
            assert (done.stderr, done.returncode) == ("", 0)

    def test_version(self, children):
        import versioned_import

        for option in ("-V", "--version"):
            assert (
                children.start("-m", "versioned_import", option).stdout
                == f"versioned_import {versioned_import.__version__}\n"
            )
