"""A catalogue file with anything wrong in it: whatever does not agree with itself is a miss, never a wrong answer."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made import make_flat, make_versioned, settle

from versioned_import.metadata.catalogue import forget, open_catalogue
from versioned_import.metadata.store import catalogue_files

pytestmark = pytest.mark.property
PATIENT = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
NAMES = [f"demo{number}" for number in range(9)]


@pytest.fixture
def original(process, site):
    """Return path and bytes of a good catalogue file."""
    for number, name in enumerate(NAMES):
        make_versioned(site, name, f"1.{number}")
    make_flat(site, "demo0", "2.0")
    settle(site)
    open_catalogue(str(site))
    (path,) = (path for path in catalogue_files(str(site)) if os.path.exists(path))
    with open(path, "rb") as file:
        return path, file.read()


def answers_after(site, path, data):
    """Return what a process that finds these bytes says of every name."""
    with open(path, "wb") as file:
        file.write(data)
    forget()
    catalogue = open_catalogue(str(site))
    everything = sorted(one.version for one in catalogue.everything())
    return everything, [sorted(one.version for one in catalogue.by_name(name)) for name in NAMES]


def right():
    return sorted(["2.0", *(f"1.{number}" for number in range(9))]), [
        ["1.0", "2.0"],
        *([f"1.{number}"] for number in range(1, 9)),
    ]


@PATIENT
@given(data=st.data())
def test_flipped_bytes(original, site, data):
    path, good = original
    places = data.draw(st.lists(st.integers(0, len(good) - 1), min_size=1, max_size=3, unique=True))
    broken = bytearray(good)
    for place in places:
        broken[place] ^= data.draw(st.integers(1, 255))
    assert answers_after(site, path, bytes(broken)) == right()


def test_every_bit_of_the_header(original, site):
    path, good = original
    for place in range(good.index(b"\n") + 1):
        for bit in (0, 1, 4):
            broken = bytearray(good)
            broken[place] ^= 1 << bit
            assert answers_after(site, path, bytes(broken)) == right()


def test_a_length_beyond_the_file(original, site):
    path, good = original
    entries = good.index(b"\n") + 1
    for number in range((good.index(b"d:", entries) - entries) // 32):
        at = entries + 32 * number + 13
        assert answers_after(site, path, good[:at] + b"f" + good[at + 1 :]) == right()


@PATIENT
@given(data=st.data())
def test_truncated(original, site, data):
    path, good = original
    assert answers_after(site, path, good[: data.draw(st.integers(0, len(good) - 1))]) == right()


@PATIENT
@given(garbage=st.binary(max_size=300))
def test_garbage(original, site, garbage):
    path, _ = original
    assert answers_after(site, path, garbage) == right()


@pytest.mark.parametrize("number", ["-1", "0", "1", "7", "99999999999"])
def test_another_number_of_buckets(original, site, number):
    path, good = original
    head, _, rest = good.partition(b"\n")
    fields = head.split(b"\t")
    fields[4] = number.encode()
    assert answers_after(site, path, b"\t".join(fields) + b"\n" + rest) == right()


def test_directory_in_the_place_of_the_file(original, site):
    path, _ = original
    os.unlink(path)
    os.mkdir(path)
    forget()
    assert [one.version for one in open_catalogue(str(site)).by_name("demo3")] == ["1.3"]
