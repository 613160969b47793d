"""A table as people keep it, CSV or XLSX. Nothing in it is executed or looked up elsewhere.

CSV: UTF-8 or UTF-16, with or without BOM, separated by comma, semicolon or tab; a cell is always text, also one that
begins with `=`.
"""

import csv
import io
import re
from collections.abc import Iterator

from storage.grid import Row, Sheet, SheetWrong, checked
from storage.workbook import read_xlsx

FILE_MAX = 20_000_000  # bytes
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet program takes a CSV cell that begins so for a formula


def read_sheet(raw: bytes, wanted: str | None = None) -> Sheet:
    """Return the rows of a CSV or XLSX file; `wanted` names one of several sheets. Raises: SheetWrong."""
    if len(raw) > FILE_MAX:
        raise SheetWrong(f"The file is larger than {FILE_MAX:,} bytes. Split it.")
    if raw.startswith(b"PK\x03\x04"):
        return read_xlsx(raw, wanted)
    for magic, what in ((b"\xd0\xcf\x11\xe0", "an old .xls file or has a password"), (b"%PDF", "a PDF file")):
        if raw.startswith(magic):
            raise SheetWrong(f"The file is {what}. Save it as .xlsx without a password, or as CSV UTF-8.")
    if wanted is not None:
        raise SheetWrong("A CSV file has no sheets; leave --sheet out.")
    return _read_csv(raw)


def escaped(cell: str) -> str:
    """Return a cell as it may be written into CSV: no spreadsheet program takes it for a formula."""
    return f"'{cell}" if cell.startswith(RISKY) else cell


def _unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(RISKY) else cell


# --- CSV -----------------------------------------------------------------------------------------------------------

_SEPARATORS = ",;\t|"


def _read_csv(raw: bytes) -> Sheet:
    text = _decoded(raw)
    if text.lstrip()[:1] == "<":
        raise SheetWrong("The file is a web page or XML, not a table. Save it as .xlsx or as CSV UTF-8.")
    first = next((line for line in text.splitlines() if line.strip()), "")
    hint = re.fullmatch(r"sep=(.)", first.strip("\r\n"))
    outside = re.sub(r'"[^"]*"', "", first)
    separator = hint[1] if hint else max(_SEPARATORS, key=outside.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)

    def rows() -> Iterator[Row]:
        number = 0
        try:
            for number, cells in enumerate(reader, start=1):
                if not (number == 1 and hint):
                    yield Row(number, tuple(_unescaped(cell.strip()) for cell in cells))
        except csv.Error as error:
            raise SheetWrong(
                f"Row {number + 1} cannot be read ({error}). Most often a quotation mark is missing there."
            ) from None

    return Sheet("", tuple(checked(rows())), ())


def _decoded(raw: bytes) -> str:
    """Return the text; Excel's "Unicode text" is UTF-16 with tabs. Raises: SheetWrong, rather than guess."""
    nuls = raw[:200].count(0)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif nuls:
        encoding = "utf-16-be" if raw[:200:2].count(0) > nuls / 2 else "utf-16-le"
    else:
        encoding = "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise SheetWrong(
            f"The file is not UTF-8 (byte {error.start + 1}). In the spreadsheet program choose 'CSV UTF-8' or .xlsx; "
            "other encodings are not guessed, because they would turn names into other names."
        ) from None
