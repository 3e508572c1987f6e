"""A current directory that was deleted: everything works that does not need it, as with Python alone."""

import sys

import pytest
from made import make_versioned

# What a shell does whose directory is deleted, and Python started in it.
IN_A_DELETED_ONE = (
    "import os, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone'); os.execv(sys.argv[1], sys.argv[1:])"
)


@pytest.fixture(autouse=True)
def _demo(site):
    make_versioned(site, "demo", "1.0")


@pytest.fixture
def inside(children):
    """Return a function that runs Python in a deleted directory."""

    def run(*arguments, **options):
        words = ["-c", IN_A_DELETED_ONE, sys.executable, "-s", *arguments]
        return children.start(*words, **options)

    return run


def seen(done):
    return done.stdout, done.stderr, done.returncode


class TestRunner:
    PROGRAM = "import demo version 1\nimport sys\nprint(demo.VERSION, __name__, sys.argv[1:])\n"

    def test_code(self, inside):
        done = inside("-m", "versioned_import", "-c", self.PROGRAM, "x")
        assert seen(done) == ("1.0 __main__ ['x']\n", "", 0)

    def test_standard_input(self, inside):
        done = inside("-m", "versioned_import", "-", "x", input=self.PROGRAM)
        assert seen(done) == ("1.0 __main__ ['x']\n", "", 0)

    def test_nothing(self, inside):
        assert seen(inside("-m", "versioned_import", input=self.PROGRAM)) == ("1.0 __main__ []\n", "", 0)

    def test_file(self, inside, children):
        done = inside("-m", "versioned_import", children.write("app.py", self.PROGRAM), "x")
        assert seen(done) == ("1.0 __main__ ['x']\n", "", 0)

    @pytest.mark.parametrize("way", ["-c", "-"])
    def test_entries_of_the_path_are_those_of_python(self, inside, way):
        text = "import sys\nprint(sys.path)"
        words = {"-c": ["-c", text], "-": ["-"]}[way]
        assert seen(inside("-m", "versioned_import", *words, input=text)) == seen(inside(*words, input=text))

    def test_module(self, inside, site):
        make_versioned(site, "told", "1.0", {"told.py": "import sys\nprint(sys.path, sys.argv[1:], __name__)\n"})
        path = {"PYTHONPATH": str(site / "told-1.0")}
        ours = inside("-m", "versioned_import", "-m", "told", "x", environ=path)
        assert seen(ours) == seen(inside("-m", "told", "x", environ=path))
        assert "['x'] __main__" in ours.stdout

    def test_file_that_was_there(self, inside):
        message = "versioned_import: can't open file 'app.py': [Errno 2] No such file or directory\n"
        assert seen(inside("-m", "versioned_import", "./app.py")) == ("", message.replace("app", "./app", 1), 2)

    def test_lock_that_was_there(self, inside):
        done = inside("-m", "versioned_import", "--project", "app", "-c", "")
        assert seen(done) == ("", "error: app: there is no such file\n", 1)

    def test_doctor(self, inside):
        assert inside("-m", "versioned_import", "doctor").stderr == ""


class TestErrors:
    def test_statement_that_nobody_can_meet(self, inside, children, site, second_site):
        app = children.write("app.py", "# coding: versioned\nimport demo version 9\n")
        lines = inside(app).stderr.splitlines()
        assert (
            f"versioned_import.VersionNotFoundError: import demo version 9 ({app}:2): no installed version fits"
            in lines
        )
        assert f"  demo 1.0 does not match: {site}/demo-1.0/" in lines
        assert lines[-1].endswith('-m versioned_import pip install --allow-multiple "demo==9.*"')

    def test_requirement_that_nobody_can_meet(self, inside):
        done = inside("-c", "import versioned_import; versioned_import.require('demo>=9')")
        assert 'VersionNotFoundError: require("demo>=9") (<string>:1): no installed version fits' in done.stderr

    def test_name_that_the_program_has_itself(self, inside, children):
        children.write("own.py", "")
        app = children.write("app.py", "# coding: versioned\nimport own version 1\n")
        assert f"  {app.parent / 'own.py'} is the program's own and has no version" in inside(app).stderr

    def test_conflict_with_what_is_loaded(self, inside):
        text = "import versioned_import\nimport demo version 1\nimport demo version 2\n"
        done = inside("-m", "versioned_import", "-c", text)
        assert "VersionConflictError: import demo version 2 (<string>:3): demo 1.0 is loaded already" in done.stderr


@pytest.mark.parametrize("variable", ["VERSIONED_IMPORT_PATH", "VERSIONED_IMPORT_CACHE_DIR"])
def test_variable_that_names_a_relative_place(inside, children, site, variable):
    values = {"VERSIONED_IMPORT_PATH": f"relative:{site}", "VERSIONED_IMPORT_CACHE_DIR": "relative"}
    app = children.write("app.py", "# coding: versioned\nimport demo version 1\nprint(demo.VERSION)\n")
    assert seen(inside(app, environ={variable: values[variable]})) == ("1.0\n", "", 0)


def test_directory_that_is_deleted_while_the_program_runs(children, site):
    text = """
        import os, sys
        sys.path[:0] = ["relative"]
        os.mkdir("gone"); os.chdir("gone"); os.rmdir("../gone")
        import demo version 1
        print(demo.VERSION)
        try:
            exec("import absent", {"__name__": "made", "__file__": "made.py"})
        except ModuleNotFoundError as error:
            print(error)
    """
    assert children.output(text, environ={"PYTHONPATH": "relative"}) == "1.0\nNo module named 'absent'"
