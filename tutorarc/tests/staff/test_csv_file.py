"""CSV files from spreadsheets: which are read, and which are refused with which message."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis.strategies import text

from tutorarc.staff.csv_file import (
    MAX_BYTES,
    MAX_LINES,
    MAX_ROWS,
    Columns,
    Unreadable,
    escape_formula,
    read,
    unescape_formula,
)
from tutorarc.staff.export import csv_text

TOO_LONG = "field larger than field limit (131072)"
COLUMNS = Columns(
    required=("email",), optional=("name", "role"), aliases={"e-mail": "email"}, ignored=("id", "joined_at")
)


def rows(text, encoding="utf-8"):
    return [tuple(row) for row in read(text.encode(encoding), COLUMNS).rows]


def reasons(data):
    with pytest.raises(Unreadable) as refusal:
        read(data if isinstance(data, bytes) else data.encode(), COLUMNS)
    return refusal.value.reasons


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_the_usual_delimiters_encodings_and_line_ends_are_read(delimiter, encoding, line_end):
    text = line_end.join([f"E-Mail{delimiter} Name ", f"a@example.org{delimiter}Zoë", f"{delimiter}", ""])
    assert rows(text, encoding) == [(2, {"email": "a@example.org", "name": "Zoë"}, "")]


def test_a_row_has_the_number_of_its_first_line():
    text = 'email,name\n"a@example.org","Ann\nLee"\n\nb@example.org,Ben\n'
    assert [(line, cells["name"]) for line, cells, _ in rows(text)] == [(2, "Ann\nLee"), (5, "Ben")]


def test_a_row_with_too_few_or_too_many_cells_is_a_problem_of_that_row():
    assert [
        (line, problem) for line, _, problem in rows("email,name\na@example.org\nb@example.org,B,C\nc@d.org,D")
    ] == [
        (2, "This line has 1 cells, and the header 2."),
        (3, "This line has 3 cells, and the header 2."),
        (4, ""),
    ]


def test_columns_of_our_exports_that_are_not_read_are_named():
    assert read(b"id,email,joined_at\n1,a@example.org,\n", COLUMNS).ignored == ["id", "joined_at"]


@pytest.mark.parametrize("end", ["", ",", ", ,"])
def test_empty_columns_behind_the_last_are_ignored(end):
    text = f"email,name{end}\na@example.org,Ann{end}\nb@example.org,{end}\n,{end}\n"
    assert rows(text) == [
        (2, {"email": "a@example.org", "name": "Ann"}, ""),
        (3, {"email": "b@example.org", "name": ""}, ""),
    ]


@pytest.mark.parametrize("first", ["sep=;", "SEP=;", '"sep=;"', "sep=;;"])
def test_a_first_line_that_declares_the_delimiter_is_skipped(first):
    assert rows(f"\ufeff{first}\r\nemail;name\r\na@example.org;Lee, Ann\r\n") == [
        (3, {"email": "a@example.org", "name": "Lee, Ann"}, "")
    ]
    assert reasons(f"{first}\n") == ["The column “email” is missing."]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("emial,name\na,b", ["Unknown column “emial”. Is “email” meant?", "The column “email” is missing."]),
        ("email,shoe size\na,b", ["Unknown column “shoe size”."]),
        ("email,e-mail\na,b", ["The column “email” is there twice."]),
        ("email,\na,b", ["A column has no name in the first line."]),
        ("name\nb", ["The column “email” is missing."]),
        ("", ["The file is empty."]),
        ("\ufeff \n", ["The file is empty."]),
        ("email\n\n", ["The file has no row below its header."]),
        ('email\n"a', ["Line 2 is no CSV: unexpected end of data. Are its quotes closed?"]),
        ('email\nx\n"a"b', ["Line 3 is no CSV: ',' expected after '\"'. Are its quotes closed?"]),
        (
            "email\n" + "a" * 200_000,
            ["Line 2 is no CSV: field larger than field limit (131072). Are its quotes closed?"],
        ),
        ("email\na\0b", ["The file holds NUL bytes, so it is no text. Save it as “CSV UTF-8”."]),
        ("email\nok\nZoë".encode("latin-1"), ["Line 3 is not in UTF-8. Save the file as “CSV UTF-8”."]),
        ("email\nZoë".encode("utf-16"), ["The file is in UTF-16. Save it as “CSV UTF-8”."]),
        (b"PK\x03\x04...", ["This is an Excel workbook. Save it as “CSV UTF-8”, and choose that file."]),
        ("emal," * 101 + "\na\n", ["The first line has 102 columns, and 100 are the most."]),
        ("email\n" + "a\n" * (MAX_ROWS + 1), ["The file has more than 10,000 rows. Split it."]),
        ("email\n" + "\n" * MAX_LINES, ["The file has more than 50,000 lines. Delete the blank ones."]),
        ("email\r" + "\r" * MAX_LINES, ["The file has more than 50,000 lines. Delete the blank ones."]),
        (b"email\n" + b"a" * MAX_BYTES, ["The file is larger than 1,024 KiB. Split it."]),
    ],
)
def test_an_unusable_file_is_refused_with_the_reason(data, expected):
    assert reasons(data) == expected


def test_the_maximum_number_of_rows_is_read():
    assert len(rows("email\n" + "a\n" * MAX_ROWS)) == MAX_ROWS


RUN_BY_SPREADSHEETS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t1",
    "\r1",
    "\n1",
    " =1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff =1",
]
RUN_BY_SPREADSHEETS += ["＝1", "＋1", "－1", "＠SUM(A1)", "﹦1", "\u3000＝1", "=1 ", "'=1", "''=1", "' =1"]


@pytest.mark.parametrize("cell", RUN_BY_SPREADSHEETS)
def test_formulas_are_escaped_and_unescaped(cell):
    assert (escape_formula(cell), unescape_formula(escape_formula(cell))) == (f"'{cell}", cell)
    file = io.StringIO()
    csv.writer(file).writerows([["email", "name"], ["a@example.org", escape_formula(cell)]])
    assert rows(file.getvalue()) == [(2, {"email": "a@example.org", "name": cell}, "")]


@pytest.mark.parametrize(
    ("cell", "escaped"),
    [
        ("Bo;=1+1", "Bo;'=1+1"),
        ("Bo, -1", "Bo,' -1"),
        ("Bo\t@SUM(A1)", "Bo\t'@SUM(A1)"),
        ("Bo\r\n＋1", "Bo\r\n'＋1"),
        ('Bo;"=1+1"', 'Bo;\'"=1+1"'),
        ("Bo;'=1", "Bo;''=1"),
        ("=1;=2", "'=1;'=2"),
        ("\t=1", "'\t'=1"),
        ("\n=1", "'\n'=1"),
    ],
)
def test_formulas_behind_a_delimiter_are_escaped_too(cell, escaped):
    assert (escape_formula(cell), unescape_formula(escaped)) == (escaped, cell)


@pytest.mark.parametrize("delimiter", ",;\t")
@given(cell=text(alphabet="'\"=-＠,;\t\r\n \u200ba1"))
def test_no_delimiter_that_a_spreadsheet_may_expect_begins_a_cell_with_a_formula(delimiter, cell):
    file = io.StringIO(csv_text([["id", escape_formula(cell), escape_formula(cell), "end"]]), newline=None)
    cells = [read for row in csv.reader(file, delimiter=delimiter) for read in row]
    assert [read for read in cells if unicodedata.normalize("NFKC", read.strip(' "\u200b'))[:1] in set("=-@")] == []
    assert unescape_formula(escape_formula(cell)) == cell


@pytest.mark.parametrize("cell", ["", " ", "Ann", "O'Neil", "'quoted'", "'", "1-1", "a=b", "\u200bAnn", "1 =2", "¿=?"])
def test_other_cells_are_not_changed(cell):
    assert (escape_formula(cell), unescape_formula(cell)) == (cell, cell)
