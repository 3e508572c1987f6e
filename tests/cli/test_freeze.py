"""`freeze` and `versioned_import.freeze()`: what a process has, as a lock that gives the same again."""

import json
import tomllib

import pytest
from made import make_flat, make_versioned, one_package, write
from packaging.pylock import Pylock

from versioned_import.install.engine import Staged
from versioned_import.install.origins import note_origin

HASH = "ab" * 32


def install(site, name, version, files=None, **metadata):
    """Make a versioned directory of which the installer has noted the file."""
    path = make_versioned(site, name, version, files, **metadata)
    file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    download = {"url": f"https://user:secret@index.example/{file}", "archive_info": {"hashes": {"sha256": HASH}}}
    note_origin(str(site), Staged(name=name, version=version, path=str(path), download=download))
    return path


@pytest.fixture
def freeze(children):
    def run(*words, **options):
        return children.start("-m", "versioned_import", "freeze", *words, **options)

    return run


def versions(text):
    return {one["name"]: one.get("version") for one in tomllib.loads(text)["packages"]}


class TestWhatIsInIt:
    def test_the_selection_with_files_and_hashes_and_no_password(self, site, children, freeze):
        install(site, "demo", "1.0", requires=["helper<2"])
        install(site, "demo", "2.0")
        install(site, "helper", "1.5")
        install(site, "helper", "2.5")
        target = children.program / "pylock.toml"
        done = freeze("-o", target, children.write("app.py", "import demo version 1\nprint(demo.VERSION)\n"))
        assert (done.returncode, done.stdout, done.stderr) == (0, "1.0\n", "")
        table = tomllib.loads(target.read_text())
        Pylock.from_dict(table).validate()
        assert versions(target.read_text()) == {"demo": "1.0", "helper": "1.5"}
        assert table["packages"][0]["wheels"] == [
            {
                "name": "demo-1.0-py3-none-any.whl",
                "url": "https://index.example/demo-1.0-py3-none-any.whl",
                "hashes": {"sha256": HASH},
            }
        ]

    def test_plain_imports_of_flat_installs_with_what_they_require(self, site, children, freeze):
        make_flat(site, "flat", "1.0", requires=["lazy", "absent", 'other; python_version < "3"'])
        make_flat(site, "lazy", "3.0")
        make_flat(site, "other", "1.0")
        make_flat(site, "not-imported", "1.0")
        done = freeze("-c", "import flat", environ={"PYTHONPATH": str(site)})
        assert versions(done.stdout) == {"flat": "1.0", "lazy": "3.0"}
        told = (
            "nobody has noted from which file it is: the lock has the version only, and other tools refuse such a lock"
        )
        assert done.stderr == f"note: flat 1.0, lazy 3.0: {told}\n"

    def test_portions_of_namespace_packages(self, site, children, freeze):
        make_flat(site, "ns-one", "1.0", {"ns/one/__init__.py": ""})
        make_flat(site, "ns-two", "1.0", {"ns/two.py": ""})
        make_flat(site, "ns-three", "1.0", {"ns/three.py": ""})
        done = freeze("-c", "import ns.one, ns.two", environ={"PYTHONPATH": str(site)})
        assert versions(done.stdout) == {"ns-one": "1.0", "ns-two": "1.0"}

    def test_what_has_a_direct_url_says_so(self, site, children, freeze, tmp_path):
        info = make_flat(site, "member", "1.0")
        place = tmp_path / "sources"
        direct = {"url": place.as_uri(), "dir_info": {"editable": True}}
        write(info / "direct_url.json", json.dumps(direct))
        make_flat(site, "checkout", "1.0")
        vcs = {"url": "https://index.example/c.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}
        write(site / "checkout-1.0.dist-info" / "direct_url.json", json.dumps(vcs))
        done = freeze("-c", "import member, checkout", environ={"PYTHONPATH": str(site)})
        packages = {one["name"]: one for one in tomllib.loads(done.stdout)["packages"]}
        assert packages["member"]["directory"] == {"path": str(place), "editable": True}
        assert packages["checkout"]["vcs"]["commit-id"] == "abc"
        Pylock.from_dict(tomllib.loads(done.stdout)).validate()

    def test_nothing_of_ours_or_of_the_standard_library(self, children, freeze):
        done = freeze("-c", "import json, versioned_import, asyncio, versioned_import.cli.output")
        assert (done.returncode, versions(done.stdout)) == (0, {})

    def test_what_threads_import_before_the_process_ends(self, site, children, freeze):
        install(site, "late", "1.0")
        program = """\
            import threading, time
            def work():
                time.sleep(0.3)
                import late version 1
            threading.Thread(target=work).start()
        """
        assert versions(freeze(children.write("app.py", program)).stdout) == {"late": "1.0"}


class TestEndings:
    def test_an_exception_is_told_and_ends_the_program_as_ever(self, site, children, freeze):
        install(site, "demo", "1.0")
        program = children.write("app.py", "import demo version 1\nraise ValueError('mine')\n")
        done = freeze("-o", children.program / "pylock.toml", program)
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            "note: the program ended by ValueError: the lock has what was selected until then",
            "Traceback (most recent call last):",
            f'  File "{program}", line 2, in <module>',
            "    raise ValueError('mine')",
            "ValueError: mine",
        ]
        assert versions((children.program / "pylock.toml").read_text()) == {"demo": "1.0"}

    @pytest.mark.parametrize(("ending", "status"), [("sys.exit(7)", 7), ("sys.exit()", 0), ("pass", 0)])
    def test_the_exit_status_is_the_programs(self, site, children, freeze, ending, status):
        done = freeze("-o", children.program / "pylock.toml", "-c", f"import sys\n{ending}")
        assert (done.returncode, done.stderr) == (status, "")

    def test_the_words_behind_the_program_are_its_own(self, children, freeze):
        program = children.write("app.py", "import sys\nprint(sys.argv[1:])\n")
        done = freeze("-o", children.program / "l.toml", program, "-o", "x", "--json", "-h")
        assert done.stdout == "['-o', 'x', '--json', '-h']\n"

    def test_json(self, site, children, freeze):
        make_versioned(site, "demo", "1.0")
        told = json.loads(freeze("--json", "-c", "import demo version 1").stdout)
        assert told["unknown"] == ["demo 1.0"]
        assert (told["output"], versions(told["text"])) == ("", {"demo": "1.0"})
        assert len(told["notices"]) == 1

    @pytest.mark.parametrize("words", [(), ("-o", "x.toml"), ("--json",)])
    def test_no_program(self, freeze, words):
        done = freeze(*words)
        sentence = "no program is named: versioned-import freeze [-o FILE] app.py [ARG ...]"
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {sentence}\n")

    def test_a_directory_that_is_not_there_is_told_before_the_program_runs(self, children, freeze):
        path = children.program / "no" / "pylock.toml"
        done = freeze("-o", path, "-c", "print('ran')")
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {path}: its directory does not exist\n")


class TestRoundTrip:
    def test_a_project_run_from_the_lock_gets_the_same(self, site, children, freeze):
        install(site, "demo", "1.0", one_package("demo", "1.0", below=""), requires=["helper"])
        install(site, "demo", "2.0")
        install(site, "helper", "1.5")
        make_flat(site, "flat", "1.0")
        make_versioned(site, "flat", "2.0")
        program = children.write(
            "app.py", "import demo version 1\nimport demo.below, helper, flat\nprint(demo.__file__, flat.__file__)\n"
        )
        lock = children.program / "pylock.toml"
        first = freeze("-o", lock, "--no-project", program, environ={"PYTHONPATH": str(site)})
        assert first.returncode == 0
        again = children.start("-m", "versioned_import", "--project", lock, program)
        assert (again.stdout, again.stderr) == (first.stdout, "")
        # And frozen from there once more, all that is locked is in it.
        text = freeze("--project", lock, "-c", "import demo").stdout
        assert versions(text) == versions(lock.read_text()) == {"demo": "1.0", "flat": "1.0", "helper": "1.5"}

    def test_the_function_returns_the_text_for_this_process(self, site, execute):
        install(site, "demo", "1.0")
        namespace = execute("import demo version 1\nimport versioned_import\ntext = versioned_import.freeze()\n")
        assert versions(namespace["text"])["demo"] == "1.0"

    def test_the_function_in_a_program_that_runs_from_a_lock(self, site, children):
        install(site, "demo", "1.0")
        install(site, "lazy", "1.0")
        lock = children.write(
            "pylock.toml",
            'lock-version = "1.0"\ncreated-by = "versioned-import"\n'
            + "".join(f'[[packages]]\nname = "{name}"\nversion = "1.0"\n' for name in ("demo", "lazy")),
        )
        program = children.write("app.py", "import demo, versioned_import\nprint(versioned_import.freeze())\n")
        done = children.start("-m", "versioned_import", "--project", lock, program)
        assert (done.returncode, done.stderr) == (0, "")
        assert versions(done.stdout) == {"demo": "1.0", "lazy": "1.0"}


class TestWhatCantBeRun:
    """commands.md: the lock is written "when it ends": what never began leaves a lock that is there as it is."""

    @pytest.mark.parametrize(
        "words", [["--no-projekt", "app.py"], ["absent.py"], ["-m", "absent"], ["--project", "absent", "app.py"]]
    )
    def test_it_leaves_the_lock_alone(self, children, freeze, words):
        children.write("app.py", "print('here')\n")
        target = write(children.program / "pylock.toml.keep", "as it was")
        done = freeze("-o", target, *words)
        assert (done.returncode in (1, 2), done.stdout, target.read_text()) == (True, "", "as it was")


def test_a_file_without_a_place_is_told_as_unknown(site, children, freeze):
    """`sync` notes no place for what a lock names by its hash alone."""
    path = make_versioned(site, "demo", "1.0")
    download = {"url": "", "archive_info": {"hashes": {"sha256": HASH}}}
    note_origin(str(site), Staged(name="demo", version="1.0", path=str(path), download=download))
    done = freeze(children.write("app.py", "import demo version 1\n"))
    assert "note: demo 1.0: nobody has noted from which file it is" in done.stderr
