"""Requirements files, where each line fixes a version."""

import pytest

from versioned_import.errors import LockError

ONE, TWO = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def test_pins_markers_hashes_and_continued_lines(written, names):
    lock = written(
        "requirements.txt",
        "# made by a tool\r\n--index-url https://index.example/simple\r\n\r\n"
        f"A.b[x]==1.0.0 ; python_version < '3.12' \\\r\n    --hash={ONE} \\\r\n    --hash {TWO}\r\n    # via c\r\n"
        f"c===2.0 --hash={ONE}  # why\r\n",
    )
    assert [(one.distribution, one.version, one.hashes, one.where) for one in lock.packages] == [
        ("a-b", "1.0.0", (ONE, TWO), "line 4"),
        ("c", "2.0", (ONE,), "line 8"),
    ]
    assert names(lock, python_version="3.11") == ["a-b==1.0.0", "c==2.0"]
    assert names(lock, python_version="3.12") == ["c==2.0"]


def test_files_and_constraints(written, names, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "base.txt").write_text("a==1\n-c ../fixed.txt\n")
    (tmp_path / "fixed.txt").write_text("b==2\nc<3\n")
    lock = written("requirements.txt", "-r more/base.txt\nb>1\na==1\n")
    assert names(lock) == ["a==1", "b==2"]
    assert [one.where for one in lock.packages] == [f"{tmp_path}/more/base.txt line 1", "line 2"]


def test_variables(written, monkeypatch):
    monkeypatch.setenv("HERE_VERSION", "1.5")
    monkeypatch.delenv("UNSET_VERSION", raising=False)
    assert written("requirements.txt", "a==${HERE_VERSION}\n").packages[0].version == "1.5"
    with pytest.raises(LockError, match=r"line 1: 'a==.*UNSET_VERSION.*' is no requirement"):
        written("requirements.txt", "a==${UNSET_VERSION}\n")


class TestNamesOfVariables:
    def test_of_the_file_and_of_those_that_it_names(self, written, tmp_path, monkeypatch):
        for name, value in {"HERE_MORE": "more", "HERE_B": "2", "HERE_FIXED": "fixed", "HERE_C": "3"}.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "more.txt").write_text("b==${HERE_B}\n-c ${HERE_FIXED}.txt\n")
        (tmp_path / "fixed.txt").write_text("c==${HERE_C}\n")
        lock = written("requirements.txt", "-r ${HERE_MORE}.txt\nc\n")
        assert lock.variables == ("HERE_B", "HERE_C", "HERE_FIXED", "HERE_MORE")
        assert lock.files == (str(tmp_path / "fixed.txt"), str(tmp_path / "more.txt"))

    def test_there_are_none_without_variables_and_in_comments(self, written):
        assert written("requirements.txt", "a==1  # ${HERE}\n# ${THERE}\n").variables == ()

    @pytest.mark.parametrize(
        "line",
        [
            "b @ https://${HERE_TOKEN}@host.example/b-1.0.zip",
            "b @ git+https://${HERE_TOKEN}@host.example/b.git@01ab",
            "b==1 ; sys_platform == '${HERE_TOKEN}'",
            "b==1 --config-settings=${HERE_TOKEN}=1",
        ],
    )
    @pytest.mark.parametrize("value", ["linux", None])
    def test_set_or_not(self, written, monkeypatch, line, value):
        monkeypatch.setenv("HERE_TOKEN", value) if value else monkeypatch.delenv("HERE_TOKEN", raising=False)
        assert written("requirements.txt", f"{line}\n").variables == ("HERE_TOKEN",)

    @pytest.mark.parametrize(
        "line",
        [
            "--index-url https://${HERE_TOKEN}@index.example/simple",
            "--extra-index-url=https://${HERE_TOKEN}@index.example/simple",
            "-i https://${HERE_TOKEN}@index.example/simple",
            "--find-links ${HERE_TOKEN}",
        ],
    )
    def test_options_that_say_from_where_to_install_have_none(self, written, line):
        assert written("requirements.txt", f"{line}\na==1\n").variables == ()

    @pytest.mark.parametrize(("line", "value"), [("${HERE_OPTION}", "--pre"), ("-f${HERE_OPTION}", "wheels")])
    def test_a_variable_that_may_become_another_option_has_its_name_told(self, written, monkeypatch, line, value):
        monkeypatch.setenv("HERE_OPTION", value)
        assert written("requirements.txt", f"{line}\na==1\n").variables == ("HERE_OPTION",)


def test_a_file_that_only_names_another_is_one_of_the_files(written, tmp_path):
    (tmp_path / "between.txt").write_text("-r last.txt\n")
    (tmp_path / "last.txt").write_text("a==1\n")
    lock = written("requirements.txt", "-r between.txt\n")
    assert lock.files == (str(tmp_path / "between.txt"), str(tmp_path / "last.txt"))


def test_urls_paths_and_editables(written, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "pyproject.toml").write_text('[project]\nname = "Here"\n')
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "setup.cfg").write_text("[metadata]\nname = old\n")
    lock = written(
        "requirements.txt",
        "-e ./here[x] ; python_version > '3'\n--editable=old\n"
        f"b @ https://host.example/b-1.0.tar.gz#{ONE.replace(':', '=')}&subdirectory=s\n"
        "c @ git+https://me@host.example/c.git@01ab#subdirectory=t\n"
        "-e git+https://host.example/d.git@main#egg=d\n"
        "./wheels/e-1.0-py3-none-any.whl\n"
        "f @ file:///wheels/f\n",
    )
    here, old, b, c, d, e, f = lock.packages
    assert (here.distribution, here.directory, here.editable) == ("here", str(tmp_path / "here"), True)
    assert here.marker == "python_version > '3'"
    assert (old.distribution, old.editable) == ("old", True)
    assert (b.archive.hashes, b.subdirectory, b.version) == ({"sha256": "a" * 64}, "s", "1.0")
    assert (c.vcs.url, c.vcs.commit, c.vcs.subdirectory) == ("https://me@host.example/c.git", "01ab", "t")
    assert (d.vcs.url, d.vcs.commit, d.editable) == ("https://host.example/d.git", "main", True)
    assert (e.distribution, e.version, e.archive.path) == ("e", "1.0", str(tmp_path / "wheels/e-1.0-py3-none-any.whl"))
    assert (f.distribution, f.directory, f.editable) == ("f", "/wheels/f", False)


def test_the_same_line_twice_counts_once(written, names):
    assert names(written("requirements.txt", "a==1\na==1.0\na==1\n".replace("1.0", "1"))) == ["a==1"]


def test_a_name_twice(written):
    lock = written("requirements.txt", "a==1\na==2\n")
    with pytest.raises(LockError, match=r"a is locked twice for what is chosen: 1 \(line 1\) and 2 \(line 2\)"):
        lock.chosen()


def test_an_unpinned_line(written, tmp_path):
    with pytest.raises(LockError) as caught:
        written("requirements.txt", "a==1\n\nb>=2\n")
    assert str(caught.value) == (
        f"{tmp_path}/requirements.txt: line 3: 'b>=2' fixes no version, so the file is no lock\n"
        "  Lock again: pip-compile --generate-hashes, or uv pip compile --generate-hashes"
    )


class TestConstraints:
    """What pip refuses, as its constraints and requirements exclude each other, is refused."""

    @pytest.mark.parametrize(
        ("line", "one", "two", "reason"),
        [
            ("a>=2", "a==1.0", "", "a is 1.0 in {one}, and a>=2 is asked for here"),
            ("a==1.0", "a>=2", "", "a is 1.0 here, and a>=2 is asked for in {one}"),
            ("a==1.0", "a<2", "a!=1.0", "a is 1.0 here, and a!=1.0 is asked for in {two}"),
            ("a", "a==1.0", "a==2.0", "a is 1.0 in {one} and 2.0 in {two}"),
            ("a", "a==2.0", "a<2", "a is 2.0 in {one}, and a<2 is asked for in {two}"),
            ("a==1", "a==2 ; python_version > '3'", "", "a is 1 here, and a==2 is asked for in {one}"),
            ("./a-1.0-py3-none-any.whl", "a==2.0", "", "a is 1.0 here and 2.0 in {one}"),
            (f"a==1 --hash={ONE}", f"a==1 --hash={TWO}", "", "a has other hashes here than in {one}"),
        ],
    )
    def test_contradictions(self, written, tmp_path, line, one, two, reason):
        places = {name: f"{tmp_path}/{name}.txt, line 1" for name in ("one", "two")}
        with pytest.raises(LockError) as caught:
            written(
                "requirements.txt",
                f"-c one.txt\n{line}\n-c two.txt\n",
                one__txt=f"{one}\n",
                two__txt=f"{two or 'z==1'}\n",
            )
        assert str(caught.value) == (
            f"{tmp_path}/requirements.txt: line 2: {reason.format(**places)}\n"
            "  Lock again: pip-compile --generate-hashes, or uv pip compile --generate-hashes"
        )

    @pytest.mark.parametrize(
        ("line", "constraints", "version"),
        [
            ("a>=1", "a==1.5\na<2\n", "1.5"),
            ("a==1.0", "a==1.0.0\n", "1.0"),
            ("a", "a==1.0\na==1.0+local\n", "1.0+local"),
            ("a==1.0rc1", "a>=1.0rc1\n", "1.0rc1"),
            ("a==1.0", "a==2.0 ; python_version < '3'\nb==2\nb==3\n", "1.0"),
            ("a==1.0 ; python_version < '3'", "a==2.0\n", "1.0"),
        ],
    )
    def test_what_goes_together(self, written, line, constraints, version):
        lock = written("requirements.txt", f"{line}\n-c fixed.txt\n", fixed__txt=constraints)
        assert [one.version for one in lock.packages] == [version]

    def test_hashes_that_all_allow(self, written):
        line = f"a==1 --hash={ONE} --hash={TWO}\n-c fixed.txt\n"
        assert written("requirements.txt", line, fixed__txt=f"a==1 --hash={TWO}\n").packages[0].hashes == (TWO,)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a==1.*\n", "fixes no version"),
        ("a==1,==2\n", "no version is"),
        ("a==1,>2\n", "no version is"),
        ("a==\n", "is no requirement"),
        ("a===moon\n", "'moon' is no version"),
        ("a==1 ; moon > 3\n", "is no requirement"),
        (f"a==1 --hash={ONE[:-1]}\n", "are not the 64 hex digits of sha256"),
        ("a==1 --hash=moon:00\n", "the hash algorithm 'moon' is not known"),
        ("a==1 --moon\n", "--moon is no option of a requirement"),
        ("--moon\n", "the option --moon is none that a requirements file may hold"),
        ("-r\n", "-r has no value"),
        ("-r requirements.txt\n", "the file names itself"),
        ("-r gone.txt\n", "the file can't be read: No such file or directory"),
        ("-r https://host.example/r.txt\n", "is no local file"),
        ("-e gone\n", "there is no directory"),
        ("git+https://host.example/d.git\n", "nothing says what distribution"),
        ("https://host.example/moon.zip\n", "nothing says what distribution"),
        (f"a==1 --hash={ONE}\nb==1\n", "b has no hash, others have"),
        ("a==1 --hash='\n", "the options can't be split"),
        ("a==1", "line 1: the last line doesn't end, so it may be half of one"),
        ("a==1 \\\n", "line 1: the last line says that it goes on, but nothing follows"),
        ("a==1\n-c c.txt\n", "a is 1 here and 2 in"),
    ],
)
def test_what_is_refused(written, text, reason):
    with pytest.raises(LockError, match=reason):
        written("requirements.txt", text, c__txt="a==2\n")
