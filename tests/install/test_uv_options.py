"""pip's words in uv's: which have an equivalent, which have no meaning there, and what pip's configuration adds."""

import os

import pytest

from versioned_import.engines.uv_options import UvOptions, configured_options, pip_configuration, uv_options
from versioned_import.errors import InstallError
from versioned_import.install.requirements import FLAGS, VALUED, UsageError

BEST = "--index-strategy=unsafe-best-match"


def test_without_options_only_the_choice_among_indexes_is_fixed():
    assert uv_options([], {}) == UvOptions(resolving=(BEST,), installing=(BEST,))


def test_the_users_own_choice_among_indexes_stays():
    assert uv_options([], {"UV_INDEX_STRATEGY": "first-index"}) == UvOptions()


def test_options_with_an_equivalent_are_translated():
    options = "--index-url=https://index.example/simple --find-links=w --pre --no-deps --no-binary=a,b"
    found = uv_options([*options.split(), "--trusted-host=index.example"], {})
    assert found.resolving == (
        "--index-url=https://index.example/simple",
        BEST,
        "--find-links=w",
        "--prerelease=allow",
        "--no-deps",
        "--no-binary=a",
        "--no-binary=b",
        "--allow-insecure-host=index.example",
    )
    assert set(found.resolving) - set(found.installing) == {"--prerelease=allow", "--no-deps"}


def test_constraints_count_where_versions_are_chosen(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = uv_options(["--constraint=c.txt"], {})
    assert found.resolving == (BEST, f"--constraints={tmp_path / 'c.txt'}")
    assert found.installing == (BEST,)


def test_the_last_index_counts_as_with_pip():
    found = uv_options(["--index-url=https://old.index.example", "--index-url=https://index.example"], {})
    assert found.resolving == ("--index-url=https://index.example", BEST)


def test_what_our_own_code_sees_to_is_no_option_of_uv():
    found = uv_options(["--no-compile", "--require-hashes", "--cert=ca.pem", "--no-input", "--progress-bar=off"], {})
    assert found == UvOptions(
        resolving=(BEST,), installing=(BEST,), compile=False, require_hashes=True, certificates="ca.pem"
    )


def test_every_option_of_pip_is_translated_dropped_or_refused_by_name():
    options = [next(word for word in one.split("/") if word.startswith("--")) for one in FLAGS.split()]
    options += [next(word for word in one.split("/") if word.startswith("--")) + "=1" for one in VALUED.split()]
    refused = {option.partition("=")[0]: message for option in options if (message := refusal(option))}
    assert {"--prefer-binary", "--ignore-requires-python", "--proxy", "--keyring-provider", "--isolated"} <= set(
        refused
    )
    assert not {"--index-url", "--pre", "--no-deps", "--require-hashes", "--no-compile", "--no-index"} & set(refused)
    for name, message in refused.items():
        assert message == f"--engine uv: uv has nothing like pip's {name}\n  Leave out one of the two."


def refusal(option):
    try:
        uv_options([option], {})
    except UsageError as error:
        return str(error)
    return ""


class TestConfiguration:
    """uv reads nothing of pip's configuration, so what decides which files are taken is passed on."""

    @pytest.fixture
    def environ(self):
        return {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}

    def test_files_and_environment_in_pips_own_order(self, environ, tmp_path):
        file = tmp_path / "pip.conf"
        file.write_text(
            "[global]\nindex-url = https://global.index.example\nfind-links =\n    one\n    two\ntimeout = 5\n"
            "[install]\nindex-url = https://install.index.example\npre = true\n[list]\nindex-url = https://no.example\n"
        )
        known = environ | {"PIP_CONFIG_FILE": str(file), "PIP_TRUSTED_HOST": "index.example", "PIP_NO_INDEX": "0"}
        found = pip_configuration(known)
        assert found["index-url"] == "https://install.index.example"
        assert found["find-links"].split() == ["one", "two"]
        # A machine may have a configuration of its own, which is not looked at here.
        mine = {"--index-url", "--find-links", "--pre", "--trusted-host", "--no-index"}
        assert [one for one in configured_options(known) if one.partition("=")[0] in mine] == [
            "--find-links=one",
            "--find-links=two",
            "--index-url=https://install.index.example",
            "--pre",
            "--trusted-host=index.example",
        ]

    def test_a_file_that_pip_can_not_read_is_an_error(self, environ, tmp_path):
        (tmp_path / "pip.conf").write_text("nonsense\n")
        with pytest.raises(InstallError, match="pip's configuration can't be read"):
            pip_configuration(environ | {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")})

    def test_no_configuration(self, environ):
        assert list(configured_options(environ | {"PIP_CONFIG_FILE": os.devnull})) == []

    def test_the_command_line_adds_to_lists_and_replaces_the_index(self):
        configured = ["--index-url=https://old.index.example", "--find-links=one"]
        given = ["--index-url=https://index.example", "--find-links=two", "--find-links=one"]
        found = uv_options([*configured, *given], {})
        assert found.resolving == ("--index-url=https://index.example", BEST, "--find-links=one", "--find-links=two")
