"""`show NAME[==VERSION]`: everything that is known of one distribution."""

import json

import pytest
from made import make_flat, make_group, make_versioned, one_package, write

from versioned_import.cli import show
from versioned_import.install import site_directory
from versioned_import.inventory.details import direct_url, requirement_for, statement_for
from versioned_import.inventory.installed import take_inventory


@pytest.fixture
def shown(process, site, second_site, monkeypatch, capsys):
    """Return a function that runs `show` over the made site directories and returns exit status, output and errors."""
    monkeypatch.setattr(show, "search_path", lambda: (str(site), str(second_site)))

    def run(*arguments):
        status = show.main([*map(str, arguments)])
        return status, *capsys.readouterr()

    return run


def only(site):
    """Return the one candidate of a site directory."""
    (one,) = take_inventory([str(site)]).installed
    return one.candidate


class TestText:
    def test_every_line(self, shown, site):
        path = make_versioned(
            site,
            "demo",
            "1.0",
            one_package("demo", "1.0"),
            requires=["dep<2", "absent>=1", 'x; extra == "more"'],
            requires_python=">=3.8",
        )
        make_versioned(site, "dep", "1.5")
        make_flat(site, "asker", "3.0", requires=["demo>=1"])
        make_group(site, "demo", demo="1.0", dep="1.5")
        write(path / "demo-1.0.dist-info" / "direct_url.json", '{"url": "https://me:secret@index.example/demo.whl"}')
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        expected = (
            "demo 1.0\n"
            "  kind             versioned directory\n"
            f"  path             {path}\n"
            "  to import it     import demo version 1.0\n"
            "  import names     demo\n"
            "  requires         dep<2\n"
            "                   absent>=1  nothing installed meets it\n"
            '                   x; extra == "more"  (does not apply here)\n'
            "  groups           demo\n"
            "  asked for by     asker 3.0 (demo>=1)\n"
            "  wheel tags       py3-none-any\n"
            "  Requires-Python  >=3.8\n"
            f"  size             {size} B in 5 files\n"
            "  installer        made\n"
            "  direct URL       https://index.example/demo.whl\n"
        )
        assert shown("demo") == (0, expected, "")

    def test_each_version_has_its_block(self, shown, site, second_site):
        make_versioned(site, "demo", "2.0")
        make_versioned(site, "demo", "1.0")
        info = make_flat(second_site, "demo", "2.0")
        write(info / "REQUESTED", "")
        status, out, _ = shown("Demo")
        blocks = out.split("\n\n")
        assert status == 0
        assert [block.splitlines()[:3] for block in blocks] == [
            ["demo 1.0", "  kind             versioned directory", f"  path             {site}/demo-1.0"],
            ["demo 2.0", "  kind             versioned directory", f"  path             {site}/demo-2.0"],
            ["demo 2.0", "  kind             flat install, asked for by name", f"  path             {second_site}"],
        ]
        assert blocks[2].splitlines()[3] == f"  not used         hidden by {site}/demo-2.0/"

    def test_one_version(self, shown, site):
        make_versioned(site, "demo", "2.0")
        make_versioned(site, "demo", "1.0")
        status, out, _ = shown("demo==2")
        assert (status, out.splitlines()[0], out.count("path")) == (0, "demo 2.0", 1)


class TestAbsent:
    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("absent", "error: absent is not installed\n"),
            ("demo==9", "error: demo==9 is not installed, but demo 1.0, 2.0 is\n"),
            ("tool", "error: tool is not installed; it is an import name of demo\n"),
        ],
    )
    def test_says_what_is_there(self, shown, site, name, message):
        make_versioned(site, "demo", "1.0", {"tool.py": ""})
        make_versioned(site, "demo", "2.0", {"tool.py": ""})
        assert shown(name) == (1, "", message)

    def test_json_is_a_document_all_the_same(self, shown):
        status, out, err = shown("absent", "--json")
        assert (status, json.loads(out)) == (1, {"distribution": "absent", "versions": []})
        assert err == "error: absent is not installed\n"

    def test_command_line_without_sense(self, shown, capsys):
        with pytest.raises(SystemExit) as left:
            shown("demo @ https://index.example/x.whl")
        assert left.value.code == 2
        assert "write NAME or NAME==VERSION" in capsys.readouterr().err


class TestJson:
    def test_document(self, shown, site):
        path = make_versioned(site, "demo", "1.0", requires=["dep"])
        make_versioned(site, "dep", "1.5")
        make_versioned(site, "dep", "1.0")
        status, out, _ = shown("demo", "--json")
        document = json.loads(out)
        size = document["versions"][0].pop("size")
        assert (status, size > 100) == (0, True)
        assert document == {
            "distribution": "demo",
            "versions": [
                {
                    "version": "1.0",
                    "kind": "versioned",
                    "path": str(path),
                    "metadata": f"{path}/demo-1.0.dist-info",
                    "summary": "",
                    "files": 5,
                    "names": ["demo"],
                    "statement": "import demo version 1.0",
                    "requirements": [{"requirement": "dep", "applies": True, "met_by": ["1.0", "1.5"]}],
                    "groups": [],
                    "asked_for_by": [],
                    "launchers": [],
                    "wheel_tags": ["py3-none-any"],
                    "requires_python": "",
                    "installer": "made",
                    "direct_url": "",
                    "requested": False,
                    "usable": True,
                    "why_not": "",
                    "hidden_by": "",
                }
            ],
        }


class TestDetails:
    @pytest.mark.parametrize(
        ("names", "version", "statement"),
        [
            (("yaml",), "6.0", "import yaml version 6.0"),
            (("_extra", "py_yaml"), "6.0rc1", "import py_yaml version 6.0rc1"),
            (("yaml",), "2004d", 'import yaml version "===2004d"'),
            ((), "6.0", ""),
        ],
    )
    def test_statement(self, process, site, names, version, statement):
        make_versioned(site, "py-yaml", version, {f"{name}.py": "" for name in names})
        assert statement_for(only(site)) == statement

    def test_statement_names_the_distribution_where_several_provide_the_name(self, process, site):
        make_versioned(site, "one", "1.0", {"shared.py": ""})
        make_versioned(site, "two", "1.0", {"shared.py": ""})
        one, two = (one.candidate for one in take_inventory([str(site)]).installed)
        assert statement_for(one, [one, two]) == 'import shared version "one==1.0"'

    @pytest.mark.parametrize(
        ("text", "requirement"),
        [
            ("", "demo===1.0"),
            ("no json", "demo===1.0"),
            ('["list"]', "demo===1.0"),
            ('{"url": "https://index.example/demo.zip", "archive_info": {}}', "demo @ https://index.example/demo.zip"),
            (
                '{"url": "https://me:pw@index.example/demo.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}',
                "demo @ git+https://index.example/demo.git@abc",
            ),
        ],
    )
    def test_requirement_that_installs_it_again(self, process, site, text, requirement):
        path = make_versioned(site, "demo", "1.0")
        if text:
            write(path / "demo-1.0.dist-info" / "direct_url.json", text)
        assert requirement_for(only(site)) == requirement
        assert direct_url(only(site)) == requirement.partition(" @ ")[2]

    def test_launchers_are_those_of_this_version(self, shown, site, tmp_path, monkeypatch):
        scripts = tmp_path / "bin"
        monkeypatch.setattr(show, "search_path", lambda: (str(site),))
        monkeypatch.setattr(
            site_directory.sysconfig, "get_path", lambda name, *_: str(scripts if name == "scripts" else site)
        )
        path = make_versioned(site, "demo", "1.0")
        write(
            path / "demo-1.0.dist-info" / "entry_points.txt", "[console_scripts]\nrun = demo:main\nother = demo:main\n"
        )
        write(scripts / "run-1.0", "#!/bin/python\n# versioned_import launcher: demo==1.0 run\n")
        write(scripts / "other-1.0", "somebody else's\n")
        assert f"  launchers        {scripts}/run-1.0\n" in shown("demo")[1]

    def test_scripts_of_a_flat_install(self, shown, site):
        make_flat(site, "demo", "1.0", record="demo.py,,\n../../../bin/run,sha256=x,3\ndemo-1.0.dist-info/RECORD,,\n")
        assert json.loads(shown("demo", "--json")[1])["versions"][0]["launchers"] == [
            str((site / "../../../bin/run").resolve())
        ]


def test_as_a_command(children, site):
    make_versioned(site, "demo", "1.0")
    done = children.start("-m", "versioned_import", "show", "demo")
    assert (done.returncode, done.stderr, done.stdout.splitlines()[0]) == (0, "", "demo 1.0")
