"""Projects that can't be run from: each says why, in every way to ask for one; nothing is imported or changed instead."""

import ctypes
import hashlib
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from environment import Environment, locked
from made import make_flat, one_package, write

HEAD = 'lock-version = "1.0"\ncreated-by = "made"\n\n'
ONE = locked("demo==1.0")
AGAIN = "Lock again with the tool that wrote the file."
UV_AGAIN = "Lock again: uv lock"
PINNED = "Lock again: pip-compile --generate-hashes, or uv pip compile --generate-hashes"
OTHER_PYTHON = f"Run it by a Python that fits, or lock for this one. {AGAIN}"
PYTHON = ".".join(map(str, sys.version_info[:3]))
NOTHING = "nothing but Python's own modules and the program's can be imported"
SHOW = "import demo; print(demo.VERSION)\n"

MEMBER = '[[packages]]\nname = "part"\ndirectory = { path = "part", editable = true }\n'
CUT_IN_UV = """\
version = 1
requires-python = ">=3.8"

[[package]]
name = "app"
version = "1"
source = { virtual = "." }
dependencies = [{ name = "demo" }]
"""


@dataclass(frozen=True)
class Bad:
    """A project, how it is asked for, and what is said of it: LOCK, HERE and SITE stand for the paths."""

    files: dict[str, str | bytes]
    message: str
    where: str = "pylock.toml"
    groups: str = ""
    extras: str = ""


def pylock(*packages, head=HEAD):
    return {"pylock.toml": head + "".join(packages)}


def with_line(line):
    return ONE.replace("wheels", f"{line}\nwheels")


def missing(count, *lines):
    return "\n  ".join(
        (f"LOCK: {count} locked distributions are missing", *lines, "to install it: versioned-import sync LOCK")
    )


CASES = {
    "half written": Bad(
        pylock(ONE, ONE[:-3]),
        f"LOCK: the file is no TOML, or only half of it is written: Unclosed array (at end of document)\n  {AGAIN}",
    ),
    "half of a JSON file": Bad(
        {"Pipfile.lock": '{"_meta": {"pipfile-spec": 6}, "default": {"demo": '},
        "LOCK: the file is no JSON, or only half of it is written: Expecting value: line 1 column 52 (char 51)"
        "\n  Lock again: pipenv lock",
        "Pipfile.lock",
    ),
    "cut between two entries": Bad(
        {"uv.lock": CUT_IN_UV},
        f"LOCK: package[0].dependencies[0]: demo is required, but has no entry\n  {UV_AGAIN}",
        "uv.lock",
    ),
    "empty": Bad(pylock(head=""), f"LOCK: the file is empty\n  {AGAIN}"),
    "not UTF-8": Bad(
        {"pylock.toml": HEAD.encode() + b'x = "\xff"\n' + ONE.encode()},
        f"LOCK: line 4: the file is not UTF-8: invalid start byte\n  {AGAIN}",
    ),
    "a name twice": Bad(
        pylock(ONE, locked("demo==2.0")),
        "LOCK: demo is locked twice for what is chosen: 1.0 (packages[0]) and 2.0 (packages[1])"
        f"\n  Choose fewer groups or extras. {AGAIN}",
    ),
    "no marker": Bad(
        pylock(with_line("marker = 'moon'")),
        f"LOCK: packages[0].marker: Expected a marker variable or quoted string\n  {AGAIN}",
    ),
    "a marker that can't be evaluated": Bad(
        pylock(with_line("marker = \"python_version ~= 'new'\"")),
        "LOCK: packages[0]: the marker \"python_version ~= 'new'\" can't be evaluated: "
        f"Undefined <Op('~=')> on '{PYTHON.rpartition('.')[0]}' and 'new'.\n  {AGAIN}",
    ),
    "a hash that differs": Bad(
        pylock(locked("origin==1.0")),
        missing(
            "1 of 1",
            f"origin 1.0: SITE/origin-1.0/ was installed from a file with sha256 {'ab' * 32}, which is none of the lock's",
        ),
    ),
    "a version that isn't installed": Bad(
        pylock(ONE, locked("dep==1.5")),
        missing("1 of 2", "dep 1.5: not installed; there is 1.0 in SITE/dep-1.0/, 2.0 in SITE/dep-2.0/"),
    ),
    "a distribution that isn't installed": Bad(
        pylock(ONE, locked("nowhere==1.0")), missing("1 of 2", "nowhere 1.0: not installed")
    ),
    "flat at another version": Bad(
        pylock(locked("stray==2.0")), missing("1 of 1", "stray 2.0: not installed; there is 1.0 in SITE (flat install)")
    ),
    "built for another platform": Bad(
        pylock(locked("foreign==1.0")),
        missing("1 of 1", "foreign 1.0: SITE/foreign-1.0/ is built for cp38-cp38-win_amd64, not for this interpreter"),
    ),
    "a wheel for another platform only": Bad(
        pylock(locked("dep==3.0").replace("py3-none-any", "cp38-cp38-win_amd64")),
        missing("1 of 1", "dep 3.0: not installed; there is 1.0 in SITE/dep-1.0/, 2.0 in SITE/dep-2.0/"),
    ),
    "an unknown group": Bad(
        pylock(ONE), f"LOCK: there is no group 'dev' in the lock; it has none\n  {AGAIN}", groups="dev"
    ),
    "an unknown extra": Bad(
        pylock(ONE, head=f'extras = ["socks"]\n{HEAD}'),
        f"LOCK: there is no extra 'sock' in the lock; it has: socks\n  {AGAIN}",
        extras="sock",
    ),
    "a newer format": Bad(
        pylock(ONE, head=HEAD.replace("1.0", "2.0")),
        "LOCK: lock-version: version 2.0 of the format is newer than what is known here, 1.0"
        f"\n  A newer versioned_import may know it. {AGAIN}",
    ),
    "another Python": Bad(
        pylock(ONE, head=f'requires-python = "<3.8"\n{HEAD}'),
        f"LOCK: the project is for Python <3.8; this is Python {PYTHON}\n  {OTHER_PYTHON}",
    ),
    "an entry for another Python": Bad(
        pylock(with_line('requires-python = "<3.8"')),
        f"LOCK: packages[0]: demo is for Python <3.8; this is Python {PYTHON}\n  {OTHER_PYTHON}",
    ),
    "another platform": Bad(
        pylock(ONE, head=f"environments = [\"sys_platform == 'moon'\"]\n{HEAD}"),
        f'LOCK: the lock is for other platforms only: sys_platform == "moon"\n  {AGAIN}',
    ),
    "a directory without a lock": Bad(
        {"notes.txt": ""},
        "HERE: the directory holds no lock"
        "\n  Name the lock itself, or make one with the tool of the project, or with: versioned-import lock FILE",
        ".",
    ),
    "requirements that fix nothing": Bad(
        {"requirements.txt": "dep==1.0\ndemo>=1.0\n"},
        f"HERE/requirements.txt: line 2: 'demo>=1.0' fixes no version, so the file is no lock\n  {PINNED}",
        ".",
    ),
    "requirements without an end": Bad(
        {"requirements.txt": "dep==1.0\ndemo==1.0"},
        "HERE/requirements.txt: line 2: the last line doesn't end, so it may be half of one"
        f"\n  End it with a new line. {PINNED}",
        ".",
    ),
    "a lock that vanished": Bad({}, "LOCK: there is no such file"),
    "a directory that vanished": Bad({}, "LOCK: there is no such file", "gone"),
    "a name that is none of a lock": Bad(
        {"setup.cfg": ""},
        "LOCK: its name is not that of a lock file\n  Known are pylock.toml, pylock.NAME.toml,"
        " uv.lock, poetry.lock, pdm.lock, Pipfile.lock, requirements files (*.txt).",
        "setup.cfg",
    ),
    "a member whose directory is gone": Bad(
        pylock(ONE, MEMBER), f"LOCK: packages[1]: the directory of part is not there: HERE/part\n  {AGAIN}"
    ),
    "a member that is a link to itself": Bad(
        pylock(ONE, MEMBER.replace('"part",', '"round",')),
        f"LOCK: packages[1]: the directory of part is not there: HERE/round\n  {AGAIN}",
    ),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return an environment that every test of this file leaves as it is."""
    home = Environment(tmp_path_factory.mktemp("bad") / "home")
    for version in ("1.0", "2.0"):
        home.versioned("demo", version, one_package("demo", version))
        home.versioned("dep", version)
    home.flat("demo", "3.0", one_package("demo", "3.0"))
    home.flat("stray", "1.0")
    home.versioned("foreign", "1.0", tags=("cp38-cp38-win_amd64",))
    came_from(home.versioned("origin", "1.0"), "ab" * 32)
    write(home.place / "started" / "by_start_up_file.py", "")
    write(home.site / "started.pth", f"{home.place / 'started'}\n")
    with_pytest(home)
    home.write("app.py", SHOW)
    home.output("-c", "import versioned_import, demo, stray")
    return home


def came_from(directory, sha256):
    """Note the hash of the file that a versioned directory was installed from, as an installation does."""
    record = next(directory.glob("*.dist-info/RECORD")).read_bytes()
    note = {
        "record": hashlib.sha256(record).hexdigest(),
        "download": {"url": "https://files.index.example/x.whl", "archive_info": {"hashes": {"sha256": sha256}}},
        "is_direct": False,
    }
    write(directory.parent / ".versioned_import" / "origins" / f"{directory.name}.json", json.dumps(note))


def with_pytest(home):
    """Let the environment have the pytest that runs, and our entry point for it."""
    for name in ("pytest", "_pytest", "pluggy", "iniconfig"):
        (home.site / name).symlink_to(Path(sys.modules[name].__file__).parent, target_is_directory=True)
    (home.site / "py.py").symlink_to(Path(sys.modules["_pytest"].__file__).parents[1] / "py.py")
    door = "[pytest11]\nversioned_import = versioned_import.pytest_plugin\n"
    make_flat(home.site, "door", "1.0", {"door-1.0.dist-info/entry_points.txt": door})


@pytest.fixture
def here(tmp_path):
    """Return the directory of the project."""
    (tmp_path / "project").mkdir()
    return tmp_path / "project"


@dataclass(frozen=True)
class Made:
    """A bad project on the disk."""

    place: Path
    where: str
    message: str
    bad: Bad = field(repr=False)

    @property
    def words(self):
        named = {"--groups": self.bad.groups, "--extras": self.bad.extras}
        return [
            "--project",
            self.where,
            *(word for option, value in named.items() if value for word in (option, value)),
        ]

    @property
    def variables(self):
        names = {"PROJECT": self.where, "GROUPS": self.bad.groups, "EXTRAS": self.bad.extras}
        return {f"VERSIONED_IMPORT_{name}": value for name, value in names.items() if value}


def make(home, place, case):
    bad = CASES[case]
    for name, content in bad.files.items():
        (place / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    if "itself" in case:
        (place / "round").symlink_to(place / "round")
    where = str(place if bad.where == "." else place / bad.where)
    message = bad.message.replace("LOCK", where).replace("HERE", str(place)).replace("SITE", str(home.site))
    return Made(place, where, message, bad)


def everything(home, here):
    """Return all that stands in a site directory, among kept plans and in a project, but what is kept for later starts only."""
    found = {}
    for place in (home.site, home.place / "cache" / "projects", here):
        for folder, folders, files in os.walk(place):
            folders[:] = [name for name in folders if name != "__pycache__"]
            paths = [Path(folder, name) for name in files if name != "catalogue"]
            found[folder] = sorted(folders)
            found |= {str(path): path.is_symlink() or path.read_bytes() for path in paths}
    return found


def is_refused(told, message, name="demo"):
    """Tell whether a start said why, and the import then failed for that."""
    story = message.replace("\n", "\n  ")
    error = f"VersionNotFoundError: import {name}: nothing that is installed can be imported here\n  {story}\n"
    return told.startswith(f"versioned_import: {message}\n  so {NOTHING}\nTraceback ") and told.endswith(
        f"versioned_import.{error}"
    )


@pytest.mark.parametrize("case", CASES)
class TestEachIsRefused:
    def test_by_the_runner_before_the_program_starts(self, home, here, case):
        made = make(home, here, case)
        before = everything(home, here)
        done = home.start("-m", "versioned_import", *made.words, home.program / "app.py")
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error: {made.message}\n")
        assert everything(home, here) == before

    def test_by_the_variable_at_the_first_import_of_what_is_installed(self, home, here, case):
        made = make(home, here, case)
        before = everything(home, here)
        done = home.start(home.program / "app.py", environ=made.variables)
        assert (done.returncode, done.stdout) == (1, "")
        assert is_refused(done.stderr, made.message), done.stderr
        assert everything(home, here) == before


ACTIVATING = """
import json, os, sys, versioned_import

def state():
    return list(sys.path), list(sys.meta_path), dict(os.environ), dict(versioned_import.selection())

told = []
for where, groups, extras in json.load(sys.stdin):
    before = state()
    try:
        versioned_import.activate(where, groups.split(), extras.split())
    except versioned_import.LockError as error:
        told.append(str(error))
    else:
        told.append("in force")
    assert state() == before, (where, before, state())
import demo, stray, by_start_up_file
print(json.dumps([told, demo.VERSION]))
"""


def test_activate_raises_for_each_and_changes_nothing_in_the_process(home, here):
    made = []
    for number, case in enumerate(CASES):
        (here / str(number)).mkdir()
        made.append(make(home, here / str(number), case))
    asked = json.dumps([(one.where, one.bad.groups, one.bad.extras) for one in made])
    told, version = json.loads(home.output(home.write("activating.py", ACTIVATING), input=asked))
    assert told == [one.message for one in made]
    assert version == "3.0"


BY_PYTEST = (
    "half written",
    "a version that isn't installed",
    "an unknown group",
    "a directory without a lock",
)


@pytest.mark.parametrize("case", BY_PYTEST)
def test_pytest_runs_no_test(home, here, case):
    made = make(home, here, case)
    write(here / "test_it.py", "import demo\n\ndef test(): print(demo.VERSION)\n")
    settings = f"project = {made.bad.where}\nversioned_import_groups = {made.bad.groups}\n"
    write(here / "pytest.ini", f"[pytest]\nversioned_import_{settings}")
    done = home.start("-m", "pytest", "-p", "no:cacheprovider", cwd=here)
    command = f"python -m versioned_import --project {made.bad.where} -m pytest"
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == f"ERROR: {made.message}\n  or start the tests with: {command}\n\n"


class TestNothingElseGetsThrough:
    """A start of Python can't be refused by the variable; it then gets nothing that is installed, in no way."""

    TRIED = """\
    # coding: versioned
    import importlib.metadata, importlib.util, os, subprocess, sys, versioned_import

    def tried(ask):
        try:
            print(ask())
        except ImportError as error:
            print(type(error).__name__)

    def clause():
        import demo version 2
        return demo.VERSION

    tried(clause)
    tried(lambda: __import__("by_start_up_file"))
    tried(lambda: __import__("stray"))
    tried(lambda: versioned_import.require("demo==2.0"))
    tried(lambda: versioned_import.import_module("demo", "1"))
    tried(lambda: importlib.metadata.version("demo"))
    print(importlib.util.find_spec("demo"), dict(versioned_import.selection()))
    child = subprocess.run([sys.executable, "-c", "import demo"], capture_output=True, text=True)
    print(child.returncode, child.stdout, child.stderr.splitlines()[0] == sys.argv[1])
    """

    def test_a_clause_a_start_up_files_path_the_api_and_children(self, home, here):
        made = make(home, here, "a version that isn't installed")
        first = f"versioned_import: {made.message}".splitlines()[0]
        done = home.start(home.write("trying.py", self.TRIED), first, environ=made.variables)
        refused = "VersionNotFoundError\n"
        assert done.stdout == f"{refused * 5}PackageNotFoundError\nNone {{}}\n1  True\n"
        assert (done.returncode, done.stderr) == (0, f"versioned_import: {made.message}\n  so {NOTHING}\n")

    def test_children_in_other_directories(self, home, here):
        # The other directory has a lock that would do. No child takes it, even if only the variable tells it of the project.
        other = home.lock("demo==2.0", directory=here / "other")
        child = (
            f"subprocess.run([sys.executable, '-c', {SHOW!r}], env={{**os.environ, 'VERSIONED_IMPORT_SELECTION': ''}})"
        )
        text = f"import os, subprocess, sys; os.chdir({str(other.parent)!r}); sys.exit({child}.returncode)"
        variable = {"VERSIONED_IMPORT_PROJECT": "."}
        home.lock("demo==1.0", directory=here)
        assert home.output("-c", text, cwd=here, environ=variable) == "1.0"
        home.lock("demo==1.5", directory=here)
        done = home.start("-c", text, cwd=here, environ=variable)
        assert (done.returncode, done.stdout) == (1, "")
        assert (
            done.stderr.count(f"versioned_import: {here}/pylock.toml: 1 of 1 locked distributions are missing\n") == 2
        )

    def test_python_itself_goes_on(self, home, here):
        made = make(home, here, "half written")
        done = home.start("-c", "import json, helper; print(helper.X)", cwd=here, environ=made.variables)
        assert done.returncode == 1
        write(here / "helper.py", "X = 'own'\n")
        done = home.start("-c", "import json, helper; print(helper.X)", cwd=here, environ=made.variables)
        assert (done.returncode, done.stdout) == (0, "own\n")
        assert done.stderr == f"versioned_import: {made.message}\n  so {NOTHING}\n"


def no_rights_over_files():
    """Let the program that is started have no more rights than the bits of a file give its owner."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no bits of files")
@pytest.mark.skipif(
    sys.platform != "linux" and os.name == "posix" and os.geteuid() == 0, reason="root reads everything"
)
@pytest.mark.parametrize("way", ["runner", "variable", "activate"])
def test_a_lock_that_may_not_be_read(home, here, way):
    lock = home.lock("demo==1.0", directory=here)
    lock.chmod(0)
    message = f"{lock}: the file can't be read: Permission denied\n  Name a lock file, or a directory that holds one."
    options = {"preexec_fn": no_rights_over_files} if os.geteuid() == 0 else {}
    activating = home.write(
        "activating_one.py", f"import versioned_import; versioned_import.activate({str(lock)!r})\n{SHOW}"
    )
    words = {
        "runner": ("-m", "versioned_import", "--project", lock, home.program / "app.py"),
        "variable": (home.program / "app.py",),
        "activate": (activating,),
    }
    done = home.start(*words[way], environ={"VERSIONED_IMPORT_PROJECT": lock} if way == "variable" else {}, **options)
    assert (done.returncode, done.stdout) == (1, "")
    if way == "variable":
        assert is_refused(done.stderr, message), done.stderr
    else:
        start = "error: " if way == "runner" else "versioned_import.LockError: "
        assert done.stderr.endswith(f"{start}{message}\n")


class TestMembers:
    def test_two_that_require_each_other_are_both_there(self, home, here):
        text = 'version = 1\nrequires-python = ">=3.8"\n\n[manifest]\nmembers = ["app", "one", "two"]\n'
        for name, place, needs in (("app", ".", "one"), ("one", "one", "two"), ("two", "two", "one")):
            kind = "virtual" if place == "." else "editable"
            text += f'\n[[package]]\nname = "{name}"\nversion = "1"\nsource = {{ {kind} = "{place}" }}\n'
            text += f'dependencies = [{{ name = "{needs}" }}]\n'
        write(here / "uv.lock", text)
        write(here / "one" / "src" / "one.py", "import two\n")
        write(here / "two" / "two.py", "import one\n")
        program = home.write("members.py", "import one, two; print(one.__file__, two.__file__)\n")
        told = home.output("-m", "versioned_import", "--project", here, program)
        assert told == f"{here}/one/src/one.py {here}/two/two.py"

    def test_one_that_goes_away_is_missed_by_a_kept_plan_too(self, home, here):
        lock = write(here / "pylock.toml", f"{HEAD}{ONE}{MEMBER}")
        write(here / "part" / "pyproject.toml", "")
        write(here / "part" / "src" / "part.py", "")
        program = home.write("parts.py", "import part, demo; print(demo.VERSION)\n")
        variables = {"VERSIONED_IMPORT_PROJECT": lock}
        home.output(program, environ=variables)
        time.sleep(2.1)
        home.output(program, environ=variables)
        assert any(str(here).encode() in one.read_bytes() for one in plans(home))
        shutil.rmtree(here / "part")
        done = home.start(program, environ=variables)
        message = f"{lock}: packages[1]: the directory of part is not there: {here}/part\n  {AGAIN}"
        assert (done.returncode, done.stdout) == (1, "")
        assert is_refused(done.stderr, message, "part"), done.stderr


def plans(home):
    return [one for one in (home.place / "cache" / "projects").glob("*") if one.is_file()]


WHILE_IT_RUNS = """
import multiprocessing, os, subprocess, sys
import versioned_import, watched

def look(_):
    import demo, dep
    return demo.VERSION, dep.VERSION

def ask(*words):
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    return done.returncode, done.stdout.strip(), done.stderr

if __name__ == "__main__":
    import demo
    watched.change()
    import dep
    print(demo.VERSION, dep.VERSION, {name: one.version for name, one in versioned_import.selection().items()})
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(look, [0]))
    print(ask("-c", "import demo, dep; print(demo.VERSION, dep.VERSION)"))
    try:
        versioned_import.activate(os.environ["LOCK"])
    except ImportError as error:
        print(str(error).splitlines()[0])
    except versioned_import.LockError as error:
        print(error)
    print(demo.VERSION, look(0))
"""
CHANGES = {
    "changes": "shutil.copy({new!r}, lock)",
    "is replaced": "shutil.copy({new!r}, lock + '.new'); os.replace(lock + '.new', lock)",
    "is half written": "open(lock, 'w').write(open({new!r}).read()[:150])",
    "vanishes": "os.unlink(lock)",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_process_and_its_children_go_on_with_what_it_began_with(home, here, change):
    lock = home.lock("demo==1.0", "dep==2.0", directory=here)
    new = str(home.lock("demo==2.0", "dep==1.0", name="pylock.new.toml", directory=here))
    program = write(here / "app.py", WHILE_IT_RUNS)
    body = CHANGES[change].format(new=new)
    write(here / "watched.py", f"import os, shutil\n\ndef change():\n    lock = os.environ['LOCK']\n    {body}\n")
    variables = {"VERSIONED_IMPORT_PROJECT": lock, "LOCK": lock}
    idle = write(here / "idle.py", "import demo, dep")
    home.output(idle, environ=variables)
    time.sleep(2.1)
    home.output(idle, environ=variables)  # the plan is kept now
    lines = home.output(program, environ=variables).splitlines()
    assert lines[0] == "1.0 2.0 {'demo': '1.0', 'dep': '2.0'}"
    assert lines[1:3] == ["[('1.0', '2.0')]", "(0, '1.0 2.0', '')"]
    assert lines[-1] == "1.0 ('1.0', '2.0')"
    told = "\n".join(lines[3:-1])
    if change == "vanishes":
        assert told == f"{lock}: there is no such file"
    elif change == "is half written":
        assert told.startswith(f"{lock}: the file is no TOML, or only half of it is written: ")
    else:
        assert told == f"activate {lock}: demo is loaded already, from elsewhere"


@pytest.mark.parametrize("change", ["changes", "vanishes"])
def test_children_that_cannot_have_the_same_get_nothing(home, here, change):
    lock = home.lock("demo==1.0", "dep==2.0", directory=here)
    new = str(home.lock("demo==2.0", "dep==1.0", name="pylock.new.toml", directory=here))
    text = f"""
    import os, shutil, subprocess, sys
    import demo
    lock = {str(lock)!r}
    {CHANGES[change].format(new=new)}
    sys.exit(subprocess.run([sys.executable, "-c", {SHOW!r}]).returncode)
    """
    program = home.write("early.py", text)
    message = (
        f"{lock}: it has changed since the parent process of this one began to run from it\n  Start that one again."
    )
    nowhere = {"VERSIONED_IMPORT_CACHE_DIR": str(lock)}  # a file, so no plan can be kept
    done = home.start("-m", "versioned_import", "--project", lock, program, environ=nowhere)
    assert (done.returncode, done.stdout) == (1, "")
    assert is_refused(done.stderr, message), done.stderr
