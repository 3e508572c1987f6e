"""The pseudo module name: one name, one meaning, for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from versioned_import.syntax.pseudo import decode, encode, is_plain

# Compiled files of programs hold these names. A line may be added; none may ever change.
CONTRACT = [
    ("requests", "2.31", False, "_versioned_requests_v2_31"),
    ("a", "1", False, "_versioned_a_v1"),
    ("a.b", "1", False, "_versioned_a_db_v1"),
    ("a.b", "1", True, "_versioned_a_db_tv1"),
    ("a_b", "1", False, "_versioned_a__b_v1"),
    ("a._b", "1", True, "_versioned_a_d__b_tv1"),
    ("_a", "1", False, "_versioned___a_v1"),
    ("a_", "1", False, "_versioned_a___v1"),
    ("a_d", "1", False, "_versioned_a__d_v1"),
    ("a_v1", "2", False, "_versioned_a__v1_v2"),
    ("__init__", "1", False, "_versioned_____init_____v1"),
    ("élan", "1", False, "_versioned_élan_v1"),
    ("a", "2024.01.05", False, "_versioned_a_v2024_01_05"),
    ("a", "1.2rc1", False, "_versioned_a_v1_2rc1"),
    ("a", "v1.2", False, "_versioned_a_vv1_2"),
    ("a", "0b2", False, "_versioned_a_v0b2"),
    ("a", "1.0_rc1", False, "_versioned_a_q1_2e0_5frc1"),
    ("a", "1!2.0", False, "_versioned_a_q1_212_2e0"),
    ("a", "1.0+cu121.1", False, "_versioned_a_q1_2e0_2bcu121_2e1"),
    ("a", "1.*", False, "_versioned_a_q1_2e_2a"),
    ("a", ">=1.20,<2", False, "_versioned_a_q_3e_3d1_2e20_2c_3c2"),
    ("a", "~=1.4.2", True, "_versioned_a_tq_7e_3d1_2e4_2e2"),
    ("cv2", "opencv-python-headless>=4.8", False, "_versioned_cv2_qopencv_2dpython_2dheadless_3e_3d4_2e8"),
    ("a", "x[y] >= 1", False, "_versioned_a_qx_5by_5d_20_3e_3d_201"),
]
ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1)
PARTS = st.from_regex(r"[A-Za-z_é][A-Za-z_0-9é]{0,6}", fullmatch=True)
NAMES = st.lists(PARTS, min_size=1, max_size=4).map(".".join)


@pytest.mark.parametrize(("name", "clause", "top", "pseudo"), CONTRACT)
class TestContract:
    """docs/architecture.md, D2: the format "is a contract that never changes once released"."""

    def test_encode(self, name, clause, top, pseudo):
        assert encode(name, clause, top=top) == pseudo

    def test_decode(self, name, clause, top, pseudo):
        assert decode(pseudo) == (name, clause, top)

    def test_is_an_identifier(self, name, clause, top, pseudo):
        assert pseudo.isidentifier()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "requests",
        "versioned",
        "_versioned",
        "_versioned_",
        "_versioned_a",
        "_versioned_a_",
        "_versioned_a_v",
        "_versioned_a_q",
        "_versioned_a_x1",
        "_versioned__v1",
        "_versioned_v1",
        "_versioned_a_t",
        "_versioned_a_ttv1",
        "_versioned_a_v1__2",
        "_versioned_a_v1_",
        "_versioned_a_v_1",
        "_versioned_a_q1",
        "_versioned_a_q1_2E0",
        "_versioned_a_q_31",
        "_versioned_a_q_3",
        "_versioned_a_q_zz",
        "_versioned_a_q_ 3",
        "_versioned_a_q_+3",
        "_versioned_a_vé",
        "_Versioned_a_v1",
    ],
)
def test_other_names_mean_nothing(name):
    assert decode(name) is None


@pytest.mark.property
class TestAnyNameAndClause:
    @given(NAMES, ASCII, st.booleans())
    def test_round_trip(self, name, clause, top):
        pseudo = encode(name, clause, top=top)
        assert decode(pseudo) == (name, clause, top)
        assert pseudo.isidentifier()
        assert "." not in pseudo

    @given(NAMES, NAMES, ASCII, ASCII, st.booleans(), st.booleans())
    def test_injective(self, name, other, clause, second, top, another):
        same = (name, clause, top) == (other, second, another)
        assert (encode(name, clause, top=top) == encode(other, second, top=another)) == same

    @given(st.text(st.sampled_from("_vqtd1a2eé.+")).map("_versioned_".__add__))
    def test_what_is_decoded_is_what_is_encoded(self, pseudo):
        decoded = decode(pseudo)
        if decoded is not None:
            name, clause, top = decoded
            assert encode(name, clause, top=top) == pseudo

    @given(st.text())
    def test_never_raises(self, text):
        decode(text)
        decode(f"_versioned_{text}")
        is_plain(text)
