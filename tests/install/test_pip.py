"""`python -m versioned_import pip ...`: what goes to pip untouched, and what doesn't."""

import subprocess

import pytest
from wheels import build

from versioned_import.cli.pip import main, wants_multiple
from versioned_import.install import landing
from versioned_import.install.site_directory import SiteDirectory


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["install", "--allow-multiple", "a"], True),
        (["-q", "install", "a", "--allow-multiple"], True),
        (["install", "a"], False),
        (["download", "--allow-multiple"], False),
        (["install", "--", "--allow-multiple"], False),
        ([], False),
    ],
)
def test_only_install_with_the_flag_is_ours(argv, expected):
    assert wants_multiple(argv) is expected


@pytest.mark.parametrize("argv", [["--version"], ["download", "--nonsense"], ["install"]])
def test_without_the_flag_pip_is_exactly_pip(environment, argv):
    done = environment.pip(*argv)
    plain = subprocess.run(
        [environment.python, "-m", "pip", *argv], env=environment.environ, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (plain.returncode, plain.stdout, plain.stderr)


def test_help_teaches_by_example(capsys):
    assert main(["install", "--allow-multiple", "--help"]) == 0
    assert "pip install --allow-multiple requests==2.22.0 requests==2.32.2" in capsys.readouterr().out


def test_a_command_line_that_makes_no_sense_is_status_2(capsys):
    assert main(["install", "--allow-multiple", "--engine=pip", "a", "-e", "."]) == 2
    assert capsys.readouterr().err.startswith("error: pip install --allow-multiple: -e can't be used here\n")


def test_a_signal_of_pip_becomes_a_status(monkeypatch):
    monkeypatch.setattr(subprocess, "call", lambda _command: -15)
    assert main(["list"]) == 143


def test_a_catalogue_that_fails_is_a_warning(monkeypatch, tmp_path):
    def refuse(_site):
        raise OSError("disk full")

    monkeypatch.setattr(landing, "refresh", refuse)
    done = landing.land_groups(SiteDirectory(str(tmp_path)), [])
    assert done.notices == (f"installed, but the catalogue of {tmp_path} could not be refreshed: disk full",)


def test_the_module_works_as_a_command(environment):
    build(environment.wheels, "a", "1.0")
    assert environment.install("a").stdout.splitlines()[-1] == "installed a 1.0 in a-1.0/"


def test_another_engine_is_asked_for_by_name(environment):
    build(environment.wheels, "a", "1.0")
    done = environment.pip("install", "--allow-multiple", "--engine", "none", "a")
    assert done.returncode == 2
    assert "option --engine: invalid choice: 'none'" in done.stderr
