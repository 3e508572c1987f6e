"""Every exception of the project: raised, told, pickled."""

import copy
import pickle

import pytest

import versioned_import
from versioned_import import errors

NOT_FOUND = (
    "demo",
    "import demo version 1",
    "app.py:3",
    "no installed version fits",
    ("demo 2 does not match", "searched: x"),
)
SAMPLES = {
    errors.VersionedImportError: ((), ""),
    errors.ClauseError: (("latest", "is no version clause"), "'latest' is no version clause"),
    errors.ImportVersionError: (
        ("demo", "import demo version 1", "", "headline", ()),
        "import demo version 1: headline",
    ),
    errors.VersionNotFoundError: (
        NOT_FOUND,
        "import demo version 1 (app.py:3): no installed version fits\n  demo 2 does not match\n  searched: x",
    ),
    errors.VersionConflictError: (
        ("demo", "import demo version 1", "app.py:3", "demo 2 is loaded already", ("loaded from y",)),
        "import demo version 1 (app.py:3): demo 2 is loaded already\n  loaded from y",
    ),
    errors.NotLockedError: (
        ("demo", "/project/uv.lock", "demo 2 is installed in /site\nuse `uv add demo`"),
        "import demo: it is not in the lock /project/uv.lock\n  demo 2 is installed in /site\n  use `uv add demo`",
    ),
    errors.LockError: (
        ("/project/uv.lock: package[3]", "`version` is missing", "Lock again: uv lock"),
        "/project/uv.lock: package[3]: `version` is missing\n  Lock again: uv lock",
    ),
    errors.InstallError: (("demo==1", "no wheel", "try again"), "demo==1: no wheel\n  try again"),
}
RELATIONS = {
    errors.ClauseError: ValueError,
    errors.ImportVersionError: ImportError,
    errors.VersionNotFoundError: ModuleNotFoundError,
    errors.VersionConflictError: ImportError,
    errors.NotLockedError: ModuleNotFoundError,
}


def all_errors(root=errors.VersionedImportError):
    return {root}.union(*(all_errors(one) for one in root.__subclasses__()))


def known(kind):
    """Skip the errors of parts that have tests of their own."""
    return kind.__module__ == "versioned_import" and getattr(errors, kind.__name__, None) is kind


def test_every_error_is_listed_here():
    assert {kind for kind in all_errors() if known(kind)} <= SAMPLES.keys()


@pytest.mark.parametrize("kind", SAMPLES, ids=lambda kind: kind.__name__)
class TestEach:
    def test_sentence(self, kind):
        values, sentence = SAMPLES[kind]
        with pytest.raises(kind) as caught:
            raise kind(*values)
        assert str(caught.value) == sentence

    def test_attributes(self, kind):
        values, _ = SAMPLES[kind]
        error = kind(*values)
        assert tuple(getattr(error, name) for name in kind.__match_args__) == values

    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_pickle(self, kind, protocol):
        values, sentence = SAMPLES[kind]
        back = pickle.loads(pickle.dumps(kind(*values), protocol))
        assert type(back) is kind
        assert str(back) == sentence
        assert tuple(getattr(back, name) for name in kind.__match_args__) == values

    def test_copy(self, kind):
        values, sentence = SAMPLES[kind]
        assert str(copy.copy(kind(*values))) == sentence

    def test_root_and_relations(self, kind):
        assert issubclass(kind, errors.VersionedImportError)
        assert issubclass(kind, RELATIONS.get(kind, Exception))
        assert getattr(versioned_import, kind.__name__) is kind
        assert (kind.__module__, kind.__qualname__) == ("versioned_import", kind.__name__)

    def test_wrong_number_of_values(self, kind):
        with pytest.raises(ValueError, match="zip"):
            kind("one", "two", "three", "four", "five", "six")


def test_import_error_s_own_attributes():
    error = errors.VersionNotFoundError(*NOT_FOUND)
    assert (error.name, error.path, error.msg) == ("demo", None, str(error))


def test_install_error_without_advice():
    assert str(errors.InstallError("demo==1", "no wheel", "")) == "demo==1: no wheel"


def test_lock_error_without_advice():
    assert str(errors.LockError("uv.lock", "the file is empty", "")) == "uv.lock: the file is empty"


class TestNotLocked:
    def test_what_was_found_is_asked_when_the_message_is_shown_and_once(self):
        asked = []
        error = errors.NotLockedError("demo", "uv.lock", lambda: asked.append(1) or "demo 2 is installed")
        assert (error.name, error.lock, error.path, asked) == ("demo", "uv.lock", None, [])
        assert str(error) == "import demo: it is not in the lock uv.lock\n  demo 2 is installed"
        assert (error.found, error.msg, asked) == ("demo 2 is installed", str(error), [1])

    def test_pickling_asks(self):
        error = errors.NotLockedError("demo", "uv.lock", lambda: "demo 2 is installed")
        back = pickle.loads(pickle.dumps(error))
        assert (type(back), str(back), back.found) == (errors.NotLockedError, str(error), "demo 2 is installed")

    def test_nothing_found(self):
        error = errors.NotLockedError("demo", "uv.lock", "")
        assert (str(error), error.story) == ("import demo: it is not in the lock uv.lock", ())

    def test_attributes_of_every_import_version_error(self):
        error = errors.NotLockedError("demo", "uv.lock", "found it")
        assert (error.request, error.where, error.headline, error.story) == (
            "import demo",
            "",
            "it is not in the lock uv.lock",
            ("found it",),
        )


def test_warning():
    assert issubclass(errors.AlreadyImportedWarning, UserWarning)
    assert errors.AlreadyImportedWarning.__module__ == "versioned_import"


def test_structural_pattern():
    match errors.VersionNotFoundError(*NOT_FOUND):
        case errors.VersionNotFoundError(name, request, where):
            assert (name, request, where) == NOT_FOUND[:3]
