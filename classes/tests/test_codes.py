import re
from itertools import pairwise

import pytest

from classes import codes


@pytest.mark.parametrize(
    ("title", "prefix"),
    [
        ("Algorithms 101", "ALGO"),
        ("C++", "C"),
        ("3D printing", "3DPR"),
        ("Élan vital", "ELAN"),
        ("Żółć", "ZOC"),  # ł has no decomposition
        ("ﬁnance", "FINA"),
        ("日本語 A1", "A1"),
        ("日本語", "CLAS"),
        ("🧮", "CLAS"),
        ("", "CLAS"),
        ("- - -", "CLAS"),
        ("straße", "STRA"),
        ("١٢٣", "CLAS"),
    ],
)
def test_a_prefix_is_the_first_ascii_capitals_and_digits_of_the_title(title, prefix):
    assert codes.prefix_of(title) == prefix


def test_every_candidate_is_the_prefix_and_four_to_eight_random_characters():
    for code in codes.candidates("Algorithms 101"):
        assert re.fullmatch(r"ALGO-[2-9A-HJKMNP-Z]{4,8}", code)


def test_each_clash_makes_the_next_code_no_shorter_up_to_eight():
    lengths = [len(code) for code in codes.candidates("Algorithms")]
    assert all(shorter <= longer for shorter, longer in pairwise(lengths))
    assert (lengths[0], lengths[-1]) == (len("ALGO-7P4X"), len("ALGO-7P4X7P4X"))


def test_the_alphabet_has_no_characters_that_look_alike():
    assert set("0O1IL").isdisjoint(codes.UNAMBIGUOUS)
    assert len(set(codes.UNAMBIGUOUS)) == len(codes.UNAMBIGUOUS) == 31


def test_codes_are_random():
    drawn = {next(codes.candidates("Algorithms")) for _ in range(20)}
    assert len(drawn) > 10


@pytest.mark.parametrize("typed", ["ALGO-7P4X", "algo-7p4x", "  Algo-7p4X\t"])
def test_a_code_is_read_without_case_and_without_spaces_around_it(typed):
    assert codes.canonical(typed) == "ALGO-7P4X"
