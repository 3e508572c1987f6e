"""What stays pip's own in `pip install --allow-multiple`: URLs of version control, and externally managed environments."""

import json
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest
from wheels import build, versioned_directories

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

# What builds the wheel stands in the repository, because nothing may be downloaded.
BACKEND = """
import base64, hashlib, zipfile

def build_wheel(directory, *_):
    version = open("version").read().strip()
    info = f"demo-{version}.dist-info"
    files = {
        "demo.py": f"VERSION = {version!r}\\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: demo\\nVersion: {version}\\n\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    rows = []
    for path, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        rows.append(f"{path},sha256={digest},{len(text)}\\n")
    files[f"{info}/RECORD"] = "".join(rows) + f"{info}/RECORD,,\\n"
    name = f"demo-{version}-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
"""
PROJECT = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"


class Repository:
    """A repository of a project of two releases, v1 and v2; the one in `below/` is the same."""

    def __init__(self, path):
        self.path = path
        # Without a host, pip before 24 takes `name @ git+file:///...` for no requirement.
        self.plain_url = f"file://localhost{path}"
        self.url = f"git+{self.plain_url}"
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.commits = {"1.0": self.release("1.0")}
        self.git("commit", "--quiet", "--allow-empty", "-m", "no release")
        self.git("tag", "later")
        self.commits["2.0"] = self.release("2.0")

    def git(self, *words):
        identity = ("-c", "user.name=test", "-c", "user.email=test@index.example", "-c", "commit.gpgsign=false")
        command = ["git", *identity, "-C", self.path, *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def release(self, version):
        for folder in (self.path, self.path / "below"):
            folder.mkdir(exist_ok=True)
            (folder / "pyproject.toml").write_text(PROJECT)
            (folder / "backend.py").write_text(BACKEND)
            (folder / "version").write_text(f"{version}\n")
        self.git("add", ".")
        self.git("commit", "--quiet", "-m", version)
        self.git("tag", f"v{version[0]}")
        return self.git("rev-parse", "HEAD")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    return Repository(tmp_path_factory.mktemp("repositories") / "demo")


def said(done):
    """Return what a finished pip wrote of its groups."""
    assert done.returncode == 0, done.stdout + done.stderr
    words = ("group", "installed", "already there", "would install", "shared")
    # pip of other releases writes a name with a URL in another way.
    lines = done.stdout.replace("demo@ ", "demo @ ").splitlines()
    return [line for line in lines if line.strip().startswith(words)]


def direct_url(environment, version):
    return json.loads(
        (environment.site / f"demo-{version}" / f"demo-{version}.dist-info" / "direct_url.json").read_text()
    )


def locked(environment):
    """Return roots and packages of each group's lock, in the order of the versions."""
    locks = [tomllib.loads(path.read_text()) for path in environment.site.glob(".versioned_import/groups/*")]
    found = [(lock["tool"]["versioned-import"]["roots"], lock["packages"]) for lock in locks]
    return sorted(found, key=lambda one: one[1][0]["version"])


@needs_git
class TestGit:
    def vcs(self, commit, revision=None):
        return {"vcs": "git", "commit_id": commit, **({"requested_revision": revision} if revision else {})}

    def test_two_revisions_are_two_versions_side_by_side(self, environment, repository):
        urls = [f"demo @ {repository.url}@{tag}" for tag in ("v1", "v2")]
        done = environment.flag("--no-build-isolation", *urls)
        assert said(done) == [
            f"group 1: {urls[0]}",
            "  installed demo 1.0 in demo-1.0/",
            f"group 2: {urls[1]}",
            "  installed demo 2.0 in demo-2.0/",
        ]
        for version, tag in (("1.0", "v1"), ("2.0", "v2")):
            shown = {"url": repository.plain_url, "vcs_info": self.vcs(repository.commits[version], tag)}
            assert direct_url(environment, version) == shown
            assert (environment.site / f"demo-{version}" / f"demo-{version}.dist-info" / "REQUESTED").exists()
        assert [packages for _, packages in locked(environment)] == [
            [
                {
                    "name": "demo",
                    "version": version,
                    "vcs": {
                        "type": "git",
                        "url": repository.plain_url,
                        "requested-revision": tag,
                        "commit-id": repository.commits[version],
                    },
                }
            ]
            for version, tag in (("1.0", "v1"), ("2.0", "v2"))
        ]
        roots = [[root.replace("demo@ ", "demo @ ") for root in roots] for roots, _ in locked(environment)]
        assert roots == [[urls[0]], [urls[1]]]

    def test_without_a_name_and_in_a_subdirectory(self, environment, repository):
        done = environment.flag("--no-build-isolation", f"{repository.url}@v1#subdirectory=below")
        assert said(done) == ["installed demo 1.0 in demo-1.0/"]
        assert direct_url(environment, "1.0") == {
            "url": repository.plain_url,
            "vcs_info": self.vcs(repository.commits["1.0"], "v1"),
            "subdirectory": "below",
        }
        ((_, (package,)),) = locked(environment)
        assert package["vcs"]["subdirectory"] == "below"
        assert package["vcs"]["commit-id"] == repository.commits["1.0"]

    def test_the_head_of_the_repository_and_a_range_beside_it(self, environment, repository):
        build(environment.wheels, "demo", "1.5")
        done = environment.flag("--no-build-isolation", repository.url, "demo<2")
        assert sorted(line.strip() for line in said(done) if "installed" in line) == [
            "installed demo 1.5 in demo-1.5/",
            "installed demo 2.0 in demo-2.0/",
        ]
        assert direct_url(environment, "2.0")["vcs_info"] == self.vcs(repository.commits["2.0"])
        assert not (environment.site / "demo-1.5" / "demo-1.5.dist-info" / "direct_url.json").exists()

    @pytest.mark.parametrize("other", ["@later", "@v1#subdirectory=below"])
    def test_other_sources_of_the_same_version_are_said(self, environment, repository, other):
        url = f"{repository.url}@v1"
        assert said(environment.flag("--no-build-isolation", url)) == ["installed demo 1.0 in demo-1.0/"]
        assert "WARNING" not in environment.flag("--no-build-isolation", url).stderr
        done = environment.flag("--no-build-isolation", f"{repository.url}{other}")
        assert said(done) == ["already there demo 1.0 in demo-1.0/"]
        (warning,) = [line for line in done.stderr.splitlines() if line.startswith("WARNING: ")]
        commits = [repository.git("rev-parse", f"{tag}^{{}}") for tag in ("v1", other[1:].partition("#")[0])]
        below = " in below/" if "below" in other else ""
        assert warning == (
            f"WARNING: demo 1.0: demo-1.0/ is from {repository.plain_url} at {commits[0]} and stays as it is;"
            f" what was asked for is {repository.plain_url} at {commits[1]}{below}"
        )
        assert direct_url(environment, "1.0")["vcs_info"]["requested_revision"] == "v1"

    def test_a_revision_that_is_not_there_changes_nothing(self, environment, repository):
        done = environment.flag("--no-build-isolation", f"demo @ {repository.url}@v1", f"demo @ {repository.url}@v9")
        assert done.returncode == 1
        assert "v9" in done.stderr
        assert versioned_directories(environment.site) == []
        assert locked(environment) == []


class Managed:
    """A Python that is no virtual environment, whose standard library, of links, has the mark of a distributor (PEP 668)."""

    def __init__(self, environment, home):
        self.environment = environment
        library = Path(sysconfig.get_path("stdlib"))
        own = home / library.relative_to(sys.base_prefix)
        self.site = own / "site-packages"
        self.site.mkdir(parents=True)
        for entry in library.iterdir():
            if entry.name not in {"site-packages", "EXTERNALLY-MANAGED"}:
                (own / entry.name).symlink_to(entry)
        for entry in environment.site.glob("pip*"):
            (self.site / entry.name).symlink_to(entry)
        (own / "EXTERNALLY-MANAGED").write_text("[externally-managed]\nError=Ask the packager of this Python.\n")
        self.home = home
        self.before = sorted(self.site.iterdir())

    def pip(self, *arguments, planted=True):
        """Run its pip, which is started with our start-up file or knows nothing of us."""
        words = (sys._base_executable, "-s", "-m", "pip", *map(str, arguments))
        variables = self.environment.without_us() | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONHOME": str(self.home)}
        marks = ("a_way_to_us.pth", "versioned_import.pth")
        if planted:
            self.environment.plant()
            for name in marks:
                shutil.copy(self.environment.site / name, self.site)
            self.environment.unplant()
        try:
            return subprocess.run(words, env=variables, capture_output=True, text=True, check=False)
        finally:
            for name in marks:
                (self.site / name).unlink(missing_ok=True)


class TestExternallyManaged:
    @pytest.fixture
    def managed(self, environment, tmp_path):
        build(environment.wheels, "base", "1.0")
        return Managed(environment, tmp_path / "usr")

    def test_it_is_refused_as_plain_pip_refuses_it(self, managed):
        how = ("--no-index", "--find-links", managed.environment.wheels, "base==1.0")
        plain = managed.pip("install", *how, planted=False)
        assert (plain.returncode, "Ask the packager of this Python." in plain.stderr) == (1, True)
        for words in ((), ("--allow-multiple",), ("--allow-multiple", "--user")):
            done = managed.pip("install", *words, *how)
            assert (done.returncode, done.stdout, done.stderr) == (1, plain.stdout, plain.stderr)
        assert sorted(managed.site.iterdir()) == managed.before

    def test_break_system_packages(self, managed):
        how = ("--break-system-packages", "--no-index", "--find-links", managed.environment.wheels, "base==1.0")
        assert said(managed.pip("install", "--allow-multiple", *how)) == ["installed base 1.0 in base-1.0/"]
        assert versioned_directories(managed.site) == ["base-1.0"]
