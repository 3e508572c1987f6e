"""Tools around a project that runs from its lock: servers and their workers, reloaders, pools, children, notebooks."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import textwrap
import time
import urllib.request
import venv

import pytest
from project_suites import Workshop
from real_sites import OWN_VARIABLES, REPOSITORY, checked, run, site_of

from examples import blocks, commands, file_name, pattern_of, typed

pytestmark = pytest.mark.real

WANTED = (
    "click==8.1.8",
    "django==5.1.4",
    "flask==3.1.0",
    "gunicorn==23.0.0",
    "pytest==8.4.1",
    "pytest-xdist==3.8.0",
    "uvicorn==0.35.0",
    "werkzeug==3.1.3",
)
# Some kernels have loaded Django themselves, where it is installed flat.
WITHOUT_DJANGO = tuple(one for one in WANTED if not one.startswith("django"))
# What stands in the way: others flat, and newer ones as versioned directories.
FLAT = (
    "asgiref==3.7.2",
    "click==8.0.4",
    "django==4.2.1",
    "flask==2.2.5",
    "gunicorn==20.1.0",
    "sqlparse==0.4.4",
    "uvicorn==0.23.2",
    "werkzeug==2.2.3",
)
NEWER = ("click==8.2.1", "flask==3.1.1")
# The kernel, and the pytest of the lock; a plug-in of it that is not locked.
TOOLS = ("ipykernel", "jupyter-client", "jedi", "pytest==8.4.1", "pytest-cov")

APPLICATION = """\
import os, sys
from importlib.metadata import version
import click, flask

MARK = "first"
app = flask.Flask(__name__)

@app.get("/")
def tell():
    places = [os.path.basename(os.path.dirname(os.path.dirname(one.__file__))) for one in (click, flask)]
    return [os.getpid(), MARK, version("flask"), *places]

async def asgi(scope, receive, send):
    import json
    import uvicorn
    if scope["type"] == "http":
        body = json.dumps([os.getpid(), MARK, version("flask"), click.__version__, uvicorn.__version__]).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})
"""
FLASK = ["3.1.0", "click-8.1.8", "flask-3.1.0"]
UVICORN = ["3.1.0", "8.1.8", "0.35.0"]


class Machine:
    """A Python with us, where other versions are flat and newer ones stand beside what the project has locked."""

    def __init__(self, directory):
        self.directory = directory
        self.project = directory / "project"
        self.project.mkdir()
        self.elsewhere = directory / "elsewhere"
        self.elsewhere.mkdir()
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
        self.environ |= {"VERSIONED_IMPORT_CACHE_DIR": str(directory / "cache"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        self.prefix = directory / "venv"
        self.python = str(self.prefix / "bin" / "python")
        venv.create(self.prefix, with_pip=True)
        # Little of the tools is ever imported, and nothing of what must not be seen: to compile all of it takes long.
        self.pip("install", "-q", "--no-compile", str(REPOSITORY), *TOOLS)
        self.pip("install", "-q", "--no-compile", "--no-deps", *FLAT)
        self.pip("install", "-q", "--no-deps", "--allow-multiple", *NEWER)
        (self.project / "app.py").write_text(APPLICATION)
        workshop = Workshop(directory / "tools")
        for place, wanted in ((self.project, WANTED), (self.elsewhere, WITHOUT_DJANGO)):
            (place / "requirements.in").write_text("\n".join(wanted))
            words = "--generate-hashes", "--no-annotate", "-q", "requirements.in", "-o", "requirements.txt"
            workshop.run(workshop.tools / "uv", "pip", "compile", *words, cwd=place)
            checked(self.run("-m", "versioned_import", "sync", place))

    def pip(self, *words):
        checked(self.run("-m", "pip", *words))

    def run(self, *words, **options):
        options.setdefault("cwd", self.project)
        return run([self.python, *map(str, words)], env=self.environ, **options)

    def program(self, text, name="program.py"):
        """Run a text as a file of the project from its lock; return what it printed."""
        path = self.project / name
        path.write_text(textwrap.dedent(text))
        return checked(self.run("-m", "versioned_import", "--project", self.project, path))


class Server:
    """A server that is running; its processes are a group of their own, which ends with it."""

    def __init__(self, machine, *words, **environ):
        self.output = machine.directory / f"server-{len(list(machine.directory.glob('server-*')))}.txt"
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [machine.python, "-m", "versioned_import", *map(str, words)],
                cwd=machine.project,
                env=machine.environ | {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", **environ},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def ask(self, port, until=bool, edit=None):
        """Ask again and again until the answers will do; return process to the rest of its latest answer.

        `edit` is called now and then: a reloader doesn't see what changed before it first looked.
        """
        answers = {}
        now = begin = time.monotonic()
        edited = 0
        while not until(answers):
            assert now < begin + 90, (answers, self.output.read_text())
            if edit is not None and now > edited + 5:
                edit()
                edited = now
            now = time.monotonic()
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    number, *rest = json.load(answer)
                    answers[number] = rest
            except (OSError, http.client.HTTPException, ValueError):  # it may be ending just now
                time.sleep(0.1)
        return answers


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def two(answers):
    return len(answers) == 2


def changed(answers):
    return any(one[0] == "second" for one in answers.values())


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    return Machine(tmp_path_factory.mktemp("tools"))


@pytest.fixture
def edited(machine):
    """Return a function that changes the application; it is put back."""
    path = machine.project / "app.py"
    yield lambda: path.write_text(APPLICATION.replace('"first"', '"second"'))
    path.write_text(APPLICATION)


class TestServers:
    def test_workers_of_gunicorn(self, machine):
        port = free_port()
        words = "run", "--project", ".", "gunicorn", "app:app", "-w", "2", "-b", f"127.0.0.1:{port}"
        with Server(machine, *words) as server:
            answers = server.ask(port, two)
            assert list(answers.values()) == [["first", *FLASK]] * 2
            assert "gunicorn 23.0.0" in server.output.read_text()

    def test_gunicorn_starts_itself_anew_on_its_signal(self, machine, edited):
        port = free_port()
        with Server(machine, "run", "--project", ".", "gunicorn", "app:app", "-b", f"127.0.0.1:{port}") as server:
            server.ask(port)
            edited()
            server.process.send_signal(signal.SIGUSR2)
            answers = server.ask(port, changed)
            assert ["second", *FLASK] in answers.values()

    def test_workers_of_uvicorn(self, machine):
        port = free_port()
        with Server(
            machine, "run", "--project", ".", "uvicorn", "app:asgi", "--workers", "2", "--port", port
        ) as server:
            answers = server.ask(port, two)
            assert list(answers.values()) == [["first", *UVICORN]] * 2

    def test_reloader_of_uvicorn(self, machine, edited):
        port = free_port()
        with Server(machine, "--project", ".", "-m", "uvicorn", "app:asgi", "--reload", "--port", port) as server:
            server.ask(port)
            assert ["second", *UVICORN] in server.ask(port, changed, edited).values()

    @pytest.mark.parametrize(
        "how", [("run", "--project", ".", "flask"), ("--project", ".", "-m", "flask")], ids=["run", "-m"]
    )
    def test_reloader_of_flask(self, machine, edited, how):
        port = free_port()
        with Server(machine, *how, "--app", "app", "run", "--debug", "-p", port) as server:
            server.ask(port)
            assert ["second", *FLASK] in server.ask(port, changed, edited).values()

    def test_reloader_of_django(self, machine):
        port = free_port()
        program = """\
            import os, sys
            import django
            from django.conf import settings
            from django.http import JsonResponse
            from django.urls import path
            MARK = "first"
            def tell(request):
                return JsonResponse([os.getpid(), MARK, django.__version__], safe=False)
            urlpatterns = [path("", tell)]
            settings.configure(DEBUG=True, SECRET_KEY="x", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])
            if __name__ == "__main__":
                from django.core.management import execute_from_command_line
                execute_from_command_line(sys.argv)
        """
        path = machine.project / "manage.py"
        path.write_text(textwrap.dedent(program))
        with Server(machine, "--project", ".", path, "runserver", f"127.0.0.1:{port}") as server:
            server.ask(port)
            edit = lambda: path.write_text(textwrap.dedent(program).replace('"first"', '"second"'))  # noqa: E731
            assert ["second", "5.1.4"] in server.ask(port, changed, edit).values()


class TestChildren:
    POOLS = """\
        import concurrent.futures, multiprocessing, os, subprocess, sys
        def told(number):
            import click, flask
            from importlib.metadata import version
            return number, click.__version__, version("flask"), "click-8.1.8" in click.__file__
        if __name__ == "__main__":
            for method in ("spawn", "forkserver", "fork"):
                context = multiprocessing.get_context(method)
                with context.Pool(2) as pool:
                    print(method, pool.map(told, range(2)))
                with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
                    print(method, list(pool.map(told, range(2))))
            code = "import program; print('child', [program.told(0), program.told(1)])"
            sys.stdout.flush()
            subprocess.run([sys.executable, "-c", code], check=True)
            subprocess.run([sys.executable, "-m", "flask", "--version"], check=True)
    """

    def test_pools_and_children_have_what_is_locked(self, machine):
        lines = machine.program(self.POOLS).splitlines()
        shown = "[(0, '8.1.8', '3.1.0', True), (1, '8.1.8', '3.1.0', True)]"
        every = [f"{method} {shown}" for method in ("spawn", "forkserver", "fork") for _ in range(2)]
        assert lines[:7] == [*every, f"child {shown}"]
        assert lines[8:] == ["Flask 3.1.0", "Werkzeug 3.1.3"]


class TestNotebooks:
    TALK = """\
        import json, sys
        from jupyter_client.manager import start_new_kernel
        manager, client = start_new_kernel()
        def cell(code):
            shown = []
            def take(message):
                content = message["content"]
                shown.append(content.get("text") or content.get("data", {}).get("text/plain") or content.get("evalue") or "")
            client.execute_interactive(code, output_hook=take, timeout=60)
            return "".join(shown).strip()
        def completed(code):
            reply = client.complete(code, reply=True, timeout=60)
            return reply["content"]["matches"]
        try:
            for kind, code in json.load(sys.stdin):
                print(json.dumps(cell(code) if kind == "cell" else completed(code)))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    """

    def talk(self, machine, *parts):
        done = machine.run("-c", textwrap.dedent(self.TALK), input=json.dumps(parts), cwd=machine.elsewhere)
        return [json.loads(line) for line in checked(done).splitlines()]

    def test_activate_in_a_cell(self, machine):
        told = self.talk(
            machine,
            ("cell", f"import versioned_import; versioned_import.activate({str(machine.elsewhere)!r})"),
            (
                "cell",
                "import flask, click; from importlib.metadata import version; print(version('click'), flask.__file__)",
            ),
            ("complete", "flask.render_temp"),
            ("complete", "import sqli"),
            ("cell", "import pip"),
            ("cell", "raise ValueError('shown')"),
            ("cell", "%timeit -n1 -r1 1"),
            ("cell", "!python -c 'print(1)'"),
            ("cell", "%history -n 1"),
            ("cell", "print([type(one).__name__ for one in __import__('asyncio').all_tasks()] != [])"),
        )
        assert told[0] == ""
        assert told[1] == f"8.1.8 {site_of(machine.prefix)}/flask-3.1.0/flask/__init__.py"
        assert any("render_template" in one for one in told[2])
        assert any("sqlite3" in one for one in told[3])
        assert "it is not in the lock" in told[4]
        assert "shown" in told[5]
        assert re.search(r"(ns|s) ± ", told[6]), told[6]
        assert told[7] == "1"
        assert "versioned_import.activate" in told[8]
        assert told[9] == "True"

    def test_require_in_a_cell(self, machine):
        told = self.talk(
            machine,
            ("cell", "import versioned_import as v; print(v.require('flask==3.1.1', 'click>=8.2')['click'].version)"),
            (
                "cell",
                "import flask, click; from importlib.metadata import version; print(version('click'), flask.__file__)",
            ),
            ("complete", "flask.render_temp"),
            ("cell", "import jupyter_client; print(jupyter_client.__name__)"),
        )
        assert told[0] == "8.2.1"
        assert told[1] == f"8.2.1 {site_of(machine.prefix)}/flask-3.1.1/flask/__init__.py"
        assert any("render_template" in one for one in told[2])
        assert told[3] == "jupyter_client"


@pytest.mark.parametrize("words", [(), ("-m", "versioned_import", "--project", ".")], ids=["plain", "locked"])
def test_pytest_has_nothing_to_warn_of(machine, words):
    (machine.project / "quiet.py").write_text("def test(): pass\n")
    done = machine.run(*words, "-m", "pytest", "-q", "-W", "error", "--strict-config", "-c", os.devnull, "quiet.py")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def test_the_page(machine):
    """Run each example of docs/projects-tools.md, in the order of the page."""
    variables = machine.environ | {"PATH": f"{machine.prefix / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    (machine.project / "test_app.py").write_text("import app\ndef test(): assert app.MARK\n")
    ran = 0
    for language, block in blocks((REPOSITORY / "docs" / "projects-tools.md").read_text()):
        text = block.replace("/srv/shop", str(machine.project))
        if language == "ini":
            (machine.project / "pytest.ini").write_text(text)
        elif language == "python" and file_name(block) == "cell.py":
            path = str(machine.elsewhere)  # without Django, which the kernel may have loaded
            (shown,) = TestNotebooks().talk(machine, ("cell", text.replace(str(machine.project), path)))
            assert shown == text.rpartition("# ")[2].strip()
        elif language == "python":
            (machine.project / file_name(block)).write_text(text)
        for command, expected in commands(text) if language == "console" else ():
            status, shown = typed(command, machine.project, variables)
            assert re.fullmatch(pattern_of(expected), shown, re.DOTALL), f"{command}\n{shown}"
            assert status == expected.startswith("error: "), f"{command}\n{shown}"
            ran += 1
    assert ran == 8
