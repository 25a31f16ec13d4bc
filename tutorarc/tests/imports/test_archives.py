"""Zip files that were made to do harm."""

import io
import zipfile

import pytest

from tutorarc.imports.archives import UNREADABLE, read_tables
from tutorarc.imports.decoding import Unreadable

PEOPLE = b"email,display_name\namy@example.org,Amy\n"


def packed(files, compression=zipfile.ZIP_DEFLATED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def refusal_of(data):
    with pytest.raises(Unreadable) as raised:
        read_tables(data, "school.zip", ["users"])
    return str(raised.value)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_whose_reader_takes_much_memory_is_refused(compression):
    assert refusal_of(packed({"users.csv": PEOPLE}, compression)) == UNREADABLE


@pytest.mark.parametrize("place", range(30, 60, 3))
def test_a_damaged_file_is_refused(place):
    data = bytearray(packed({"users.csv": PEOPLE}))
    data[place] ^= 0xFF
    assert refusal_of(bytes(data)) == UNREADABLE


def test_names_with_paths_are_read_by_their_last_part():
    [table] = read_tables(packed({"../../etc/users.csv": PEOPLE}), "school.zip", ["users"])
    assert len(table.rows) == 1
