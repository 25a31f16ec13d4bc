"""Cells of CSV files that a spreadsheet would run as formulas."""

import csv
import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis.strategies import text

from tutorarc.imports.tables import cell_value, read_table
from tutorarc.staff.csv_file import escape_formula, unescape_formula
from tutorarc.staff.export import csv_text

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
    [(line, cells)] = read_table(file.getvalue().encode()).rows
    assert (line, [cell_value(one) for one in cells]) == (2, ["a@example.org", cell])


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
