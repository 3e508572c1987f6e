"""From the statements of programs to requirements, as data."""

import os

import pytest

from versioned_import.errors import InstallError
from versioned_import.install.program import asked_for, clashes, python_files, read_program
from versioned_import.resolver.request import Request


def asked(*statements, **known):
    """Return the requirements of (name, clause) pairs; `known` is import name to distributions."""
    requests = [Request(name, clause, f"app.py:{line}") for line, (name, clause) in enumerate(statements, start=1)]
    return asked_for(requests, lambda name: known.get(name.replace(".", "_"), ()))


class TestRequirements:
    @pytest.mark.parametrize(
        ("name", "clause", "expected"),
        [
            ("requests", "2", "requests==2.*"),
            ("requests", "2.31.0", "requests==2.31.0.*"),
            ("requests", "2.31.*", "requests==2.31.*"),
            ("requests", "2.0rc1", "requests==2.0rc1"),
            ("torch", "2.1+cu121", "torch==2.1+cu121"),
            ("requests", "~=2.31", "requests~=2.31"),
            ("yaml", "6", "PyYAML==6.*"),
            ("PIL.Image", "10", "pillow==10.*"),
            ("cv2", "opencv-python-headless>=4.8", "opencv-python-headless>=4.8"),
            ("requests", "Requests[socks,use_chardet]>=2", "requests[socks,use_chardet]>=2"),
            ("a.b.c", "1", "a==1.*"),
        ],
    )
    def test_of_one_statement(self, name, clause, expected):
        (found,) = asked((name, clause))
        assert found.requirement == expected

    def test_only_a_name_out_of_nowhere_is_a_guess(self):
        found = asked(("demo", "1"), ("yaml", "1"), ("other", "named>=1"), ("known", "1"), known=["a-known"])
        assert [(one.requirement, one.guessed) for one in found] == [
            ("demo==1.*", True),
            ("PyYAML==1.*", False),
            ("named>=1", False),
            ("a-known==1.*", False),
        ]

    def test_the_same_twice_is_one(self):
        (found,) = asked(("demo", "1"), ("demo.sub", "1"))
        assert [one.where for one in found.statements] == ["app.py:1", "app.py:2"]

    def test_several_distributions_provide_it(self):
        with pytest.raises(InstallError) as raised:
            asked(("cv2", "4"), cv2=["opencv-python", "opencv-python-headless"])
        assert str(raised.value) == (
            "import cv2 version 4 (app.py:1): several distributions provide cv2: opencv-python, opencv-python-headless\n"
            '  Name the one that is meant: import cv2 version "NAME==4.*"'
        )

    def test_a_namespace_that_many_share(self):
        with pytest.raises(InstallError) as raised:
            asked(("google.cloud.storage", "2"))
        assert str(raised.value) == (
            "import google.cloud.storage version 2 (app.py:1): many distributions have a part of google, and nothing"
            " installed has google.cloud.storage\n"
            '  Name the distribution: import google.cloud.storage version "NAME==2.*"'
        )
        (found,) = asked(("google.cloud.storage", "2"), google_cloud_storage=["google-cloud-storage"])
        assert found.requirement == "google-cloud-storage==2.*"

    def test_clashes_are_those_of_one_distribution_that_no_version_meets(self):
        found = asked(("demo", "1"), ("demo", ">=1,<1.5"), ("demo", "2"), ("other", "1"))
        assert [(one.requirement, other.requirement) for one, other in clashes(found)] == [
            ("demo==1.*", "demo==2.*"),
            ("demo<1.5,>=1", "demo==2.*"),
        ]


class TestReading:
    def test_statements_and_plain_imports(self, tmp_path):
        path = tmp_path / "app.py"
        path.write_text(
            "# coding: versioned\n"
            "import requests version 2.31, os\n"
            "__import_versions__ = {'yaml': '6'}\n"
            "import yaml\n"
            "def f():\n"
            "    from a.b import c, d as e\n"
            "    from . import own\n"
            "    from star import *\n"
            "    import requests.sessions\n"
        )
        program = read_program(str(path))
        assert [(one.statement, one.where) for one in program.statements] == [
            ("import requests version 2.31", f"{path}:2"),
            ("import yaml version 6", f"{path}:4"),
        ]
        assert program.plain == ("os", "a.b", "a.b.c", "a.b.d", "star")

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"import a version latest\n", ":1: "),
            (b"x = (\n", ":1: '(' was never closed"),
            (b"\xff\n", ": invalid or missing encoding declaration"),
            (b"x\0\n", ": source code string cannot contain null bytes"),
        ],
    )
    def test_mistakes(self, tmp_path, data, message):
        path = tmp_path / "app.py"
        path.write_bytes(data)
        with pytest.raises(InstallError) as raised:
            read_program(str(path))
        assert str(raised.value).startswith(f"{path}{message}")

    @pytest.mark.parametrize(
        ("name", "advice"),
        [
            ("requirements.txt", "A requirements file? pip install --allow-multiple -r {path}"),
            ("uv.lock", "Of locks, pylock.toml is read."),
        ],
    )
    def test_what_is_no_program_at_all(self, tmp_path, name, advice):
        path = tmp_path / name
        path.write_text("black == 24.1.0 ; x\n[[package]]\nx=")
        with pytest.raises(InstallError) as raised:
            read_program(str(path))
        assert str(raised.value).endswith(f"\n  {advice.format(path=path)}")

    def test_files_of_directories(self, tmp_path):
        for name in ("b.py", "a/c.py", "a/note.txt", ".hidden/x.py", "venv/x.py", "lib/site-packages/x.py", "tool"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("")
        (tmp_path / "venv" / "pyvenv.cfg").write_text("")
        (tmp_path / "window.pyw").write_text("")
        tool = str(tmp_path / "tool")
        (tmp_path / "tool").write_text("#!/usr/bin/env python3\n")
        below = [f"{tmp_path}/b.py", f"{tmp_path}/window.pyw", f"{tmp_path}/a/c.py"]
        assert python_files([tool, str(tmp_path), tool]) == [tool, *below]

    @pytest.mark.parametrize(
        "line",
        ["#!/usr/bin/python3 -I", "#!/usr/bin/env pypy3", "#!/usr/bin/env -S uv run --script", "# coding: versioned"],
    )
    def test_what_makes_a_file_python_without_the_name(self, tmp_path, line):
        path = tmp_path / "tool"
        path.write_text(f"{line}\nimport a version 1\n")
        assert python_files([str(path)]) == [str(path)]

    def test_linked_directories_are_looked_into_once(self, tmp_path):
        for name in ("project/main.py", "elsewhere/one.py", "elsewhere/sub/two.py", "lib/site-packages/x.py"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("")
        project = tmp_path / "project"
        (project / "src").symlink_to("../elsewhere")
        (project / "twice").symlink_to("../elsewhere")
        (tmp_path / ".stored").mkdir()
        (tmp_path / ".stored" / "three.py").write_text("")
        (project / "stored").symlink_to("../.stored")
        (project / "packages").symlink_to("../lib/site-packages")
        (tmp_path / "elsewhere" / "sub" / "up").symlink_to(project)
        below = [
            f"{project}/main.py",
            f"{project}/src/one.py",
            f"{project}/src/sub/two.py",
            f"{project}/stored/three.py",
        ]
        assert python_files([str(project)]) == below

    def test_a_directory_that_cannot_be_listed(self, tmp_path, monkeypatch):
        for name in ("main.py", "secret/app.py"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("")
        scan = os.scandir

        def refuse(path):
            if str(path).endswith("secret"):
                raise PermissionError(13, "Permission denied", path)
            return scan(path)

        # The superuser, whom nothing is forbidden, may run the tests.
        monkeypatch.setattr(os, "scandir", refuse)
        with pytest.raises(InstallError) as raised:
            python_files([str(tmp_path)])
        assert str(raised.value) == f"{tmp_path}/secret: it can't be read: Permission denied"

    def test_a_pipe(self, tmp_path):
        path = tmp_path / "pipe"
        os.mkfifo(path)
        with pytest.raises(InstallError) as raised:
            python_files([str(path)])
        assert str(raised.value) == f"{path}: it is neither a file nor a directory"

    def test_a_directory_without_programs(self, tmp_path):
        with pytest.raises(InstallError) as raised:
            python_files([str(tmp_path)])
        assert str(raised.value) == (
            f"{tmp_path}: there is no Python source file (.py, .pyw) in this directory\n"
            "  Hidden directories, virtual environments and site directories below are passed over."
        )

    def test_a_file_that_is_not_there(self, tmp_path):
        with pytest.raises(InstallError) as raised:
            python_files([str(tmp_path / "absent")])
        assert str(raised.value) == f"{tmp_path}/absent: there is no such file or directory"
