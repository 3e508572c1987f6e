import os

from made import make_flat

from versioned_import.locks.lock import Flat, Lock, Locked
from versioned_import.projects.members import SOURCES_NOTE, editable_place, members_of, sources_note, why_not_built


def lock_of(directory, *locked, **members):
    return Lock(path=f"{directory}/uv.lock", format="uv.lock", packages=locked, members=members, choice=Flat(()))


def editable(directory, name="shop"):
    return Locked(distribution=name, directory=str(directory), editable=True)


def build_member(site, locked, files):
    place = editable_place(str(site), locked)
    os.makedirs(place)
    make_flat(place, locked.distribution, "1.0", files)
    with open(os.path.join(place, SOURCES_NOTE), "w") as file:
        file.write(sources_note(locked))


def test_the_project_itself_comes_by_its_src_or_its_own_directory(tmp_path):
    (member,) = members_of(lock_of(tmp_path, shop=str(tmp_path)), (), ())
    assert (member.name, member.paths, member.candidate) == ("shop", (str(tmp_path),), None)
    (tmp_path / "src").mkdir()
    (member,) = members_of(lock_of(tmp_path, shop=str(tmp_path)), (), ())
    assert member.paths == (f"{tmp_path}/src",)


def test_a_member_that_is_not_chosen_is_none(tmp_path):
    assert members_of(lock_of(tmp_path, part=str(tmp_path / "part")), (), ()) == []


def test_a_chosen_member_comes_after_the_project(tmp_path):
    lock = lock_of(tmp_path, shop=str(tmp_path), part=str(tmp_path / "a part"))
    found = members_of(lock, (editable(tmp_path / "a part", "part"), editable(tmp_path)), ())
    assert [one.name for one in found] == ["shop", "part"]


def test_a_built_member_has_its_metadata_and_what_its_start_up_files_add(tmp_path, site):
    (tmp_path / "lib").mkdir()
    locked = editable(tmp_path)
    build_member(site, locked, {"shop.pth": f"{tmp_path}/lib\n"})
    (member,) = members_of(lock_of(tmp_path, shop=str(tmp_path)), (locked,), (str(site),))
    assert (member.candidate.version, member.paths) == ("1.0", (f"{tmp_path}/lib",))


def test_what_a_finder_maps_comes_by_the_directories_of_its_modules(tmp_path, site):
    locked = editable(tmp_path)
    finder = f"MAPPING: dict[str, str] = {{'shop': '{tmp_path}/code/shop'}}\n"
    build_member(site, locked, {"__editable___shop_1_0_finder.py": finder, "x.pth": "import x\n"})
    (member,) = members_of(lock_of(tmp_path, shop=str(tmp_path)), (locked,), (str(site),))
    assert member.paths == (f"{tmp_path}/code",)


def test_a_member_is_built_again_when_the_settings_of_its_project_change(tmp_path, site):
    locked = editable(tmp_path)
    sites = (str(site),)
    assert why_not_built(locked, sites) == "its editable install is not built"
    build_member(site, locked, {"shop.pth": "\n"})
    assert why_not_built(locked, sites) == ""
    (tmp_path / "pyproject.toml").write_text("")
    assert why_not_built(locked, sites) == "its project's settings have changed since it was built"


def test_members_of_one_name_in_two_places_do_not_meet(tmp_path):
    places = {editable_place("/site", editable(tmp_path / name)) for name in ("one", "two")}
    assert len(places) == 2
