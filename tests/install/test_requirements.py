import pytest

from versioned_import.install.requirements import UsageError, parse_arguments, root


def parsed(*argv, **environ):
    return parse_arguments(["install", "--allow-multiple", *argv], environ)


def test_requirements_and_options_are_told_apart():
    found = parsed("-i", "URL", "a==1", "--pre", "-Uf", "links", "b", "--no-binary=:all:", "-c", "c.txt")
    assert [one.text for one in found.roots] == ["a==1", "b"]
    assert found.options == (
        "--index-url=URL",
        "--pre",
        "--upgrade",
        "--find-links=links",
        "--no-binary=:all:",
        "--constraint=c.txt",
    )


def test_unique_beginnings_of_options_count_as_for_pip():
    assert parsed("--find", "links", "a").options == ("--find-links=links",)


def test_options_before_the_command_count_too():
    found = parse_arguments(["-q", "--proxy", "P", "install", "--allow-multiple", "a"], {})
    assert (found.quiet, found.options) == (1, ("--proxy=P",))


def test_after_a_double_dash_all_is_requirement():
    assert [one.text for one in parsed("--pre", "--", "a", "b").roots] == ["a", "b"]


def test_what_is_decided_here_does_not_reach_pip():
    found = parsed("-vv", "-q", "--dry-run", "--break-system-packages", "--user", "a")
    assert found.options == ()
    assert (found.verbose, found.quiet, found.dry_run, found.break_system_packages) == (2, 1, True, True)
    assert found.user is True


@pytest.mark.parametrize(
    ("argv", "environ", "expected"),
    [
        (["a"], {}, None),
        (["a"], {"PIP_USER": "1"}, True),
        (["a"], {"PIP_USER": "0"}, False),
        (["a", "--no-user"], {"PIP_USER": "1"}, False),
    ],
)
def test_the_user_switch_comes_from_the_command_line_then_from_the_environment(argv, environ, expected):
    assert parsed(*argv, **environ).user is expected


@pytest.mark.parametrize(
    "argv",
    [
        ["--target", "x"],
        ["-tx"],
        ["--targ=x"],
        ["--prefix=x"],
        ["--root", "x"],
        ["-e", "."],
        ["--editable=."],
        ["--force-reinstall"],
        ["--report", "x"],
        ["--platform", "any"],
        ["--python", "python3"],
    ],
)
def test_options_that_make_no_sense_are_refused(argv):
    with pytest.raises(UsageError, match="can't be used here"):
        parsed("a", *argv)


def test_the_refusal_names_the_option_and_a_way_out():
    with pytest.raises(UsageError) as caught:
        parsed("a", "--target", "x")
    assert str(caught.value) == (
        "pip install --allow-multiple: --target can't be used here\n  a versioned directory always lands in the site "
        "directory; leave it out, or leave out --allow-multiple"
    )


def test_an_unknown_option_is_refused():
    with pytest.raises(UsageError, match="no such option: --sideways"):
        parsed("a", "--sideways")


def test_nothing_to_install_is_refused_with_an_example():
    with pytest.raises(UsageError, match="no requirement is given\n  Example: pip install"):
        parsed("--pre")


def test_another_command_is_refused():
    with pytest.raises(UsageError, match="belongs to `install`"):
        parse_arguments(["download", "--allow-multiple", "install"], {})


def test_one_line_with_hashes_puts_every_group_into_hash_mode(tmp_path):
    lines = tmp_path / "r.txt"
    lines.write_text("a==1 --hash=sha256:00\n")
    assert parsed("-r", str(lines)).options == ("--require-hashes",)


def test_a_root_is_shown_without_its_options():
    assert str(root("a==1 --hash=sha256:00 --hash=sha256:11")) == "a==1"
