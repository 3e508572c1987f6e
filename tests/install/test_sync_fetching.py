"""Wheels that the lock has a URL and a hash of, from a server of these tests."""

import http.server
import re
import socket
import threading
import zipfile

import pytest
from commands import command
from locked import make_lock, sha256
from wheels import build, metadata, record_problems, record_text, versioned_directories


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of a directory; of what is called `short` the end is missing the first time."""

    def do_GET(self):
        name = self.path.rpartition("/")[2]
        self.server.asked.append((name, self.headers["Accept-Encoding"], self.headers["User-Agent"].partition("/")[0]))
        path = self.server.directory / name
        if not path.exists():
            self.send_error(404)
            return
        data = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        first = [one for one, *_ in self.server.asked].count(name) == 1
        self.wfile.write(data[:100] if name.startswith("short") and first else data)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.directory = tmp_path / "served"
        server.directory.mkdir()
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def served(server, tmp_path):
    """Serve wheels by name, all 1.0, and return a project whose lock names them by URL and hash."""

    def make(*names, digest=None, **files):
        paths = [build(server.directory, name, "1.0", files.get(name)) for name in names]
        url = f"http://127.0.0.1:{server.server_address[1]}/files"
        entries = [
            f'[[packages]]\nname = "{name}"\nversion = "1.0"\n'
            f'wheels = [{{url = "{url}/{path.name}", hashes = {{sha256 = "{digest or sha256(path)}"}}}}]\n'
            for name, path in zip(names, paths, strict=True)
        ]
        return make_lock(tmp_path / "shop", *entries), paths

    return make


def sync(environment, *words, **environ):
    # Nothing else than the lock says where the files are, and nothing of another run is in the cache.
    return command(environment, "sync", *words, **{"PIP_NO_INDEX": "off", "PIP_NO_CACHE_DIR": "1", **environ})


def test_each_is_asked_for_once_by_a_session_of_pip_and_then_comes_from_its_cache(
    environment, server, served, tmp_path
):
    project, paths = served("one", "two")
    # pip keeps what comes over HTTP only of hosts that it is told to trust.
    cache = {"PIP_NO_CACHE_DIR": "", "PIP_CACHE_DIR": str(tmp_path / "cache"), "PIP_TRUSTED_HOST": "127.0.0.1"}
    for _ in range(2):
        environment.clear()
        done = sync(environment, project, **cache)
        assert (done.returncode, done.stderr) == (0, "")
        assert versioned_directories(environment.site) == ["one-1.0", "two-1.0"]
        assert record_problems(environment.site) == []
    assert sorted(server.asked) == [(path.name, "identity", "pip") for path in paths]
    assert sync(environment, project, "--check").returncode == 0


def test_another_hash_is_an_error_that_says_both(environment, served):
    wrong = "0" * 64
    project, (path,) = served("one", digest=wrong)
    done = sync(environment, project)
    assert done.returncode == 1
    assert done.stderr == (
        f"error: {project}/pylock.toml: {path.name}: the file's sha256 is not what the lock says\n"
        f"  expected {wrong}\n"
        f"  got      {sha256(path)}\n"
        "  Don't trust it: nothing was installed. If the file was replaced on purpose, lock again.\n"
    )
    assert versioned_directories(environment.site) == []
    assert environment.staging() == []


def test_a_connection_that_ends_early_is_tried_again_by_pip(environment, server, served):
    project, (path, other) = served("short", "one")
    done = sync(environment, project)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(name for name, *_ in server.asked) == [other.name, path.name, path.name]
    assert versioned_directories(environment.site) == ["one-1.0", "short-1.0"]


def test_a_file_that_is_gone_is_an_error_in_pips_words_and_nothing_lands(environment, served):
    project, (_, gone) = served("one", "two")
    gone.unlink()
    done = sync(environment, project)
    assert done.returncode == 1
    assert done.stderr.startswith("error: two 1.0: pip could not get it (exit status 1):\n")
    assert "404" in done.stderr
    assert versioned_directories(environment.site) == []


def test_where_nobody_answers_the_error_names_the_address_and_shows_no_traceback(environment, served):
    project, (path,) = served("one")
    lock = project / "pylock.toml"
    with socket.socket() as taken:  # nobody listens at its port
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/{path.name}"
        lock.write_text(re.sub(r'url = ".*?"', f'url = "{address}"', lock.read_text()))
        done = sync(environment, project, PIP_RETRIES="0")
    first, *_, advice = done.stderr.splitlines()
    assert (done.returncode, first) == (1, "error: one 1.0: pip ended with an exception:")
    assert "Traceback" not in done.stderr
    assert "Connection refused" in done.stderr
    assert advice == f"  Nothing was installed: can {address} be reached from here?"
    assert versioned_directories(environment.site) == []


def test_a_wheel_for_another_python_is_refused(environment, served):
    text = metadata("one", "1.0").replace("\n\n", "\nRequires-Python: <3\n\n")
    project, (path,) = served("one")
    rebuilt(path, {"one.py": "", "one-1.0.dist-info/METADATA": text})
    lock = project / "pylock.toml"
    start, _, rest = lock.read_text().partition('sha256 = "')
    lock.write_text(f'{start}sha256 = "{sha256(path)}{rest[64:]}')
    done = sync(environment, project)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {path.name}: the wheel requires Python <3, this is 3.")
    assert done.stderr.endswith("\n  Lock for this Python too.\n")
    assert versioned_directories(environment.site) == []


def test_a_constraint_of_pips_configuration_counts(environment, served, tmp_path):
    project, _ = served("one")
    (tmp_path / "constraints.txt").write_text("one==2.0\n")
    done = sync(environment, project, PIP_CONSTRAINT=str(tmp_path / "constraints.txt"))
    assert done.returncode == 1
    assert done.stderr.startswith("error: one 1.0: pip could not get it (exit status 1):\n")


def rebuilt(path, files):
    """Write a wheel anew with other files."""
    info = "one-1.0.dist-info"
    contents = {
        **files,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    contents[f"{info}/RECORD"] = record_text(contents, f"{info}/RECORD")
    with zipfile.ZipFile(path, "w") as wheel:
        for name, content in contents.items():
            wheel.writestr(name, content)
