"""The security page: each requirement has a state, and each test that it names exists."""

import re

from tutorarc.settings import BASE_DIR
from tutorarc.tests.ops.documents import DOCS

PAGE = DOCS / "security.md"
APPS = ("tutorarc", "apikeys", "classes", "members", "sessions")
# How many requirements of levels 1 and 2 each section of ASVS 5.0 has. Those of level 3 come after them.
SECTIONS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1
5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1
8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3
12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3
17.1:1 17.2:4 17.3:2
"""
COUNTS = re.findall(r"([\d.]+):(\d+)", SECTIONS)
REQUIREMENTS = [f"{section}.{number + 1}" for section, count in COUNTS for number in range(int(count))]


def rows():
    """Requirements, meaning and state of each row."""
    found = re.findall(r"^\| ([\d.,– ]+) \| (.*?) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    return [(expanded(numbers), meaning, state) for numbers, meaning, state in found]


def expanded(numbers):
    """The requirements of "1.2.6–1.2.8, 1.3.1"."""
    named = []
    for part in numbers.split(", "):
        first, _, last = part.partition("–")
        end = REQUIREMENTS.index(last or first) + 1
        named += REQUIREMENTS[REQUIREMENTS.index(first) : end]
    return named


def names_of_tests():
    files = [file for app in APPS for file in (BASE_DIR / app).rglob("test_*.py")]
    return {name for file in files for name in re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE)}


def test_each_requirement_of_levels_1_and_2_has_one_state():
    named = sorted((number for numbers, _, _ in rows() for number in numbers), key=REQUIREMENTS.index)
    assert named == REQUIREMENTS


def test_a_state_is_one_of_three_with_a_test_or_a_reason():
    wrong = [
        (numbers, state)
        for numbers, _, state in rows()
        if not re.match(r"(\*\*holds\*\*: .*`test_\w+`|\*\*does not hold\*\*: .+|does not apply: .+)", state)
    ]
    assert wrong == []


def test_every_test_that_is_named_exists():
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))
    assert named - names_of_tests() == set()
