import re

import pytest

from classes import codes


@pytest.mark.parametrize(
    ("title", "prefix"),
    [
        ("Algorithms 101", "ALGO"),
        ("C++", "C"),
        ("3D printing", "3DPR"),
        ("Élan vital", "ELAN"),
        ("Żółć", "ZOLC"),
        ("Øvelse", "OVEL"),
        ("Đại số", "DAIS"),
        ("Œuvres", "OEUV"),
        ("Ælfric", "AELF"),
        ("Işık", "ISIK"),
        ("İstatistik", "ISTA"),
        ("e\u0301lan", "ELAN"),
        ("Ａｌｇｅｂｒａ", "ALGE"),
        ("ﬁnance", "FINA"),
        ("日本語 A1", "A1"),
        ("日本語", "CLAS"),
        ("🧮", "CLAS"),
        ("", "CLAS"),
        ("- - -", "CLAS"),
        ("straße", "STRA"),
        ("١٢٣", "CLAS"),
        ("2026", "CLAS"),
        ("алгебра 8", "CLAS"),
        ("2026 Algebra", "2026"),
        ("Analysis 1", "CLAS"),
        ("Anatomy", "ANAT"),
        ("Cocktails", "CLAS"),
        ("Ass", "CLAS"),
        ("Assembly", "ASSE"),
    ],
)
def test_a_prefix_is_the_first_ascii_capitals_and_digits_of_the_title(title, prefix):
    assert codes.prefix_of(title) == prefix


@pytest.mark.parametrize(("in_use", "length"), [(0, 4), (1, 5), (34, 5), (35, 6), (967, 6), (968, 8), (700_000, 8)])
def test_the_random_part_grows_with_the_codes_in_use(in_use, length):
    for code in codes.new_codes("ALGO", in_use):
        assert re.fullmatch(rf"ALGO-[2-9B-DF-HJKMNP-TV-XZ]{{{length}}}", code)
    assert codes.random_length(in_use) == length
    assert len(codes.ALPHABET) ** length / (in_use + 1) > 400_000


def test_the_alphabet_has_no_characters_that_look_alike_and_no_vowels():
    assert set("0O1IL" + "AEIOUY").isdisjoint(codes.ALPHABET)
    assert len(set(codes.ALPHABET)) == len(codes.ALPHABET) == 27


def test_codes_are_random():
    drawn = {next(codes.new_codes("ALGO", 0)) for _ in range(20)}
    assert len(drawn) > 10


SPELLINGS = [
    "ALGO-7P4X",
    "algo-7p4x",
    "  Algo-7p4X\t",
    "ALGO7P4X",
    "ALGO 7P4X",
    "A L G O - 7 P 4 X",
    "ALGO - 7P4X",
    "ALGO--7P4X",
    "ALGO\n7P4X",
    *(f"ALGO{dash}7P4X" for dash in "‐‑‒–—―−﹣－ーｰ─־⁃"),
    "ＡＬＧＯ－７Ｐ４Ｘ",
    "ALGO\u00ad-7P4X",
    "\u200eALGO-7P4X\u200f",
    "\u202aALGO-7P4X\u202c",
    "ALGO\u200b-\u20607P4X\ufeff",
    "ALGO\u00a0-\u202f7P4X",
    "ALGO\u30007P4X",
    "𝐀𝐋𝐆𝐎-𝟕𝐏𝟒𝐗",
]


@pytest.mark.parametrize("typed", SPELLINGS)
def test_every_spelling_of_a_code_means_it(typed):
    assert codes.possible_codes(typed)[0] == "ALGO-7P4X"


@pytest.mark.parametrize("typed", ["", " ", "-", "ALGO-7P4", "ALGO-7P4X7P4X7", "АLGO-7P4X", "ALGO.7P4X", "ALGO-7P4X!"])
def test_other_text_does_not_mean_the_code(typed):
    assert "ALGO-7P4X" not in codes.possible_codes(typed)


def test_a_dotted_capital_i_of_turkish_keyboards_is_an_i():
    assert codes.possible_codes("BİOL-7P4X")[0] == "BIOL-7P4X"


@pytest.mark.parametrize("code", ["C-7P4X", "3D-7P4XAB", "ALG-7P4X", "ALGO-7P4X7P4X", "OIL-EAU2"])
def test_codes_of_any_length_and_alphabet_are_read_with_and_without_their_dash(code):
    """Older codes have vowels in their random part."""
    assert codes.possible_codes(code)[0] == code
    assert code in codes.possible_codes(code.replace("-", ""))


def test_a_text_of_more_than_160_characters_is_no_code():
    """To fold a text takes time that grows with the square of its length."""
    assert [codes.possible_codes("ALGO-7P4X" + " " * blanks)[:1] for blanks in (151, 152)] == [["ALGO-7P4X"], []]
