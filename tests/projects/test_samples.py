"""One project, locked by six tools: processes that run from its locks have the same selection, for every group and extra."""

import json
import sys
from pathlib import Path

import pytest
from environment import Environment
from made import one_package

DATA = Path(__file__).parents[1] / "data" / "locks"
MAIN = {
    "certifi": "2026.10.18",
    "charset-normalizer": "3.5.2",
    **({"click": "8.1.7"} if sys.platform != "win32" else {}),
    "idna": "3.20",
    "requests": "2.34.2",
    "urllib3": "2.8.0",
}
SOCKS = {**MAIN, "pysocks": "1.7.1"}
DEV = {**MAIN, "iniconfig": "2.3.1"}
BOTH = {**SOCKS, "iniconfig": "2.3.1"}

TOLD = """
import importlib, json, versioned_import
from importlib.metadata import distributions
selected = {name: one.version for name, one in versioned_import.selection().items()}
imported = {name: importlib.import_module(name.replace("-", "_")).VERSION for name in selected}
listed = {one.metadata["Name"]: one.version for one in distributions()}
print(json.dumps([selected, imported, listed]))
"""

BARE = ("--no-default-groups",)
TAKES_DEV = ("uv/uv.lock", "poetry/poetry.lock", "pdm/pdm.lock")
WITH_ALL = (*TAKES_DEV, "pdm/pylock.toml")
ASKED = [
    ((*BARE,), MAIN),
    ((*BARE, "--extras=socks"), SOCKS),
    ((*BARE, "--groups=dev"), DEV),
    ((*BARE, "--groups=dev", "--extras=SOCKS"), BOTH),
]
CASES = [
    *((name, words, wanted) for name in WITH_ALL for words, wanted in ASKED),
    *((name, (), DEV) for name in TAKES_DEV),
    *((name, ("--extras", "socks"), BOTH) for name in TAKES_DEV),
    ("pdm/pylock.toml", (), MAIN),
    ("pip/pylock.toml", (), MAIN),
    ("pip-tools/requirements.txt", (), MAIN),
    # pipenv has no extras: what one brings is part of the project.
    ("pipenv/Pipfile.lock", (), SOCKS),
    ("pipenv/Pipfile.lock", ("--groups", "dev"), BOTH),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return an environment where all that is locked stands side by side with other versions, and with flat ones."""
    home = Environment(tmp_path_factory.mktemp("samples") / "home")
    for name, version in (BOTH | {"click": "8.1.7", "tomli": "2.5.0", "colorama": "0.4.6"}).items():
        module = name.replace("-", "_")
        home.versioned(name, version, one_package(module, version))
        for other in ("0.1", f"{version}.1"):
            home.versioned(name, other, one_package(module, other))
        home.flat(name, "9999", one_package(module, "9999"))
    home.write("app.py", TOLD)
    return home


@pytest.mark.parametrize(
    ("name", "words", "wanted"),
    CASES,
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value if isinstance(value, str) else "",
)
def test_every_lock_gives_the_same_selection(home, name, words, wanted):
    told = home.output("-m", "versioned_import", "--project", DATA / name, *words, home.program / "app.py")
    assert json.loads(told) == [wanted, wanted, wanted]


@pytest.mark.parametrize("name", WITH_ALL)
def test_the_environment_and_activate_choose_as_the_options_do(home, name):
    variables = {
        "VERSIONED_IMPORT_PROJECT": DATA / name,
        "VERSIONED_IMPORT_GROUPS": "dev",
        "VERSIONED_IMPORT_EXTRAS": "socks",
        "VERSIONED_IMPORT_NO_DEFAULT_GROUPS": "1",
    }
    assert json.loads(home.output(home.program / "app.py", environ=variables)) == [BOTH, BOTH, BOTH]
    first = f"import versioned_import; versioned_import.activate({str(DATA / name)!r}, extras=['socks'], default_groups=False)"
    assert json.loads(home.output(home.write("activating.py", first + TOLD))) == [SOCKS, SOCKS, SOCKS]
