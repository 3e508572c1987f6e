"""`export`: what a lock chooses, as links, settings and requirements that other tools take."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from made import make_flat, make_versioned, one_package, write

from versioned_import.cli.commands import COMMANDS
from versioned_import.errors import InstallError
from versioned_import.exports.settings import settings_for
from versioned_import.exports.virtual_environment import Environment
from versioned_import.locks.lock import Locked
from versioned_import.projects.members import editable_place

HASH = "ab" * 32
TOOL = "import sys\nVERSION = {!r}\ndef main():\n    print(VERSION, sys.argv[1:])\n    return 3\n"


def entry(name, version, more=""):
    file = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    wheel = (
        f'[[packages.wheels]]\nname = "{file}"\nurl = "https://index.example/{file}"\nhashes = {{sha256 = "{HASH}"}}\n'
    )
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\n{more or wheel}\n'


def make_tool(site, version, **options):
    points = {f"tool-{version}.dist-info/entry_points.txt": "[console_scripts]\ntool = tool:main [extra]\n"}
    return make_versioned(site, "tool", version, {"tool.py": TOOL.format(version), **points}, **options)


@pytest.fixture
def project(children, site):
    """Return a function that locks entries, and exports the project with the words of a command line."""

    class Project:
        directory = children.program
        environment = children.program / "env"
        python = environment / "bin" / "python"
        packages = environment / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"

        def lock(self, *entries, **pins):
            texts = [*entries, *(entry(name.replace("_", "-"), version) for name, version in pins.items())]
            return write(
                self.directory / "pylock.toml", 'lock-version = "1.0"\ncreated-by = "made"\n\n' + "\n".join(texts)
            )

        def export(self, *words):
            return children.start("-m", "versioned_import", "export", "--project", self.directory, *words)

        def make(self, *words):
            done = self.export("--venv", self.environment, *words)
            assert (done.returncode, done.stderr) == (0, "")
            return done.stdout

        def run(self, *words, program=None):
            clean = {key: value for key, value in children.environ.items() if not key.startswith("VERSIONED_IMPORT")}
            return subprocess.run(
                [program or self.python, *words],
                env=clean,
                cwd=children.elsewhere,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )

        def output(self, code):
            done = self.run("-c", code)
            assert (done.returncode, done.stderr) == (0, "")
            return done.stdout.strip()

    return Project()


class TestEnvironments:
    def test_it_has_the_locked_versions_and_nothing_else(self, project, site):
        make_versioned(site, "demo", "1.0", one_package("demo", "1.0", below="VALUE = 1\n"))
        make_versioned(site, "demo", "2.0", one_package("demo", "2.0"))
        make_flat(site, "beside", "1.0")
        project.lock(demo="1.0")
        assert project.make() == f"{project.environment}: 1 distribution, by links\n"
        code = "import demo.below, importlib.metadata as m; print(demo.VERSION, [d.name for d in m.distributions()])"
        assert project.output(code) == "1.0 ['demo']"
        for name in ("beside", "versioned_import", "pip"):
            assert project.run("-c", f"import {name}").stderr.endswith(f"No module named '{name}'\n")

    def test_console_scripts_are_launchers_of_its_python(self, project, site):
        make_tool(site, "1.0")
        project.lock(tool="1.0")
        project.make()
        done = project.run("a", "b c", program=project.environment / "bin" / "tool")
        assert (done.returncode, done.stdout) == (3, "1.0 ['a', 'b c']\n")

    def test_script_files_of_python_start_its_python_and_others_are_links(self, project, site):
        scripts = {"tool-1.0.data/scripts/say": "#!python\nimport sys, tool\nprint(sys.prefix, tool.VERSION)\n"}
        scripts["tool-1.0.data/scripts/shell"] = "#!/bin/sh\necho shell\n"
        make_versioned(site, "tool", "1.0", {"tool.py": TOOL.format("1.0"), **scripts})
        os.chmod(site / "tool-1.0" / "tool-1.0.data" / "scripts" / "shell", 0o755)
        project.lock(tool="1.0")
        project.make()
        binaries = project.environment / "bin"
        assert project.run(program=binaries / "say").stdout == f"{project.environment} 1.0\n"
        assert project.run(program=binaries / "shell").stdout == "shell\n"
        assert (binaries / "shell").is_symlink()

    def test_headers_and_data_stand_where_they_belong_and_never_replace_anything(self, project, site):
        data = "tool-1.0.data"
        files = {f"{data}/headers/tool.h": "", f"{data}/data/share/tool/x.txt": "x", f"{data}/data/pyvenv.cfg": "bad"}
        make_versioned(site, "tool", "1.0", {"tool.py": "", **files})
        project.lock(tool="1.0")
        done = project.export("--venv", project.environment)
        assert done.stderr == "note: pyvenv.cfg is the environment's own, and stays\n"
        version = project.packages.parent.name
        assert (project.environment / "include" / "site" / version / "tool" / "tool.h").is_file()
        assert (project.environment / "share" / "tool" / "x.txt").read_text() == "x"
        assert not (project.environment / "share").is_symlink()
        assert "home = " in (project.environment / "pyvenv.cfg").read_text()

    def test_namespace_packages_are_real_directories_of_links(self, project, site):
        make_versioned(site, "ns-one", "1.0", {"ns/one/__init__.py": "", "ns/deep/a.py": ""})
        make_versioned(site, "ns-two", "1.0", {"ns/two.py": "", "ns/deep/b.py": ""})
        make_flat(site, "ns-three", "1.0", {"ns/three/__init__.py": ""})
        make_flat(site, "ns-four", "1.0", {"ns/four.py": ""})
        project.lock(ns_one="1.0", ns_two="1.0", ns_three="1.0")
        project.make()
        project.output("import ns.one, ns.two, ns.three, ns.deep.a, ns.deep.b")
        assert "No module named 'ns.four'" in project.run("-c", "import ns.four").stderr
        assert not (project.packages / "ns").is_symlink()
        assert (project.packages / "ns" / "one").is_symlink()

    def test_a_namespace_of_one_distribution_can_be_added_to_without_harm(self, project, site):
        place = make_versioned(site, "ns-one", "1.0", {"ns/one/__init__.py": ""})
        project.lock(ns_one="1.0")
        project.make()
        write(project.packages / "ns" / "new.py", "")
        assert not (place / "ns" / "new.py").exists()

    def test_two_distributions_in_one_package_are_merged_and_a_different_file_is_told(self, project, site):
        make_versioned(site, "one", "1.0", {"both/__init__.py": "W = 1\n", "both/a.py": "", "both/same.py": "S = 1\n"})
        make_versioned(site, "two", "1.0", {"both/__init__.py": "W = 2\n", "both/b.py": "", "both/same.py": "S = 1\n"})
        project.lock(one="1.0", two="1.0")
        done = project.export("--venv", project.environment)
        told = "two: __init__.py is left out: another distribution has a different file of that name"
        assert (done.returncode, done.stderr) == (0, f"note: {told}\n")
        assert project.output("import both.a, both.b, both.same; print(both.W)") == "1"

    def test_a_flat_install_brings_what_its_record_has_only(self, project, site):
        make_flat(site, "demo", "1.0", one_package("demo", "1.0"))
        write(site / "demo" / "left_over.py", "")
        project.lock(demo="1.0")
        project.make()
        assert project.output("import demo; print(demo.VERSION)") == "1.0"
        assert "No module named 'demo.left_over'" in project.run("-c", "import demo.left_over").stderr

    def test_metadata_is_whole_but_for_the_record_without_which_installers_change_nothing(self, project, site):
        make_tool(site, "1.0")
        project.lock(tool="1.0")
        project.make()
        code = """if True:
            import importlib.metadata as m
            print(m.version("tool"), m.packages_distributions(), m.files("tool")[0])
            print(m.distribution("tool").read_text("RECORD"), m.distribution("tool").read_text("INSTALLER").strip())
            print([one.name for one in m.entry_points(group="console_scripts")])
        """
        assert project.output(code).splitlines() == [
            "1.0 {'tool': ['tool']} tool.py",
            "None versioned_import",
            "['tool']",
        ]

    def test_pth_files_of_locked_distributions_are_run_by_site(self, project, site):
        files = {"added.pth": "more\n", "more/inside.py": "", "demo.py": ""}
        make_versioned(site, "demo", "1.0", files)
        project.lock(demo="1.0")
        project.make()
        project.output("import demo, inside")

    def test_an_editable_member_that_is_not_built_is_a_path(self, project, tmp_path):
        write(tmp_path / "member" / "src" / "member.py", "WHO = 'sources'\n")
        directory = f'directory = {{path = "{tmp_path / "member"}", editable = true}}\n'
        project.lock(f'[[packages]]\nname = "member"\n{directory}')
        project.make()
        assert project.output("import member; print(member.WHO)") == "sources"

    @pytest.mark.parametrize("by_finder", [False, True])
    def test_a_built_editable_member_comes_with_its_metadata(self, project, site, tmp_path, by_finder):
        sources = tmp_path / "member"
        write(sources / "member" / "__init__.py", "WHO = 'sources'\n")
        locked = Locked(distribution="member", directory=str(sources), editable=True)
        files = {"__editable__.member.pth": f"{sources}\n"}
        if by_finder:
            finder = f"MAPPING: dict[str, str] = {{'member': '{sources / 'member'}'}}\nNAMESPACES: dict = {{}}\n"
            files = {"__editable__.member.pth": "import sys\n", "__editable___member_finder.py": finder}
        make_flat(editable_place(str(site), locked), "member", "1.5", files)
        project.lock(f'[[packages]]\nname = "member"\ndirectory = {{path = "{sources}", editable = true}}\n')
        project.make()
        code = "import member, importlib.metadata as m; print(member.WHO, m.version('member'))"
        assert project.output(code) == "sources 1.5"


class TestReplacing:
    def test_an_export_is_replaced_as_a_whole(self, project, site):
        make_versioned(site, "demo", "1.0")
        make_versioned(site, "demo", "2.0")
        make_versioned(site, "old", "1.0")
        project.lock(demo="1.0", old="1.0")
        project.make()
        project.lock(demo="2.0")
        project.make()
        assert project.output("import demo; print(demo.VERSION)") == "2.0"
        assert "No module named 'old'" in project.run("-c", "import old").stderr
        assert sorted(os.listdir(project.directory)) == ["env", "pylock.toml"]

    def test_what_something_else_made_stays(self, project, site):
        make_versioned(site, "demo", "1.0")
        project.lock(demo="1.0")
        write(project.environment / "mine.txt", "mine")
        done = project.export("--venv", project.environment)
        reason = "something else is there already, which no export has made"
        advice = "Name another directory, or remove this one."
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == f"error: {project.environment}: {reason}\n  {advice}\n"
        assert os.listdir(project.environment) == ["mine.txt"]

    def test_an_empty_directory_is_free(self, project, site):
        make_versioned(site, "demo", "1.0")
        project.lock(demo="1.0")
        project.environment.mkdir()
        project.make()

    def test_what_is_missing_is_told_and_the_old_export_stays(self, project, site):
        make_versioned(site, "demo", "1.0")
        project.lock(demo="1.0")
        project.make()
        project.lock(demo="2.0")
        done = project.export("--venv", project.environment)
        assert done.returncode == 1
        assert "demo 2.0: not installed" in done.stderr
        assert "versioned-import sync" in done.stderr
        assert project.output("import demo; print(demo.VERSION)") == "1.0"

    def test_what_a_killed_export_left_is_removed_by_the_next(self, project, site):
        make_versioned(site, "demo", "1.0")
        project.lock(demo="1.0")
        write(project.directory / ".env.export-0123456789ab" / "new" / "half", "")
        write(project.directory / ".env.export-0123456789ab.lock", "")
        project.make()
        assert sorted(os.listdir(project.directory)) == ["env", "pylock.toml"]

    def test_exports_to_one_place_at_once_leave_one_whole(self, project, site):
        make_versioned(site, "demo", "1.0")
        project.lock(demo="1.0")
        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(lambda _: project.export("--venv", project.environment), range(3)))
        assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 3
        assert project.output("import demo; print(demo.VERSION)") == "1.0"
        assert sorted(os.listdir(project.directory)) == ["env", "pylock.toml"]

    def test_its_scripts_name_its_own_place(self, project, site):
        make_tool(site, "1.0")
        project.lock(tool="1.0")
        project.make()
        for path in ("bin/activate", "bin/tool", "pyvenv.cfg"):
            assert ".export-" not in (project.environment / path).read_text()
        assert str(project.environment) in (project.environment / "bin" / "activate").read_text()


class TestSettings:
    @pytest.fixture
    def environment(self, tmp_path):
        return Environment(str(tmp_path / "env"), str(tmp_path / "env" / "bin" / "python"), "")

    def test_pyright_is_told_of_an_environment_in_the_cache(self, project, site, tmp_path):
        make_versioned(site, "demo", "1.0")
        project.lock(demo="1.0")
        done = project.export("--pyright")
        told = json.loads(done.stdout)
        assert told["venvPath"] == str(tmp_path / "cache" / "exports")
        assert os.path.isfile(os.path.join(told["venvPath"], told["venv"], "bin", "python"))
        assert json.loads(project.export("--pyright").stdout) == told

    def test_mypy_is_told_of_its_python(self, project, site):
        make_versioned(site, "demo", "1.0")
        project.lock(demo="1.0")
        done = project.export("--mypy", "--venv", project.environment)
        assert done.stdout == f"[mypy]\npython_executable = {project.python}\n"

    def test_other_settings_of_pyright_stay(self, environment, tmp_path):
        file = write(tmp_path / "pyrightconfig.json", '{"strict": ["src"], "venv": "old"}')
        told = json.loads(settings_for("pyright", environment, str(file)))
        assert (told["strict"], told["venv"], told["venvPath"]) == (["src"], "env", str(tmp_path))

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("", "[mypy]\nLINE\n"),
            ("[other]\na = 1\n", "[other]\na = 1\n\n[mypy]\nLINE\n"),
            ("[mypy]\nstrict = True\n\n[mypy-x]\nb = 1\n", "[mypy]\nLINE\nstrict = True\n\n[mypy-x]\nb = 1\n"),
            ("[mypy]\n# why\npython_executable = /old\nb = 1\n", "[mypy]\n# why\nLINE\nb = 1\n"),
            ("[mypy]\nPython_Executable: /old\nb = 1\n", "[mypy]\nLINE\nb = 1\n"),
            (
                "[DEFAULT]\npython_executable = /old\n[mypy]\nb = 1\n",
                "[DEFAULT]\npython_executable = /old\n[mypy]\nLINE\nb = 1\n",
            ),
            ("[mypy]\npython_executable =\n    /old\nb = 1\n", "[mypy]\nLINE\nb = 1\n"),
            ("[mypy]\n  python_executable =\n\n# c\n    /old\n  b = 1\n", "[mypy]\n  LINE\n  b = 1\n"),
            ("[mypy]\npython_executable = /old\n\n# why\nb = 1\n", "[mypy]\nLINE\n\n# why\nb = 1\n"),
        ],
    )
    def test_other_settings_of_mypy_stay(self, environment, tmp_path, before, after):
        file = write(tmp_path / "mypy.ini", before)
        assert settings_for("mypy", environment, str(file)) == after.replace(
            "LINE", f"python_executable = {environment.python}"
        )

    @pytest.mark.parametrize(
        ("name", "text", "reason"),
        [
            ("mypy.ini", " [mypy]\nb = 1\n", "its section [mypy] can't be found by this command"),
            (
                "mypy.ini",
                "[mypy]\na =\n  python_executable = x\n",
                "its python_executable can't be replaced by this command",
            ),
            ("pyproject.toml", "[tool.mypy]\nstrict = true\n", "it is no settings file of mypy (mypy.ini, setup.cfg)"),
        ],
    )
    def test_what_cannot_be_merged_surely_is_refused(self, environment, tmp_path, name, text, reason):
        file = write(tmp_path / name, text)
        with pytest.raises(InstallError) as caught:
            settings_for("mypy", environment, str(file))
        advice = "Run the command without -o, and write what it prints by hand."
        assert str(caught.value) == f"{file}: {reason}\n  {advice}"

    def test_a_link_to_settings_stays_one(self, project, site):
        make_versioned(site, "demo", "1.0")
        project.lock(demo="1.0")
        real, link = write(project.directory / "real.ini", "[mypy]\nstrict = True\n"), project.directory / "mypy.ini"
        real.chmod(0o600)
        link.symlink_to("real.ini")
        done = project.export("--mypy", "--venv", project.environment, "-o", link)
        assert (done.returncode, done.stderr, done.stdout.splitlines()[-1]) == (0, "", str(link))
        assert (link.is_symlink(), real.stat().st_mode & 0o777) == (True, 0o600)
        assert real.read_text() == f"[mypy]\npython_executable = {project.python}\nstrict = True\n"

    def test_the_standard_output_of_the_command_is_no_settings_file(self, project, site):
        make_versioned(site, "demo", "1.0")
        project.lock(demo="1.0")
        (project.directory / "out").symlink_to("/proc/self/fd/1")
        done = project.export("--mypy", "--venv", project.environment, "-o", project.directory / "out")
        assert (done.stdout, done.stderr) == (f"[mypy]\npython_executable = {project.python}\n", "")
        assert (project.directory / "out").is_symlink()

    def test_settings_that_cannot_be_merged_stay(self, project, site):
        make_versioned(site, "demo", "1.0")
        project.lock(demo="1.0")
        file = write(project.directory / "pyrightconfig.json", "// mine\n{}")
        done = project.export("--pyright", "-o", file)
        assert done.returncode == 1
        assert "it is no plain JSON" in done.stderr
        assert file.read_text() == "// mine\n{}"


class TestRequirements:
    def test_pins_and_hashes(self, project):
        project.lock(demo="1.0", other="2.0")
        done = project.export("--requirements")
        assert done.returncode == 0
        assert done.stdout.splitlines()[1:] == [
            "demo==1.0 \\",
            f"    --hash=sha256:{HASH}",
            "other==2.0 \\",
            f"    --hash=sha256:{HASH}",
        ]

    def test_without_hashes(self, project):
        project.lock(demo="1.0")
        assert project.export("--requirements", "--no-hashes").stdout.splitlines()[1:] == ["demo==1.0"]

    def test_a_member_means_no_hashes_and_that_is_told(self, project):
        directory = f'directory = {{path = "{project.directory}", editable = true}}\n'
        vcs = 'vcs = {type = "git", url = "https://index.example/one.git", commit-id = "abc", subdirectory = "below"}\n'
        archive = f'archive = {{url = "https://index.example/two.zip", hashes = {{sha256 = "{HASH}"}}}}\n'
        project.lock(
            entry("demo", "1.0"),
            f'[[packages]]\nname = "member"\n{directory}',
            entry("one", "1.0", vcs),
            entry("two", "1.0", archive),
        )
        done = project.export("--requirements")
        told = "without hashes: pip takes them for all requirements or for none, and the lock has none that fits of member, one"
        assert done.stderr == f"note: {told}\n"
        assert done.stdout.splitlines()[1:] == [
            f"# {told}",
            "demo==1.0",
            f"-e {project.directory}",
            "one @ git+https://index.example/one.git@abc#subdirectory=below",
            "two @ https://index.example/two.zip",
        ]

    def test_into_a_file_and_as_json(self, project):
        project.lock(demo="1.0")
        file = project.directory / "requirements.out"
        told = json.loads(project.export("--requirements", "--json", "-o", file).stdout)
        assert file.read_text() == told["text"]
        assert told["output"] == str(file)
        assert told["distributions"] == [{"name": "demo", "version": "1.0"}]

    def test_a_directory_that_is_not_there(self, project):
        project.lock(demo="1.0")
        done = project.export("--requirements", "-o", project.directory / "no" / "file.txt")
        assert (done.returncode, done.stderr) == (
            1,
            f"error: {project.directory / 'no' / 'file.txt'}: No such file or directory\n",
        )


class TestCommandLine:
    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ((), "say what is wanted: --venv DIR, --pyright, --mypy or --requirements"),
            (
                ("--pyright", "--mypy"),
                "--pyright, --mypy and --requirements go one at a time; --venv DIR goes with one of the first two",
            ),
            (("--venv", "x", "--no-hashes"), "--no-hashes is for --requirements"),
            (("--venv", "x", "-o", "y"), "-o FILE is for --pyright, --mypy and --requirements"),
        ],
    )
    def test_senseless_words(self, project, words, sentence):
        done = project.export(*words)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {sentence}\n")

    def test_json_of_an_environment(self, project, site):
        make_versioned(site, "demo", "1.0")
        lock = project.lock(demo="1.0")
        told = json.loads(project.make("--json"))
        assert told == {
            "lock": str(lock),
            "directory": str(project.environment),
            "python": str(project.python),
            "output": "",
            "text": "",
            "distributions": [{"name": "demo", "version": "1.0"}],
            "notices": [],
        }

    def test_it_is_a_command(self):
        assert COMMANDS["export"] == "export"
