"""The copy that a tool is given: whatever it can reach through links is masked, or the run is refused."""

import errno
import os
from pathlib import Path

import pytest
from made import write

from versioned_import.plain_tools import judging
from versioned_import.plain_tools import mirror as mirroring
from versioned_import.plain_tools.mirror import Mirror
from versioned_import.plain_tools.places import cookie_at, roots_of
from versioned_import.plain_tools.source import SourceError
from versioned_import.plain_tools.taking_over import take_over

COOKIE = "# coding: versioned\nimport a version 1\n"
BLANKED = "# coding  versioned\nimport a          \n"


@pytest.fixture
def root(tmp_path):
    return tmp_path / "project"


def mirror(directory, *named, asked=(), decodes=True):
    named = [str(path) for path in named]
    return Mirror(
        roots_of(str(directory), named), str(directory), named, [str(path) for path in asked], decodes=decodes
    )


def test_a_file_that_goes_while_it_is_copied_is_left_out(root, monkeypatch):
    write(root / "pyproject.toml", "")
    write(root / "app.py", COOKIE)
    going = write(root / "going.txt", "")

    def judged(path, **options):
        if path == str(going):
            going.unlink()
        return judging.judged(path, **options)

    monkeypatch.setattr(mirroring, "judged", judged)
    with mirror(root) as copy:
        assert not going.exists()
        assert not os.path.lexists(copy.place(str(going)))
        assert set(copy.sources) == {str(root / "app.py")}


class TestLinks:
    def test_to_files_out_of_the_project_lead_to_masks(self, tmp_path, root):
        real = write(tmp_path / "real" / "app.py", COOKIE)
        script = write(tmp_path / "real" / "tool", COOKIE)
        write(root / "pyproject.toml", "")
        (root / "app.py").symlink_to(real)
        (root / "tool").symlink_to(script)
        with mirror(root, root / "app.py") as copy:
            assert set(copy.sources) == {str(real), str(script)}
            for name in "app.py", "tool":
                assert os.path.islink(copy.place(str(root / name)))
                assert Path(copy.place(str(root / name))).read_text() == BLANKED
            assert copy.source_at(copy.place(str(root / "app.py"))).path == str(real)

    def test_to_directories_out_of_the_project_lead_to_masks(self, tmp_path, root):
        real = write(tmp_path / "real" / "deep" / "deeper" / "app.py", COOKIE)
        (tmp_path / "real" / "deep" / "back").symlink_to("../..")
        write(root / "pyproject.toml", "")
        (root / "linked").symlink_to("../real")
        with mirror(root) as copy:
            assert set(copy.sources) == {str(real)}
            assert Path(copy.place(f"{root}/linked/deep/deeper/app.py")).read_text() == BLANKED

    def test_whole_directories_are_copied_if_a_cookie_is_below(self, root):
        write(root / "pyproject.toml", "")
        write(root / ".venv" / "pyvenv.cfg", "")
        write(root / ".venv" / "lib" / "x.py", "import a version 1\n")
        with mirror(root) as copy:
            assert os.path.islink(copy.place(f"{root}/.venv"))
        write(root / ".venv" / "lib" / "y.py", COOKIE)
        with mirror(root) as copy:
            assert str(root / ".venv" / "lib" / "y.py") in copy.sources
        with mirror(root, decodes=False) as copy:
            assert os.path.islink(copy.place(f"{root}/.venv"))

    def test_that_leads_to_what_is_not_copied_is_refused(self, root):
        hidden = write(root / ".git" / "hook.py", COOKIE)
        write(root / "app.py", "")
        (root / "link.py").symlink_to(hidden)
        with pytest.raises(SourceError) as caught, mirror(root):
            pass
        assert str(caught.value) == (
            f"{root}/link.py: it leads to {hidden}, which has the cookie and can't be masked there\n"
            "  Name the paths that are to be changed, without this one."
        )
        with mirror(root, decodes=False) as copy:
            assert copy.sources == {}


class TestPlaces:
    @pytest.mark.parametrize("name", ["app.py", "app.pyx", "app", "app.txt"])
    def test_the_cookie_counts_whatever_the_name(self, root, name):
        path = write(root / "src" / "pkg" / name, COOKIE)
        with mirror(root) as copy:
            assert set(copy.sources) == {str(path)}

    def test_named_through_a_link_without_the_cookie(self, root):
        path = write(root / "src" / "tool", "import a version 1\n")
        write(root / "pyproject.toml", "")
        (root / "bin").symlink_to("src")
        with mirror(root, root / "bin" / "tool") as copy:
            assert set(copy.sources) == {str(path)}

    def test_outside_of_projects_only_what_is_asked_is_deep(self, root):
        app = write(root / "src" / "pkg" / "app.py", COOKIE)
        far = write(root / "far" / "deep" / "x.py", COOKIE)
        near = write(root / "near" / "x.py", COOKIE)
        with mirror(root, root / "src", asked=[root / "src"]) as copy:
            assert set(copy.sources) == {str(app), str(near)}
            assert os.path.islink(copy.place(f"{root}/far"))
        for asked in (), (root,):
            with mirror(root, asked=asked) as copy:
                assert set(copy.sources) == {str(app), str(far), str(near)}

    def test_from_the_top_of_the_file_system(self, root):
        path = write(root / "app.py", COOKIE)
        with mirror("/", path, asked=[path]) as copy:
            assert copy.roots == ["/"]
            assert str(path) in copy.sources
            assert Path(copy.place(str(path))).read_text() == BLANKED

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("pyproject.toml", "[tool.ruff]\nextend = '../../shared/base.toml'\n"),
            ("ruff.toml", 'extend = "../../shared/base.toml"\n'),
            ("pyrightconfig.json", '{\n  "extends": "../../shared/base.toml"\n}'),
        ],
    )
    def test_settings_that_build_on_others_outside(self, tmp_path, name, text):
        write(tmp_path / "shared" / "base.toml", "extend = 'more.toml'\n")
        write(tmp_path / "shared" / "more.toml", "line-length = 99\n")
        write(tmp_path / "a" / "b" / name, text)
        write(tmp_path / "a" / "b" / "app.py", COOKIE)
        with mirror(tmp_path / "a" / "b") as copy:
            assert Path(copy.place(f"{tmp_path}/shared/more.toml")).read_text() == "line-length = 99\n"


class TestTakingOver:
    def changed(self, copy, path, text):
        """Do as a tool that replaces a file."""
        made = copy.place(str(path))
        write(Path(f"{made}.new"), text).replace(made)
        return take_over(copy, lambda line: line)

    def test_file_that_somebody_changed_meanwhile_is_left(self, root):
        path = write(root / "p.py", "x = 1\n")
        with mirror(root) as copy:
            write(root / "saved", "x = 1\ny = 2\n").replace(path)
            failed = self.changed(copy, path, "x = 3\n")
        assert [str(one) for one in failed] == [
            f"{path}: it was changed meanwhile, and is left as it is now\n  Run it again."
        ]
        assert path.read_text() == "x = 1\ny = 2\n"

    def test_copy_instead_of_a_hard_link(self, root, monkeypatch):
        path = write(root / "p.py", "x = 1\n")
        monkeypatch.setattr(os, "link", _other_file_system)
        with mirror(root) as copy:
            path.write_text("x = 1\ny = 2\n")
            Path(copy.place(str(path))).write_text("x = 3\n")
            assert len(take_over(copy, lambda line: line)) == 1
        assert path.read_text() == "x = 1\ny = 2\n"
        with mirror(root) as copy:
            Path(copy.place(str(path))).write_text("x = 4\n")
            assert take_over(copy, lambda line: line) == []
        assert path.read_text() == "x = 4\n"

    def test_unchanged_file_gets_the_text_and_keeps_its_mode(self, root):
        path = write(root / "p.py", "x = 1\n")
        path.chmod(0o750)
        with mirror(root) as copy:
            assert self.changed(copy, path, "x = 2\n") == []
            assert self.changed(copy, path, "x = 3\n") == []
        assert path.read_text() == "x = 3\n"
        assert path.stat().st_mode & 0o777 == 0o750


def _other_file_system(*_):
    raise OSError(errno.EXDEV, "Invalid cross-device link")


def test_cookies_are_found_through_loops(tmp_path):
    (tmp_path / "loop").symlink_to(tmp_path)
    assert cookie_at(str(tmp_path)) is None
    path = write(tmp_path / "sub" / "x.py", COOKIE)
    assert cookie_at(str(tmp_path)) == str(path)
