"""The text of a file, whatever the encoding in which a spreadsheet saved it."""

import codecs

BOM = "\ufeff"
BOMS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
WORKBOOK, ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"
SAMPLE = 4096  # bytes that tell whether a file is in UTF-16
FEW = 0.4  # of the bytes at even or at odd places: in a text in UTF-16 that is mostly ASCII, more than these are zero


class Unreadable(Exception):
    """The file can't be imported; `reasons` are sentences."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = list(reasons)


def decode(data: bytes) -> tuple[str, list[str]]:
    """The text without byte order marks, and notes on what was unusual. Raises Unreadable."""
    if data.startswith((WORKBOOK, ZIP)):
        raise Unreadable("This is an Excel workbook. Save it as “CSV UTF-8”, and choose that file.")
    text, notes = _text(data)
    if "\0" in text:
        raise Unreadable("The file holds NUL bytes, so it is no text. Save it as “CSV UTF-8”.")
    plain = text.lstrip(BOM)
    if len(text) - len(plain) > 1:
        notes.append(f"The file began with {len(text) - len(plain)} byte order marks, which were skipped.")
    return plain, notes


def _text(data: bytes) -> tuple[str, list[str]]:
    if encoding := _utf_16(data):
        return _utf_16_text(data, encoding)
    try:
        return data.decode(), []
    except UnicodeDecodeError as error:
        return _windows_1252_text(data, error)


def _utf_16(data: bytes) -> str:
    """The variant of UTF-16, told by the byte order mark or by the zero bytes; empty if it is none."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return encoding
    sample = data[:SAMPLE]
    zeros = {"utf-16-be": sample[::2].count(0), "utf-16-le": sample[1::2].count(0)}
    return next((name for name, count in zeros.items() if count > len(sample) / 2 * FEW), "")


def _utf_16_text(data: bytes, encoding: str) -> tuple[str, list[str]]:
    try:
        return data.decode(encoding), ["The file is in UTF-16, and was read as that."]
    except UnicodeDecodeError:
        raise Unreadable("The file looks like UTF-16, but isn't whole. Save it as “CSV UTF-8”.") from None


def _windows_1252_text(data: bytes, error: UnicodeDecodeError) -> tuple[str, list[str]]:
    """Refuses a file of which other lines are in UTF-8: read as Windows-1252, these would be wrong."""
    line = data[: error.start].count(b"\n") + 1
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise Unreadable(f"Line {line} is neither in UTF-8 nor in Windows-1252. Save it as “CSV UTF-8”.") from None
    if any(_is_utf_8(line) and not line.isascii() for line in data.splitlines()):
        raise Unreadable(f"Line {line} is not in UTF-8, although other lines are. Save the file as “CSV UTF-8”.")
    return text, ["The file is not in UTF-8, so it was read as Windows-1252. Check names with accents."]


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
