"""`pip install --allow-multiple` in the user's own pip, planted by the start-up file."""

import functools
import hashlib
import http.server
import json
import os
import signal
import subprocess
import textwrap
import threading
import time
import tomllib

import pytest
from wheels import build, record_problems, record_rows, versioned_directories


@pytest.fixture
def two(environment):
    """Return the environment with wheels of `old` and `new`, which need different versions of `base`."""
    for version in ("1.0", "2.0"):
        build(environment.wheels, "base", version)
    build(environment.wheels, "old", "1.0", requires=["base<2"])
    build(environment.wheels, "new", "1.0", requires=["base>=2"])
    return environment


@pytest.fixture
def planted_program(environment):
    """Return a function that runs a program in the environment, started with our start-up file; `pip` is among its words."""

    def run(program, *arguments):
        environment.plant()
        try:
            return subprocess.run(
                [environment.python, "-c", textwrap.dedent(program), *arguments],
                env=environment.without_us() | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"},
                capture_output=True,
                text=True,
                check=True,
            )
        finally:
            environment.unplant()

    return run


def said(done):
    """Return what a finished pip wrote of its groups."""
    assert done.returncode == 0, done.stdout + done.stderr
    words = ("group", "installed", "already there", "would install", "shared")
    return [line for line in done.stdout.splitlines() if line.strip().startswith(words)]


def locks(environment):
    """Return the locks of the groups of the environment's site directory."""
    return [tomllib.loads(path.read_text()) for path in sorted(environment.site.glob(".versioned_import/groups/*"))]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_help_of_install_differs_by_the_flag_alone(environment):
    plain = environment.own_pip("install", "--help", planted=False).stdout.splitlines()
    ours = environment.own_pip("install", "--help").stdout.splitlines()
    added = [line for line in ours if line not in plain]
    assert [line for line in ours if line not in added] == [line for line in plain if line in ours]
    assert not [line for line in plain if line not in ours]
    assert " ".join(added[0].split()) == "--allow-multiple Install side by side: each version into a"


def test_a_conflicting_pair_lands_side_by_side(two):
    done = two.flag("base==2.0", "base==1.0")
    assert said(done) == [
        "group 1: base==1.0",
        "  installed base 1.0 in base-1.0/",
        "group 2: base==2.0",
        "  installed base 2.0 in base-2.0/",
    ]
    assert done.stderr == ""
    assert versioned_directories(two.site) == ["base-1.0", "base-2.0"]
    assert record_problems(two.site) == []
    assert two.staging() == []
    info = two.site / "base-1.0" / "base-1.0.dist-info"
    assert (info / "INSTALLER").read_text() == "pip\n"
    assert (info / "REQUESTED").exists()
    assert not (info / "direct_url.json").exists()


def test_the_order_of_the_command_line_does_not_matter(two):
    one, other = two.flag("--dry-run", "old", "new", "base==1.0"), two.flag("--dry-run", "base==1.0", "new", "old")
    assert said(one) == said(other)
    assert said(one) == [
        "group 1: base==1.0, old",
        "  would install base 1.0 in base-1.0/",
        "  would install old 1.0 in old-1.0/",
        "group 2: new",
        "  would install base 2.0 in base-2.0/",
        "  would install new 1.0 in new-1.0/",
    ]
    assert "Cannot install" not in one.stdout + one.stderr
    assert versioned_directories(two.site) == []


def test_what_is_there_stays_and_is_said_but_with_q(two):
    done = two.flag("-q", "base==1.0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (two.site / "base-1.0" / "mark").write_text("")
    assert said(two.flag("old")) == ["already there base 1.0 in base-1.0/", "installed old 1.0 in old-1.0/"]
    assert (two.site / "base-1.0" / "mark").exists()
    assert not (two.site / "old-1.0" / "REQUESTED").exists()


def test_without_the_flag_pip_is_what_it_was(two):
    results = []
    for planted in (False, True):
        done = two.own_pip("install", "--no-index", "--find-links", two.wheels, "old", planted=planted)
        shown = done.stdout.replace(two.python, "PYTHON")
        tree = {
            str(path.relative_to(two.site)): path.read_bytes()
            for path in two.site.rglob("*")
            if path.is_file()
            and path.suffix != ".pyc"
            and path.relative_to(two.site).parts[0].startswith(("base", "old"))
        }
        results.append((done.returncode, shown, done.stderr, tree))
        two.clear()
    assert results[0] == results[1]


def test_what_makes_no_sense_with_the_flag_is_refused(planted_program):
    combinations = {
        "--target=x": "'--target': a versioned directory always lands in the site directory",
        "--prefix=x": "'--prefix': a versioned directory always lands in the site directory",
        "--root=x": "'--root': a versioned directory always lands in the site directory",
        "--editable=.": "'--editable': an editable install has no version of its own",
        "--force-reinstall": "'--force-reinstall': a versioned directory is never overwritten; remove it first",
        "--platform=any": "'--platform': versioned directories are for the interpreter that installs them",
        "--python-version=3": "'--python-version': versioned directories are for the interpreter that installs them",
    }
    program = """
        import sys
        from pip._internal.cli.main import main
        print(*(main(["install", "--allow-multiple", "base", word]) for word in sys.argv[1:]))
    """
    done = planted_program(program, *combinations)
    assert done.stdout.split() == ["1"] * len(combinations)
    told = [f"ERROR: Can not combine '--allow-multiple' and {message}" for message in combinations.values()]
    assert done.stderr.splitlines() == told


def test_an_editable_line_of_a_file_is_refused(two, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[build-system]\nrequires = []\nbuild-backend = 'none'\n")
    (tmp_path / "r.txt").write_text(f"-e {tmp_path}\n")
    done = two.flag("-r", tmp_path / "r.txt")
    assert done.returncode == 1
    assert "an editable install has no version of its own" in done.stderr


class TestEnvironmentAndFiles:
    """`PIP_ALLOW_MULTIPLE`, configuration files: "when the flag came from the environment or a file ... plain pip"."""

    def arguments(self, two, *words):
        return ("install", "--no-index", "--find-links", two.wheels, "--no-compile", *words)

    def test_file(self, two, tmp_path):
        (tmp_path / "pip.conf").write_text("[install]\nallow-multiple = true\n")
        done = two.own_pip(*self.arguments(two, "base==1.0"), PIP_CONFIG_FILE=str(tmp_path / "pip.conf"))
        assert said(done) == ["installed base 1.0 in base-1.0/"]

    def test_plain_pip_with_target(self, two, tmp_path):
        done = two.own_pip(*self.arguments(two, "base==1.0", "--target", tmp_path / "t"), PIP_ALLOW_MULTIPLE="1")
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "t" / "base.py").exists()
        assert versioned_directories(two.site) == []

    def test_the_command_of_ours_takes_it_like_pip(self, two):
        done = two.pip(*self.arguments(two, "base==1.0"), PIP_ALLOW_MULTIPLE="1")
        assert said(done) == ["installed base 1.0 in base-1.0/"]


def test_markers_extras_and_constraints(two, tmp_path):
    build(two.wheels, "extra", "1.0", requires=["base; extra == 'more'\nProvides-Extra: more"])
    (tmp_path / "c.txt").write_text("base<2\n")
    done = two.flag("-c", tmp_path / "c.txt", "extra[more]", "new; python_version < '3'", "extra[more]")
    assert said(done) == ["installed base 1.0 in base-1.0/", "installed extra 1.0 in extra-1.0/"]
    assert "Ignoring new: markers 'python_version < \"3\"' don't match your environment" in done.stdout.splitlines()


def test_what_can_not_be_had_at_all_is_told_in_pips_words(two, tmp_path):
    (tmp_path / "c.txt").write_text("base<2\n")
    done = two.flag("-c", tmp_path / "c.txt", "old", "new")
    assert done.returncode == 1
    assert "ERROR: Cannot install new==1.0 because these package versions have conflicting dependencies." in done.stderr
    assert "new 1.0 depends on base>=2" in done.stdout
    assert versioned_directories(two.site) == []


def test_hashes_hold_and_a_shared_root_serves_every_group(two, tmp_path):
    build(two.wheels, "shared", "1.0")
    build(two.wheels, "a", "1.0", requires=["shared"])
    build(two.wheels, "a", "2.0", requires=["shared"])
    pins = [("a", "1.0"), ("a", "2.0"), ("shared", "1.0")]
    lines = [f"{name}=={v} --hash=sha256:{sha256(two.wheels / f'{name}-{v}-py3-none-any.whl')}\n" for name, v in pins]
    (tmp_path / "r.txt").write_text("".join(lines))
    assert said(two.flag("-r", tmp_path / "r.txt")) == [
        "group 1: a==1.0, shared==1.0",
        "  installed a 1.0 in a-1.0/",
        "  installed shared 1.0 in shared-1.0/",
        "group 2: a==2.0",
        "  installed a 2.0 in a-2.0/",
        "  shared with group 1: shared 1.0 in shared-1.0/",
    ]


def test_wheel_files_are_direct_and_say_so(two):
    done = two.flag(*sorted(two.wheels.glob("base-*.whl")))
    assert [line for line in said(done) if not line.startswith("group")] == [
        "  installed base 1.0 in base-1.0/",
        "  installed base 2.0 in base-2.0/",
    ]
    for version in ("1.0", "2.0"):
        origin = two.site / f"base-{version}" / f"base-{version}.dist-info" / "direct_url.json"
        assert json.loads(origin.read_text())["url"].endswith(f"/base-{version}-py3-none-any.whl")
    assert record_problems(two.site) == []


def test_a_wheel_file_with_extras_is_a_root_that_can_be_read_later(two):
    path = build(two.wheels, "extra", "1.0", requires=["base<2; extra == 'more'\nProvides-Extra: more"])
    done = two.flag(f"{path}[more]")
    assert said(done) == ["installed base 1.0 in base-1.0/", "installed extra 1.0 in extra-1.0/"]
    assert [lock["tool"]["versioned-import"]["roots"] for lock in locks(two)] == [[f"extra[more] @ {path.as_uri()}"]]


def test_passwords_of_urls_are_in_no_line_report_or_lock(two):
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=two.wheels)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        place = f"127.0.0.1:{server.server_port}/base-1.0-py3-none-any.whl"
        roots = f"base @ http://me:s3cret@{place}", "base==2.0"
        dry = two.flag("-q", "--dry-run", "--report", "-", *roots)
        done = [install(*roots) for install in (two.flag, two.install)]
        server.shutdown()
    groups = json.loads(dry.stdout)["versioned_import"]["groups"]
    # Whether a space stands before the @ is the way of each pip.
    roots = sorted(root.replace(" @", "@") for group in groups for root in group["roots"])
    assert roots == ["base==2.0", f"base@ http://{place}"]
    for one in done:
        assert [line for line in said(one) if line.endswith(f"@ http://{place}")]
    kept = [path.read_text() for path in two.site.rglob("*") if path.is_file() and "versioned_import" in str(path)]
    assert not [text for text in [dry.stdout, *kept] if "s3cret" in text]


class TestOtherFile:
    """What is there already may be from another file of the same version than the one that is asked for now."""

    @pytest.fixture
    def other(self, two, tmp_path):
        """Return another wheel of base 1.0, after the first has landed."""
        assert said(two.flag("base==1.0")) == ["installed base 1.0 in base-1.0/"]
        (tmp_path / "other").mkdir()
        return build(tmp_path / "other", "base", "1.0", {"base.py": "VERSION = 'other'\n"})

    def named(self, path):
        return f"{path.as_uri()} (sha256:{sha256(path)})"

    @pytest.fixture
    def first(self, two):
        return two.wheels / "base-1.0-py3-none-any.whl"

    def test_it_is_said_and_the_lock_tells_what_is_there(self, two, first, other):
        for install, prefix in ((two.flag, "WARNING: "), (two.install, "warning: ")):
            done = install(other)
            assert said(done)[-1] == "already there base 1.0 in base-1.0/"
            assert done.stderr.splitlines() == [
                (
                    f"{prefix}base 1.0: base-1.0/ is from {self.named(first)} and stays as it is;"
                    f" what was asked for is {self.named(other)}"
                )
            ]
            assert install("--dry-run", other).stderr == done.stderr
            for lock in locks(two):
                (package,) = lock["packages"]
                (wheel,) = package["wheels"]
                assert (wheel["url"], wheel["hashes"]) == (first.as_uri(), {"sha256": sha256(first)})

    def test_with_hashes_it_is_refused(self, two, first, other, tmp_path):
        (tmp_path / "r.txt").write_text(f"base==1.0 --hash=sha256:{sha256(other)}\n")
        before = locks(two)
        for install, prefix in ((two.flag, "ERROR: "), (two.install, "error: ")):
            done = install("--find-links", other.parent, "-r", tmp_path / "r.txt")
            assert done.returncode == 1
            assert done.stderr.splitlines() == [
                f"{prefix}base 1.0: base-1.0/ is there already and is from {self.named(first)}, not from {self.named(other)}",
                "  Remove it first: versioned-import uninstall base==1.0",
            ]
            dry = install("--dry-run", "--find-links", other.parent, "-r", tmp_path / "r.txt")
            assert (dry.returncode, dry.stderr) == (1, done.stderr)
        assert locks(two) == before

    def test_with_the_hash_of_what_is_there_all_is_well(self, two, first, other, tmp_path):
        (tmp_path / "r.txt").write_text(f"base==1.0 --hash=sha256:{sha256(first)}\n")
        done = two.flag("-r", tmp_path / "r.txt")
        assert (said(done), done.stderr) == (["already there base 1.0 in base-1.0/"], "")

    def test_with_hashes_what_nobody_knows_is_refused(self, two, first, tmp_path):
        assert two.flag("base==1.0").returncode == 0
        record = next(two.site.glob("base-1.0/*.dist-info/RECORD"))
        record.write_text(record.read_text() + "more.py,,\n")
        (tmp_path / "r.txt").write_text(f"base==1.0 --hash=sha256:{sha256(first)}\n")
        done = two.flag("-r", tmp_path / "r.txt")
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            "ERROR: base 1.0: nobody knows from which file base-1.0/ is, so its hash can't be checked",
            "  Remove it first: versioned-import uninstall base==1.0",
        ]
        done = two.flag("base==1.0")
        assert (said(done), done.stderr) == (["already there base 1.0 in base-1.0/"], "")
        assert [lock["packages"] for lock in locks(two)] == [[{"name": "base", "version": "1.0"}]]

    def test_two_files_of_one_version_in_one_command(self, two, first, tmp_path):
        (tmp_path / "other").mkdir()
        other = build(tmp_path / "other", "base", "1.0", {"base.py": "VERSION = 'other'\n"})
        hashes = [f"{path} --hash=sha256:{sha256(path)}\n" for path in (first, other)]
        (tmp_path / "r.txt").write_text("".join(hashes))
        taken, left = sorted((first, other), key=str)
        done = two.flag("-r", tmp_path / "r.txt")
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            (
                f"ERROR: base 1.0: two files of it were asked for, {self.named(taken)} and {self.named(left)}, and one"
                " directory takes one of them"
            ),
            "  Ask for one of the two.",
        ]
        assert versioned_directories(two.site) == []
        assert not list(two.site.glob(".versioned_import/origins/*"))
        done = two.flag(first, other)
        assert "  shared with group 1: base 1.0 in base-1.0/" in said(done)
        assert done.stderr.splitlines() == [
            f"WARNING: base 1.0: base-1.0/ is from {self.named(taken)}; what was asked for is {self.named(left)}"
        ]

    def test_what_is_removed_is_forgotten(self, two, other):
        assert [path.name for path in two.site.glob(".versioned_import/origins/*")] == ["base-1.0.json"]
        command = [two.python, "-m", "versioned_import", "uninstall", "-y", "base==1.0"]
        done = subprocess.run(command, env=two.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert not list(two.site.glob(".versioned_import/origins/*"))
        done = two.flag(other)
        assert (said(done), done.stderr) == (["installed base 1.0 in base-1.0/"], "")


def test_a_source_tree_is_built(environment, tmp_path):
    wheel = build(environment.wheels, "made", "1.0").read_bytes()
    (tmp_path / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    (tmp_path / "made.whl").write_bytes(wheel)
    (tmp_path / "backend.py").write_text(
        "import shutil\n"
        "def build_wheel(directory, *_):\n"
        "    name = 'made-1.0-py3-none-any.whl'\n"
        "    shutil.copy('made.whl', directory + '/' + name)\n"
        "    return name\n"
    )
    assert said(environment.flag(tmp_path)) == ["installed made 1.0 in made-1.0/"]
    info = environment.site / "made-1.0" / "made-1.0.dist-info"
    assert json.loads((info / "direct_url.json").read_text()) == {"dir_info": {}, "url": tmp_path.as_uri()}
    assert (info / "REQUESTED").exists()


def test_report_to_standard_output(two):
    two.flag("base==1.0")
    done = two.flag("-q", "--dry-run", "--report", "-", "old", "new")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    found = {(one["metadata"]["name"], one["metadata"]["version"], one["requested"]) for one in report["install"]}
    assert found == {("base", "1.0", False), ("base", "2.0", False), ("old", "1.0", True), ("new", "1.0", True)}
    assert report["versioned_import"] == {
        "site": str(two.site),
        "groups": [
            {
                "roots": ["new"],
                "distributions": [
                    {"name": "base", "version": "2.0", "outcome": "would install"},
                    {"name": "new", "version": "1.0", "outcome": "would install"},
                ],
            },
            {
                "roots": ["old"],
                "distributions": [
                    {"name": "base", "version": "1.0", "outcome": "already there"},
                    {"name": "old", "version": "1.0", "outcome": "would install"},
                ],
            },
        ],
    }


def test_scripts_of_the_wheel_stay_and_launchers_of_pip_do_not(environment):
    files = {
        "tool.py": "def main(): print('ran')\n",
        "tool-1.0.data/scripts/shipped": "#!python\nprint('shipped')\n",
        "tool-1.0.data/data/share/x": "x",
        "tool.pth": "import tool",
    }
    build(environment.wheels, "tool", "1.0", files, scripts={"do-it": "tool:main"})
    done = environment.flag("tool")
    assert done.stderr.splitlines() == [
        "WARNING: tool 1.0: tool.pth is kept, but never run from a versioned directory",
        "WARNING: tool 1.0: 1 data file kept in tool-1.0.data/data/, not in sys.prefix (such as share/x)",
    ]
    paths = [row[0] for row in record_rows(environment.site / "tool-1.0")]
    assert [path for path in paths if "scripts" in path] == ["tool-1.0.data/scripts/shipped"]
    shipped = environment.site / "tool-1.0" / "tool-1.0.data" / "scripts" / "shipped"
    assert os.access(shipped, os.X_OK)
    assert shipped.read_text().startswith(f"#!{environment.python}")
    assert record_problems(environment.site) == []
    bin_directory = os.path.dirname(environment.python)
    assert {"do-it-1.0", "shipped-1.0"} <= set(os.listdir(bin_directory))
    assert "do-it" not in os.listdir(bin_directory)
    for name in ("do-it-1.0", "shipped-1.0"):
        os.unlink(os.path.join(bin_directory, name))


def test_bytecode_is_made_for_where_it_will_stand(environment):
    build(environment.wheels, "code", "1.0", {"code_/__init__.py": "X = 1\n", "code_/old.py": "print 'no'\n"})
    assert said(environment.flag("code", compiled=True)) == ["installed code 1.0 in code-1.0/"]
    (compiled,) = (environment.site / "code-1.0").rglob("*.pyc")
    program = f"import marshal; print(marshal.loads(open({str(compiled)!r}, 'rb').read()[16:]).co_filename)"
    done = subprocess.run([environment.python, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(environment.site / "code-1.0" / "code_" / "__init__.py")
    relative = str(compiled.relative_to(environment.site / "code-1.0"))
    assert (relative, "", "") in record_rows(environment.site / "code-1.0")
    assert record_problems(environment.site) == []


class TestNothingHalf:
    def test_a_hostile_wheel_keeps_everything_out(self, two):
        build(two.wheels, "evil", "1.0", extra_rows=[("../../../outside.py", "", "")])
        done = two.flag("base==1.0", "evil")
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            "ERROR: evil-1.0-py3-none-any.whl: its RECORD leads elsewhere: '../../../outside.py' leads outside",
            "  Don't trust this wheel: nothing was installed.",
        ]
        assert versioned_directories(two.site) == []
        assert two.staging() == []

    def test_what_stands_in_the_way_is_named(self, two):
        (two.site / "base-2.0" / "theirs").mkdir(parents=True)
        done = two.flag("base==1.0", "base==2.0")
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            f"ERROR: base-2.0: {two.site / 'base-2.0'} is in the way and holds no .dist-info",
            "  Move it away.",
        ]
        assert versioned_directories(two.site) == []

    def test_a_link_that_leads_nowhere_is_in_the_way(self, two):
        (two.site / "new-1.0").symlink_to(two.site / "nowhere")
        for install, word in ((two.flag, "ERROR"), (two.install, "error")):
            done = install("new")
            assert done.returncode == 1
            assert done.stderr.splitlines() == [
                f"{word}: new-1.0: {two.site / 'new-1.0'} is in the way: a link that leads nowhere",
                "  Move it away.",
            ]
            assert versioned_directories(two.site) == []
            assert locks(two) == []

    def test_the_metadata_of_another_distribution_keeps_everything_out(self, two):
        build(two.wheels, "evil", "1.0", {"evil-1.0.data/purelib/good-2.0.dist-info/METADATA": "Name: good\n"})
        done = two.flag("base==1.0", "evil")
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            (
                "ERROR: evil-1.0-py3-none-any.whl: its member 'evil-1.0.data/purelib/good-2.0.dist-info/METADATA' is the"
                " metadata of another distribution"
            ),
            "  Don't trust this wheel: nothing was installed.",
        ]
        assert two.install("base==1.0", "evil").returncode == 1
        assert versioned_directories(two.site) == []

    @pytest.mark.skipif(os.name == "nt", reason="there is no limit of a file's size")
    def test_a_disk_that_takes_no_more(self, two):
        build(two.wheels, "big", "1.0", {"big.bin": "x" * 3_000_000})
        limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n"
        (two.site / "zz_limit.pth").write_text(limit)
        try:
            done = two.flag("--no-cache-dir", "base==1.0", "big")
        finally:
            (two.site / "zz_limit.pth").unlink()
        assert done.returncode == 1
        assert "Could not install packages due to an OSError: [Errno 27] File too large" in done.stderr
        assert "Traceback" not in done.stderr
        assert versioned_directories(two.site) == []
        assert two.staging() == []

    def test_interrupted_by_a_signal(self, environment):
        build(environment.wheels, "many", "1.0", {f"many/m{index}.py": "" for index in range(4000)})
        environment.plant()
        command = [environment.python, "-m", "pip", "install", "--allow-multiple", "--no-index"]
        child = subprocess.Popen(
            [*command, "--find-links", str(environment.wheels), "many"],
            env=environment.without_us(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not environment.staging() and child.poll() is None:
            time.sleep(0.02)
        child.send_signal(signal.SIGTERM)
        _, errors = child.communicate(timeout=60)
        environment.unplant()
        assert (child.returncode, "Traceback" in errors) == (143, False)
        assert "ERROR: Stopped by a signal; nothing was left half installed" in errors
        assert environment.staging() == []
        assert versioned_directories(environment.site) == []


class TestFallback:
    """A pip whose inside doesn't match: "a clear message, and the public-command-line engine"."""

    def test_an_internal_is_missing(self, two):
        (two.site / "sitecustomize.py").write_text(
            "import sys\n"
            "if '--allow-multiple' in sys.orig_argv:\n"
            "    import pip._internal.commands.install\n"
            "    import pip._internal.utils.direct_url_helpers as module\n"
            "    del module.direct_url_from_link\n"
        )
        place = two.site / "pip" / "_internal" / "utils" / "direct_url_helpers.py"
        done = two.flag("base==1.0", "base==2.0")
        (warning,) = done.stderr.splitlines()
        assert warning == (
            "WARNING: --allow-multiple can't work inside this pip (ImportError: cannot import name 'direct_url_from_link' from"
            f" 'pip._internal.utils.direct_url_helpers' ({place})); using pip's command line instead"
        )
        assert said(done)[0] == "group 1: base==1.0"
        assert versioned_directories(two.site) == ["base-1.0", "base-2.0"]

    def test_a_library_is_missing(self, two):
        (two.site / "sitecustomize.py").write_text("import sys; sys.modules['filelock'] = None\n")
        done = two.flag("base==1.0")
        assert done.returncode == 1
        assert done.stderr.splitlines()[1:] == [
            "error: pip install --allow-multiple: import of filelock halted; None in sys.modules",
            "  Run: python -m pip install --upgrade versioned-import",
        ]
        assert versioned_directories(two.site) == []

    def test_a_pip_that_is_too_old(self, two):
        (two.site / "sitecustomize.py").write_text("import pip; pip.__version__ = '21.3.1'\n")
        done = two.flag("base==1.0")
        assert done.returncode == 1
        assert done.stderr.splitlines()[-2:] == [
            "ERROR: pip install --allow-multiple: pip 21.3.1 is too old, it takes 22.3",
            "  Run: python -m pip install --upgrade pip",
        ]


class TestPlanting:
    """Plain pip never gets worse, and a process that isn't pip gets nothing."""

    def test_no_watch_without_the_word(self, planted_program):
        program = "import sys; print(*(getattr(one, '__name__', '') for one in sys.meta_path))"
        assert "PipWatch" not in planted_program(program).stdout.split()
        assert planted_program(program, "pip").stdout.split()[0] == "PipWatch"

    def test_the_watch_leaves_no_trace(self, planted_program):
        program = """
            import sys
            import pip._internal.commands as commands
            import versioned_import_startup
            versioned_import_startup.register()
            print(any(getattr(one, "__name__", "") == "PipWatch" for one in sys.meta_path))
            print(type(commands.__loader__).__name__, commands.__loader__ is commands.__spec__.loader)
            print(commands.commands_dict["install"].class_name, commands.commands_dict["list"].class_name)
        """
        expected = ["False", "SourceFileLoader", "True", "InstallMultiple", "ListCommand"]
        assert planted_program(program, "pip").stdout.split() == expected

    def test_a_finder_of_the_old_kind_is_passed_over(self, environment):
        (environment.site / "sitecustomize.py").write_text(
            "import sys\n"
            "class Old:\n"
            "    def find_module(self, name, path=None): return None\n"
            "sys.meta_path.insert(0, Old())\n"
        )
        done = environment.own_pip("--version")
        assert (done.returncode, done.stderr) == (0, "")

    def test_start_up_files_of_others_get_nothing_and_load_nothing(self, environment):
        build(environment.wheels, "simplejson", "9.0", {"simplejson.py": "VERSION = 9\n"})
        assert said(environment.flag("simplejson")) == ["installed simplejson 9.0 in simplejson-9.0/"]
        (environment.site / "zz_optional.py").write_text(
            "import sys\n"
            "try:\n"
            "    import simplejson\n"
            "    FOUND = True\n"
            "except ModuleNotFoundError:\n"
            "    FOUND = False\n"
            "LOADED = 'versioned_import.runtime.fallback' in sys.modules\n"
        )
        (environment.site / "zz_optional.pth").write_text("import zz_optional\n")
        (environment.site / "usercustomize.py").write_text("")
        program = "import zz_optional, simplejson; print(zz_optional.FOUND, zz_optional.LOADED, simplejson.VERSION)"
        environment.plant()
        try:
            for customize in ("", "import simplejson\n"):  # what the user wrote is none of them
                (environment.site / "sitecustomize.py").write_text(customize)
                done = subprocess.run(
                    [environment.python, "-c", program],
                    env=environment.without_us(),
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert (done.stdout, done.stderr) == ("False False 9\n", "")
        finally:
            environment.unplant()

    def test_an_optional_import_of_pip_gets_nothing_from_a_versioned_directory(self, environment):
        build(environment.wheels, "simplejson", "9.0", {"simplejson.py": "raise SystemExit('taken')\n"})
        assert said(environment.flag("simplejson")) == ["installed simplejson 9.0 in simplejson-9.0/"]
        (environment.site / "sitecustomize.py").write_text(
            "import atexit\n"
            "@atexit.register\n"
            "def ask():\n"
            "    try:\n"
            "        import simplejson\n"
            "    except ModuleNotFoundError:\n"
            "        print('not there')\n"
        )
        assert environment.own_pip("--version").stdout.splitlines()[-1] == "not there"

    def test_a_table_of_another_shape_is_left_alone(self, planted_program):
        program = """
            import types
            from versioned_import.in_pip import watch
            commands = types.ModuleType("commands")
            watch._plant(commands)
            commands.commands_dict = {"install": ("module", "class")}
            watch._plant(commands)
            print(commands.commands_dict["install"][0])
        """
        assert planted_program(program, "pip").stdout.split() == ["module"]

    def test_pips_own_class_where_ours_can_not_be_imported(self, planted_program):
        program = """
            import sys
            sys.modules["versioned_import.in_pip.flag"] = None
            from pip._internal.commands import create_command
            print(type(create_command("install")).__name__)
        """
        assert planted_program(program, "pip").stdout.split() == ["InstallCommand"]

    def test_the_flag_unset_imports_nothing_of_the_machinery(self, planted_program):
        program = """
            import sys
            from pip._internal.commands import create_command
            print(type(create_command("install")).__name__)
            print(*sorted(name for name in sys.modules if name.startswith("versioned_import")))
            print(*(name for name in ("packaging", "filelock", "tomli_w") if name in sys.modules))
        """
        expected = ["InstallMultiple", "versioned_import", "versioned_import.in_pip"]
        expected += ["versioned_import.in_pip.flag", "versioned_import.in_pip.watch", "versioned_import_startup"]
        assert planted_program(program, "pip").stdout.split() == expected


def test_many_at_once_leave_every_record_true(two):
    build(two.wheels, "base", "3.0", {f"base/m{index}.py": "" for index in range(100)})
    two.plant()
    environ = two.without_us()
    command = [two.python, "-m", "pip", "install", "--allow-multiple", "--no-index", "--find-links", str(two.wheels)]
    wanted = (["base==3.0", "base==1.0"], ["old", "new", "base==3.0"], ["base==3.0", "old"])
    children = [
        subprocess.Popen([*command, *some], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for some in wanted
    ]
    results = [(child.communicate(timeout=120)[1], child.returncode) for child in children]
    two.unplant()
    assert [status for _, status in results] == [0] * len(wanted), results
    assert versioned_directories(two.site) == ["base-1.0", "base-3.0", "new-1.0", "old-1.0"]
    assert record_problems(two.site) == []
    assert two.staging() == []
