"""Wheel tags and Requires-Python (spec 3.4)."""

import sys
import sysconfig

import pytest
from made import make_flat, make_versioned

from versioned_import.metadata.fits import misfit, python_version
from versioned_import.metadata.layout import read_flat, read_versioned

THIS = f"cp{sys.version_info[0]}{sys.version_info[1]}"
PLATFORM = sysconfig.get_platform().replace("-", "_").replace(".", "_")


def judged(site, **metadata):
    make_versioned(site, "demo", "1.0", **metadata)
    return misfit(read_versioned(str(site), "demo-1.0", 0))


class TestFits:
    """A versioned directory counts only if its wheel tags fit this interpreter and its `Requires-Python` admits it."""

    @pytest.mark.parametrize(
        "tags",
        [
            ("py3-none-any",),
            ("py2.py3-none-any",),
            ("py2-none-any", "py3-none-any"),
            (f"{THIS}-{THIS}-{PLATFORM}",),
            (f"{THIS}-none-any",),
            (f"cp33-abi3-{PLATFORM}",),
            (),
        ],
    )
    def test_tags_that_fit(self, site, tags):
        assert judged(site, tags=tags) == ""

    @pytest.mark.parametrize(
        "tag", ["py2-none-any", "cp27-cp27m-win_amd64", f"{THIS}-{THIS}-atari_st", "nonsense", "a-b-c-d"]
    )
    def test_tags_that_do_not(self, site, tag):
        assert judged(site, tags=(tag,)) == f"is built for {tag}, not for this interpreter"

    @pytest.mark.parametrize("requires", [">=3.8", "", "!=2.*", f"=={sys.version_info[0]}.*", ">=3.8,<4"])
    def test_python_that_is_admitted(self, site, requires):
        assert judged(site, requires_python=requires) == ""

    @pytest.mark.parametrize("requires", ["<3", ">=99", "==3.3.*", "a text that means nothing"])
    def test_python_that_is_not(self, site, requires):
        assert judged(site, requires_python=requires) == f"requires Python {requires}, this is {python_version()}"

    def test_flat_install_is_used_unasked(self, site):
        info = make_flat(site, "demo", "1.0", tags=("py2-none-any",), requires_python=">=99")
        assert misfit(read_flat(str(site), info.name, 0)) == ""
