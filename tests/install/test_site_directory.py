import os
import site
import sys
import sysconfig

import pytest

from versioned_import.errors import InstallError
from versioned_import.install.site_directory import GC, INSTALL, SYNC, check_not_managed, choose, is_writable

OWN = sysconfig.get_path("purelib")


@pytest.fixture
def base(monkeypatch):
    """Look like an interpreter outside of a virtual environment that reads the user's site directory."""
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    monkeypatch.setattr(site, "ENABLE_USER_SITE", True)
    monkeypatch.setattr(site, "getusersitepackages", lambda: "/home/me/site")


@pytest.fixture
def read_only(monkeypatch):
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)


def test_the_interpreters_own_is_the_first_choice(base):
    assert choose(user=None).path == OWN
    assert choose(user=False).path == OWN


def test_user_means_the_users(base):
    assert choose(user=True).path == "/home/me/site"


def test_a_read_only_one_makes_the_users_the_default_and_says_so(base, read_only):
    found = choose(user=None)
    assert found.path == "/home/me/site"
    assert found.notice == f"installing into the user's site directory, because {OWN} is not writable"


def test_without_any_writable_one_there_is_advice(base, read_only, monkeypatch):
    with pytest.raises(InstallError, match="is not writable\n  Use --user, or a virtual environment"):
        choose(user=False)
    monkeypatch.setattr(site, "ENABLE_USER_SITE", False)
    with pytest.raises(InstallError, match="is not writable"):
        choose(user=None)


@pytest.mark.parametrize(
    ("command", "prefix", "advice"),
    [
        (INSTALL, sys.prefix, "Use --user, or a virtual environment (python -m venv DIR)"),
        (INSTALL, "/elsewhere", "Use a virtual environment of your own (python -m venv DIR)"),
        (SYNC, "/elsewhere", "Use a virtual environment of your own (python -m venv DIR)"),
        (
            SYNC,
            sys.prefix,
            (
                "Let Python read the user's site directory (without -s, without PYTHONNOUSERSITE),"
                " or use a virtual environment (python -m venv DIR)"
            ),
        ),
        (GC, "/elsewhere", "Name another one (--site DIR)"),
    ],
)
def test_what_is_advised_can_be_done_with_the_command(base, read_only, monkeypatch, command, prefix, advice):
    monkeypatch.setattr(sys, "base_prefix", prefix)
    monkeypatch.setattr(site, "ENABLE_USER_SITE", False)
    with pytest.raises(InstallError) as caught:
        choose(user=None, command=command)
    assert str(caught.value) == f"{command}: {OWN} is not writable\n  {advice}, or run it as the directory's owner."


def test_a_virtual_environment_that_hides_the_users_refuses_it(monkeypatch):
    monkeypatch.setattr(sys, "base_prefix", "/somewhere/else")
    monkeypatch.setattr(site, "ENABLE_USER_SITE", False)
    with pytest.raises(InstallError, match="this virtual environment hides the user's directory"):
        choose(user=True)


def test_a_directory_that_does_not_exist_is_as_writable_as_the_next_one_above(tmp_path):
    assert is_writable(str(tmp_path / "a" / "b"))


class TestManaged:
    """PEP 668: a Python that its operating system manages."""

    @pytest.fixture
    def marker(self, base, monkeypatch, tmp_path):
        marker = tmp_path / "EXTERNALLY-MANAGED"
        marker.write_text("[externally-managed]\nError=Use apt.\n See its manual.\n")
        monkeypatch.setattr(sysconfig, "get_path", lambda _name: str(tmp_path))
        return marker

    def test_it_is_refused_in_the_packagers_words(self, marker):
        with pytest.raises(InstallError) as caught:
            check_not_managed(break_system_packages=False)
        assert str(caught.value) == (
            f"pip install --allow-multiple: this Python is managed by its operating system ({marker})\n"
            "Use apt.\nSee its manual.\n"
            "  Use a virtual environment (python -m venv DIR), or --break-system-packages (also with --user)."
        )

    def test_sync_names_itself_and_the_words_that_it_takes(self, marker):
        with pytest.raises(InstallError) as caught:
            check_not_managed(break_system_packages=False, command=SYNC)
        assert str(caught.value) == (
            f"versioned-import sync: this Python is managed by its operating system ({marker})\n"
            "Use apt.\nSee its manual.\n"
            "  Use a virtual environment (python -m venv DIR), or versioned-import sync -- --break-system-packages."
        )

    def test_a_marker_without_words_does_too(self, marker):
        marker.write_text("nonsense")
        with pytest.raises(InstallError, match="managed by its operating system"):
            check_not_managed(break_system_packages=False)

    def test_the_users_word_counts(self, marker):
        check_not_managed(break_system_packages=True)

    def test_a_virtual_environment_is_free(self, marker, monkeypatch):
        monkeypatch.setattr(sys, "base_prefix", "/somewhere/else")
        check_not_managed(break_system_packages=False)
