"""Uploaded files: one CSV file, or a zip file that holds several. A zip file is never unpacked onto the disk."""

import io
import zipfile
import zlib
from collections.abc import Sequence

from tutorarc.imports.columns import plain
from tutorarc.imports.decoding import ZIP, Unreadable
from tutorarc.imports.tables import MAX_BYTES, Table, read_table

MAX_FILES = 50
COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # a reader of LZMA takes as much memory as the file demands
MAX_UNPACKED = 4 * MAX_BYTES
UNREADABLE = "The zip file is damaged. Make it again, and choose that file."


def read_tables(data: bytes, name: str, wanted: Sequence[str]) -> list[Table]:
    """The tables of a file. Of a zip file those with the `wanted` names, such as "users". Raises Unreadable."""
    if not data.startswith(ZIP):
        return [read_table(data, name)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            tables = _members(archive, wanted)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError, zlib.error):
        raise Unreadable(UNREADABLE) from None
    if not tables:
        raise Unreadable("The zip file holds none of the files that can be imported, such as users.csv.")
    return tables


def _members(archive: zipfile.ZipFile, wanted: Sequence[str]) -> list[Table]:
    infos = archive.infolist()
    if any(info.filename == "[Content_Types].xml" for info in infos):
        raise Unreadable("This is an Excel workbook. Save it as “CSV UTF-8”, and choose that file.")
    if len(infos) > MAX_FILES:
        raise Unreadable(f"The zip file holds more than {MAX_FILES} files.")
    found, left = {}, MAX_UNPACKED
    for info in infos:
        name = info.filename.rpartition("/")[2]
        if info.is_dir() or name.startswith(".") or plain(name.removesuffix(".csv")) not in wanted:
            continue
        if info.flag_bits & 1:
            raise Unreadable("The zip file is encrypted. Make one without a password.")
        if info.compress_type not in COMPRESSIONS:
            raise Unreadable(UNREADABLE)
        found[name] = _unpacked(archive, info, left)
        left -= len(found[name])
    return [_table(data, name) for name, data in found.items() if _has_rows(data)]


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int) -> bytes:
    """The file. Its stated size is not believed: reading stops at the limit."""
    with archive.open(info) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Unreadable(f"The files in the zip file are larger than {MAX_UNPACKED // 1024**2} MiB.")
    return data


def _has_rows(data: bytes) -> bool:
    """Other systems also write files without a row below the header."""
    return len(data.strip().splitlines()) > 1


def _table(data: bytes, name: str) -> Table:
    try:
        return read_table(data, name)
    except Unreadable as refusal:
        raise Unreadable(*(f"{name}: {reason}" for reason in refusal.reasons)) from None
