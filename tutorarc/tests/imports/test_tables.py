"""Files from spreadsheets: which are read, with which notes, and which are refused with which message."""

import pytest

from tutorarc.imports.decoding import Unreadable
from tutorarc.imports.tables import MAX_BYTES, MAX_LINES, MAX_ROWS, read_table

TOO_LONG = "field larger than field limit (131072)"
TWO = "email,name\na@example.org,Zoë\n"


def read(text, encoding="utf-8"):
    """The header, the rows and the notes."""
    table = read_table(text if isinstance(text, bytes) else text.encode(encoding))
    return table.header, table.rows, table.notes


def rows(text):
    return read(text)[1]


def notes(text, encoding="utf-8"):
    return read(text, encoding)[2]


def reasons(data):
    with pytest.raises(Unreadable) as refusal:
        read(data)
    return refusal.value.reasons


@pytest.mark.parametrize(("delimiter", "said"), [(",", []), (";", ["semicolons"]), ("\t", ["tabs"])])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_usual_delimiters_encodings_and_line_ends_are_read(delimiter, said, encoding, line_end):
    text = line_end.join([f"E-Mail{delimiter} Name ", f"a@example.org{delimiter}Zoë", f"b@example.org{delimiter}B", ""])
    told = [f"Cells are separated by {name}." for name in said]
    expected = ["E-Mail", "Name"], [(2, ["a@example.org", "Zoë"]), (3, ["b@example.org", "B"])], told
    assert read(text, encoding) == expected


@pytest.mark.parametrize(
    ("encoding", "bom", "said"),
    [
        ("cp1252", "", "The file is not in UTF-8, so it was read as Windows-1252. Check names with accents."),
        ("utf-16-le", "\ufeff", "The file is in UTF-16, and was read as that."),
        ("utf-16-be", "\ufeff", "The file is in UTF-16, and was read as that."),
        ("utf-16-le", "", "The file is in UTF-16, and was read as that."),
        ("utf-16-be", "", "The file is in UTF-16, and was read as that."),
        ("utf-8", "\ufeff\ufeff\ufeff", "The file began with 3 byte order marks, which were skipped."),
    ],
)
def test_other_encodings_are_read_with_a_note(encoding, bom, said):
    assert read(bom + TWO, encoding) == (["email", "name"], [(2, ["a@example.org", "Zoë"])], [said])


def test_a_file_in_two_encodings_is_refused():
    data = "email\nZoë\n".encode() + "Zoé\n".encode("cp1252")
    reason = "Line 3 is not in UTF-8, although other lines are. Save the file as “CSV UTF-8”."
    assert reasons(data) == [reason]


def test_a_row_has_the_number_of_its_first_line():
    text = 'email,name\n"a@example.org","Ann\nLee"\n\nb@example.org,Ben\n'
    assert read(text)[1:] == (
        [(2, ["a@example.org", "Ann\nLee"]), (5, ["b@example.org", "Ben"])],
        ["1 blank line was skipped."],
    )


def test_blank_lines_before_the_header_are_skipped():
    assert rows("\n\nemail\na\n") == [(4, ["a"])]


def test_empty_columns_behind_the_last_are_skipped():
    text = "email,name,,\na@example.org,Ann,,\nb@example.org,,,\n,,,\n"
    assert read(text) == (
        ["email", "name"],
        [(2, ["a@example.org", "Ann"]), (3, ["b@example.org", ""])],
        ["1 blank line was skipped.", "2 empty columns at the end skipped."],
    )


def test_identical_rows_count_once():
    text = "email,name\na,A\nb,B\na, A\na,A\nb,C\n"
    said = ["2 identical repeat other rows, and count once: line 4, 5."]
    assert read(text) == (["email", "name"], [(2, ["a", "A"]), (3, ["b", "B"]), (6, ["b", "C"])], said)


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=;;"])
def test_a_first_line_that_declares_the_delimiter_is_skipped(first):
    text = f"\ufeff{first}\r\nemail;name\r\na@example.org;Lee, Ann\r\n"
    said = ["The first line says that cells are separated by semicolons."]
    assert read(text) == (["email", "name"], [(3, ["a@example.org", "Lee, Ann"])], said)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", ["The file is empty."]),
        ("\ufeff \n", ["The file is empty."]),
        ("email\n\n", ["The file has no row below its header."]),
        ('email\n"a', ["Line 2 is no CSV: unexpected end of data. Are its quotes closed?"]),
        ('email\nx\n"a"b', ["Line 3 is no CSV: ',' expected after '\"'. Are its quotes closed?"]),
        ("email\n" + "a" * 200_000, [f"Line 2 is no CSV: {TOO_LONG}. Are its quotes closed?"]),
        ("email\na\0b", ["The file holds NUL bytes, so it is no text. Save it as “CSV UTF-8”."]),
        (b"email\nok\n\x81", ["Line 3 is neither in UTF-8 nor in Windows-1252. Save it as “CSV UTF-8”."]),
        (b"\xff\xfea", ["The file looks like UTF-16, but isn't whole. Save it as “CSV UTF-8”."]),
        (b"\xd0\xcf\x11\xe0...", ["This is an Excel workbook. Save it as “CSV UTF-8”, and choose that file."]),
        ("emal," * 101 + "\na\n", ["The first line has 102 columns, and 100 are the most."]),
        ("email\n" + "a\n" * (MAX_ROWS + 1), ["The file has more than 50,000 rows. Split it."]),
        ("email\n" + "\n" * MAX_LINES, ["The file has more than 250,000 lines. Delete the blank ones."]),
        ("email\r" + "\r" * MAX_LINES, ["The file has more than 250,000 lines. Delete the blank ones."]),
        (b"email\n" + b"a" * MAX_BYTES, ["The file is larger than 8 MiB. Split it."]),
    ],
)
def test_an_unusable_file_is_refused_with_the_reason(data, expected):
    assert reasons(data) == expected


def test_the_maximum_number_of_rows_is_read():
    assert len(rows("email\n" + "".join(f"{number}\n" for number in range(MAX_ROWS)))) == MAX_ROWS
