"""The lines that were not imported, as a CSV file that can be corrected and imported again."""

from collections.abc import Iterator

from tutorarc.imports.models import Import
from tutorarc.imports.plans import BATCH, in_batches
from tutorarc.staff.csv_file import BOM, escape_formula
from tutorarc.staff.export import csv_text

OF_US = frozenset({"only_add", "class_label", "key", "teacher_external_id", "reported"})  # cells that no file has


def failed_lines(about: Import) -> Iterator[str]:
    """The columns that any of the lines has, after the line and the reason."""
    lines = about.lines.all()
    names = sorted({name for cells in lines.values_list("cells", flat=True).iterator() for name in cells} - OF_US)
    yield BOM + csv_text([["file", "line", "what is wrong", *names]])
    for chunk in in_batches(lines.iterator(BATCH)):
        yield csv_text(
            [
                escape_formula(text)
                for text in (row.file, str(row.line), row.reason, *(row.cells.get(n, "") for n in names))
            ]
            for row in chunk
        )
