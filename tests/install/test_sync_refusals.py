import hashlib
import json
import os
import signal
import subprocess
import time

import pytest
from commands import command
from locked import entry, make_lock, make_project, make_sdist, sha256
from wheels import build, record_problems, record_rows, versioned_directories


def sync(environment, *words, **environ):
    return command(environment, "sync", *words, **environ)


def with_wheels(environment, project, *pairs):
    return make_lock(
        project, *(entry(name, version, build(environment.wheels, name, version)) for name, version in pairs)
    )


@pytest.fixture
def project(tmp_path):
    return tmp_path / "shop"


def test_wheels_for_other_platforms_only_are_an_error_before_anything_is_installed(environment, project):
    names = [f"{name}-1.0-cp27-cp27m-win32.whl" for name in ("bad", "worse")]
    for name in names:
        (environment.wheels / name).write_bytes(b"never read")
    good = entry("one", "1.0", build(environment.wheels, "one", "1.0"))
    bad = [entry(name.partition("-")[0], "1.0", environment.wheels / name) for name in names]
    lock = make_lock(project, good, *bad)
    done = sync(environment, lock)
    assert done.returncode == 1
    first, *lines, advice = done.stderr.splitlines()
    start = f"error: {lock}/pylock.toml: no wheel of it is for this Python, and no sdist is locked (cp3"
    assert first.startswith(start)
    assert lines == [f"  {name.partition('-')[0]} 1.0 has {name}" for name in names]
    assert advice == "  Lock for this platform too, or use a Python that the lock is for."
    assert versioned_directories(environment.site) == []


@pytest.mark.parametrize("how", ["wheel", "sdist", "found by pip"])
def test_another_hash_is_an_error_that_says_both(environment, project, how):
    good = build(environment.wheels, "good", "1.0")
    wrong = "0" * 64
    if how == "found by pip":
        bad = build(environment.wheels, "bad", "1.0")
        project.mkdir()
        pins = (f"bad==1.0 --hash=sha256:{wrong}", f"good==1.0 --hash=sha256:{sha256(good)}")
        (project / "requirements.txt").write_text("\n".join(pins) + "\n")
        name, place = "bad 1.0", " (line 1)"
    elif how == "sdist":
        bad = make_sdist(environment.wheels, "bad")
        make_lock(project, entry("good", "1.0", good), entry("bad", "1.0", sdist=bad, digest=wrong))
        name, place = bad.name, " (packages[1].sdist)"
    else:
        bad = build(environment.wheels, "bad", "1.0")
        make_lock(project, entry("good", "1.0", good), entry("bad", "1.0", bad, digest=wrong))
        name, place = f"{project}/pylock.toml: {bad.name}", ""
    done = sync(environment, project)
    assert done.returncode == 1
    assert done.stderr == (
        f"error: {name}: the file's sha256 is not what the lock says{place}\n"
        f"  expected {wrong}\n"
        f"  got      {sha256(bad)}\n"
        "  Don't trust it: nothing was installed. If the file was replaced on purpose, lock again.\n"
    )
    assert versioned_directories(environment.site) == []
    assert environment.staging() == []


def test_all_hashes_of_a_file_count(environment, project):
    wheel = build(environment.wheels, "one", "1.0")
    text = entry("one", "1.0", wheel).replace("sha256 =", f'sha512 = "{"0" * 128}", sha256 =')
    done = sync(environment, make_lock(project, text))
    assert done.returncode == 1
    assert f"got      {hashlib.sha512(wheel.read_bytes()).hexdigest()}" in done.stderr
    assert versioned_directories(environment.site) == []


def test_one_that_cannot_be_built_leaves_nothing(environment, project):
    make_project(project, "shop")
    (project / "backend.py").write_text("raise SystemExit('no')\n")
    one = entry("one", "1.0", build(environment.wheels, "one", "1.0"))
    lock = make_lock(project, entry("shop", "", lines=['directory = {path = ".", editable = true}']), one)
    done = sync(environment, lock)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: shop in {project}: pip could not build its editable install")
    assert versioned_directories(environment.site) == []
    assert not (environment.site / ".versioned_import" / "editables").exists()


def test_a_lock_that_cannot_be_used_is_status_2(environment, project):
    project.mkdir()
    done = sync(environment, project)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {project}: the directory holds no lock\n")


def test_two_at_once_leave_everything_once_and_whole(environment, project):
    pairs = [(f"made{number}", "1.0") for number in range(6)]
    lock = with_wheels(environment, project, *pairs)
    words = [environment.python, "-m", "versioned_import", "sync", str(lock)]
    both = [
        subprocess.Popen(words, env=environment.environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ends = [(one.communicate()[1], one.returncode) for one in both]
    assert ends == [("", 0), ("", 0)]
    assert versioned_directories(environment.site) == [f"{name}-1.0" for name, _ in pairs]
    assert record_problems(environment.site) == []
    assert environment.staging() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing(environment, project, number):
    make_project(project / "slow", "slow")
    backend = project / "slow" / "backend.py"
    started = project / "started"
    backend.write_text(f"import time\nopen({str(started)!r}, 'w').close()\ntime.sleep(60)\n")
    one = entry("one", "1.0", build(environment.wheels, "one", "1.0"))
    lock = make_lock(project, one, entry("slow", "", lines=['directory = {path = "slow"}']))
    running = subprocess.Popen(
        [environment.python, "-m", "versioned_import", "sync", str(lock)],
        env=environment.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until = time.monotonic() + 30
    while not started.exists() and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(running.pid, number)
    running.communicate(timeout=30)
    assert running.returncode == (130 if number == signal.SIGINT else 143)
    assert versioned_directories(environment.site) == []
    assert environment.staging() == []


def test_a_wheel_that_lies_lands_nothing(environment, project):
    bad = build(environment.wheels, "bad", "1.0", extra_rows=[("nowhere.py", "", "")])
    lock = make_lock(project, entry("bad", "1.0", bad), entry("one", "1.0", build(environment.wheels, "one", "1.0")))
    done = sync(environment, lock)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {bad.name}: nowhere.py is in its RECORD but not in the wheel\n")
    assert versioned_directories(environment.site) == []


def test_the_engine_that_drives_pip_does_the_same(environment, project):
    lock = with_wheels(environment, project, ("one", "1.0"), ("two", "2.0"))
    assert sync(environment, lock, "--engine=pip").returncode == 0
    assert versioned_directories(environment.site) == ["one-1.0", "two-2.0"]
    assert sync(environment, lock, "--check").returncode == 0
    assert record_rows(environment.site / "one-1.0")


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
@pytest.mark.parametrize("lock", ["requirements.txt", "Pipfile.lock"])
def test_another_hash_of_a_file_that_the_lock_places_is_an_error(environment, project, kind, lock):
    wrong = "0" * 64
    make = build if kind == "wheel" else make_sdist
    url = make(environment.wheels, "placed", "1.0").as_uri()
    table = {"file": url, "hashes": [f"sha256:{wrong}"]}
    data = {"_meta": {"pipfile-spec": 6, "requires": {}, "sources": []}, "default": {"placed": table}, "develop": {}}
    texts = {"requirements.txt": f"placed @ {url} --hash=sha256:{wrong}\n", "Pipfile.lock": json.dumps(data)}
    project.mkdir()
    (project / lock).write_text(texts[lock])
    done = sync(environment, project / lock)
    assert done.returncode == 1, done.stdout
    assert wrong in done.stderr
    assert versioned_directories(environment.site) == []
