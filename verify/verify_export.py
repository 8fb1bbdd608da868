"""Checks a receipt, or a CSV or XLSX file that ends with one, without the product: Python and `cryptography` only.

    python verify_export.py FILE --key 'crm-ledger/receipts+…' [--key …]

Says `genuine`, `altered` (with the first row that differs) or `not ours`, and exits 0 only for the first. Whether the
number still holds today only the record can say: send the file to /verify/, or add up a bundle with verify_bundle.py.
"""

import argparse
import base64
import csv
import hashlib
import io
import json
import re
import sys
import zipfile
from decimal import Decimal, InvalidOperation
from pathlib import Path
from xml.etree import ElementTree

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

DECIMALS = {"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3} | dict.fromkeys(
    ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"], 0
)
GUARDED = tuple("=+-@\t\r\n'＝＋－＠")
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class No(Exception):
    """A verdict that is not `genuine`."""


def canonical(value):
    """RFC 8785, for values without fractions: every receipt and every row is one."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def once(pairs):
    if len(dict(pairs)) != len(pairs):
        raise No("not ours: the receipt repeats a member")
    return dict(pairs)


def receipt_of(text):
    try:
        said = json.loads(text, object_pairs_hook=once)
        return said, base64.b64decode(said["signature"], validate=True)
    except (ValueError, KeyError, TypeError):
        raise No("not ours: there is no receipt in it") from None


def check_signature(said, signature, keys):
    named = {}
    for line in keys:
        name, identity, packed = line.strip().split("+", 2)
        raw = base64.b64decode(packed)
        if hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4].hex() != identity or raw[:1] != b"\x01":
            sys.exit(f"this is no public key under its own id: {line}")
        named[f"{name}+{identity}"] = raw[1:]
    if said.get("key") not in named:
        raise No(f"not ours: signed by {said.get('key')}, which is none of the keys given")
    data = canonical({name: value for name, value in said.items() if name != "signature"})
    try:
        Ed25519PublicKey.from_public_bytes(named[said["key"]]).verify(signature, data)
    except InvalidSignature:
        raise No("altered: the receipt itself was changed, its signature does not fit") from None


def rows_of(data):
    if data[:4] == b"PK\x03\x04":
        return sheet_rows(data)
    text = data.decode("utf-8-sig")
    delimiter = max((",", ";", "\t"), key=text.split("\n", 1)[0].count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def sheet_rows(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        shared = []
        if "xl/sharedStrings.xml" in archive.namelist():
            strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
            shared = ["".join(part.text or "" for part in one.iter(f"{SHEET}t")) for one in strings.iter(f"{SHEET}si")]
        root = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    return [cells_of(row, shared) for row in root.iter(f"{SHEET}row")]


def cells_of(row, shared):
    found = []
    for cell in row.iter(f"{SHEET}c"):
        letters = re.match("[A-Z]+", cell.get("r", ""))
        while letters and len(found) < column(letters[0]):
            found.append("")
        value = cell.find(f"{SHEET}v")
        text = value.text if value is not None else "".join(part.text or "" for part in cell.iter(f"{SHEET}t"))
        found.append(shared[int(text)] if cell.get("t") == "s" else text or "")
    return found


def column(letters):
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def cell(kind, text, currency):
    if kind == "text":
        text = text[1:] if text.startswith("'") and text[1:].startswith(GUARDED) else text
        return text or None
    text = text.strip()
    if not text:
        return None
    try:
        number = Decimal(text.replace(",", "."))
        if kind == "number":
            return int(number) if number == int(number) else text
        places = DECIMALS.get(currency, 2)
        exact = round(number, places)
        return f"{exact:.{places}f}" if exact == number else text
    except (InvalidOperation, ValueError, OverflowError):
        return text


def check_rows(rows, said, currency):
    """Names the first row that differs: each row carries the beginning of the digest up to and with itself."""
    names = [name for name, _kind in said["columns"]]
    body = [row for row in rows if any(text.strip() for text in row)]
    header = [text.strip() for text in body[0]] if body else []
    places = [header.index(name) if name in header else -1 for name in (*names, "proof")]
    digest, first = hashlib.sha256(canonical({"columns": said["columns"]})).digest(), ""
    for number, row in enumerate(body[1:], 1):
        texts = [row[at] if 0 <= at < len(row) else "" for at in places]
        pairs = zip(said["columns"], texts, strict=False)
        cells = [cell(kind, text, currency) for (_name, kind), text in pairs]
        digest = hashlib.sha256(digest + canonical({"row": cells})).digest()
        if not first and texts[-1].strip() != digest.hex()[:16]:
            first = f"altered: row {number} is the first that differs: {cells}"
    if (len(body) - 1, digest.hex()) == (said["count"], said["sha256"]):
        return
    if first:
        raise No(first)
    if len(body) - 1 < said["count"]:
        raise No(f"altered: row {len(body)} is missing; {said['count']} rows were signed")
    raise No("altered: the rows are not those that were signed, and their proofs were written anew")


def verify(data, keys):
    """The receipt of a genuine file; raises No with the verdict."""
    if data.lstrip()[:1] == b"{":
        said, signature = receipt_of(data)
        check_signature(said, signature, keys)
        return said
    rows = rows_of(data)
    end = next((at for at in reversed(range(len(rows))) if rows[at] and rows[at][0].strip() == "receipt"), None)
    if end is None or len(rows[end]) < 2:
        raise No("not ours: there is no receipt in it")
    said, signature = receipt_of(rows[end][1])
    check_signature(said, signature, keys)
    if not said.get("rows"):
        raise No("altered: this receipt is of a number, not of a table")
    stamped = end > 0 and rows[end - 1] and rows[end - 1][0].strip() == "not certified"
    check_rows(rows[: end - 1 if stamped else end] + rows[end + 1 :], said["rows"], said["currency"])
    return said


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", action="append", required=True, help="a public key, as /ledger/keys/ shows it")
    asked = parser.parse_args()
    try:
        said = verify(asked.file.read_bytes(), asked.key)
    except No as verdict:
        sys.exit(str(verdict))
    except (OSError, UnicodeDecodeError, zipfile.BadZipFile, ElementTree.ParseError, csv.Error, KeyError) as fault:
        sys.exit(f"not ours: it cannot be read ({type(fault).__name__}: {fault})")
    print(f"genuine: {said['measure']} {said['value']} {said['currency']}, as of {said['as_of']}")
    print(f"scope {json.dumps(said['scope'])}, definition v{said['definition_version']}, {said['deals']} deals")
    if said["integrity"] is not None and said["integrity"] < 80:
        print(f"not certified: integrity {said['integrity']} of 100; a certified number has 80")
    head = said["tree_head"]
    print(
        f"ledger position {said['ledger_position']}, tree " + (f"{head['size']} {head['root']}" if head else "unsealed")
    )


if __name__ == "__main__":
    main()
