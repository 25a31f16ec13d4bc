"""The file of an export: what each model holds of a person, as JSON and as CSV, in one zip archive."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils import timezone

from tutorarc.api.json import dump
from tutorarc.domain.personal_data import PERSONAL_DATA, Shown
from tutorarc.models import User
from tutorarc.staff.export import BOM, cell_text, chunks, csv_text

MAX_BYTES = 100 * 1024 * 1024  # of all files together, before they are compressed


class TooLarge(Exception):
    """The files are larger than MAX_BYTES together."""


class Archive:
    """Writes one file after the other, some rows at a time."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip, self._written = ZipFile(file, "w", ZIP_DEFLATED), 0

    def write(self, user: User) -> None:
        """Write all that is kept about a person. Raises TooLarge."""
        with self._zip:
            counts = {
                name: self._add(name, _shown(data.rows, data.show, user))
                for name, data in sorted(PERSONAL_DATA.items())
                if data.rows and data.show
            }
            self._zip.writestr("about.json", dump(_about(user, counts), indented=True))

    def _add(self, name: str, found: Iterable[list[Shown]]) -> int:
        """Two files of the rows of a model, which are read once. Returns the number of rows."""
        count = 0
        with tempfile.TemporaryFile() as table:
            with self._zip.open(f"{name}.json", "w") as listed:
                for rows in found:
                    self._put(listed, (b",\n" if count else b"[\n") + b",\n".join(map(dump, rows)))
                    self._put(table, (b"" if count else _head(rows[0])) + _lines(rows))
                    count += len(rows)
                self._put(listed, b"\n]\n" if count else b"[]\n")
            if count:
                self._copy(table, f"{name}.csv")
        return count

    def _put(self, file: IO[bytes], data: bytes) -> None:
        self._written += file.write(data)
        if self._written > MAX_BYTES:
            raise TooLarge()

    def _copy(self, table: IO[bytes], name: str) -> None:
        table.seek(0)
        with self._zip.open(name, "w") as file:
            while part := table.read(1024 * 1024):
                file.write(part)


def _shown(of: Callable[[User], Any], show: Callable[[Any, User], Shown], user: User) -> Iterator[list[Shown]]:
    rows = of(user)
    for chunk in chunks(rows if rows.query.order_by else rows.order_by("pk")):
        yield [show(row, user) for row in chunk]


def _about(user: User, counts: dict[str, int]) -> dict[str, Any]:
    """What the archive holds: the number of rows of each file, and what is kept but not exported."""
    return {
        "user_id": user.pk,
        "created_at": timezone.now(),
        "rows": counts,
        "not_exported": {name: data.not_exported for name, data in PERSONAL_DATA.items() if data.not_exported},
    }


def _head(row: Shown) -> bytes:
    return (BOM + csv_text([list(row)])).encode()


def _lines(rows: list[Shown]) -> bytes:
    return csv_text([_cell(value) for value in row.values()] for row in rows).encode()


def _cell(value: Any) -> str:
    return cell_text(dump(value).decode() if isinstance(value, dict | list) else value)
