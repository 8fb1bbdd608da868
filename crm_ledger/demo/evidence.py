"""Small real papers: PDF and CSV files with their first bytes in order, links, references and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Paper(NamedTuple):
    """What proves a milestone: a file with its bytes, or a value of another kind."""

    kind: str
    name: str
    value: str = ""
    data: bytes = b""


def pdf(lines: Sequence[str]) -> bytes:
    """One page of text, as small as a PDF can be."""
    words = " T* ".join(f"({_escaped(line)}) Tj" for line in lines)
    content = f"BT /F1 12 Tf 56 780 Td 18 TL {words} ET".encode("cp1252", "replace")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(parts) + 1, table, end)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def papers(key: str, ref: str, customer: str, says: str) -> list[Paper]:
    """The evidence of one milestone of one deal; `says` is the line that states its facts."""
    title, kind = _PAPERS[key]
    if kind == "pdf":
        page = pdf([f"{title}: {customer}", f"Deal {ref}", says, "", "Meridian Automation, demo data only."])
        return [Paper("file", f"{title} {ref}.pdf", data=page)]
    if kind == "csv":
        return [
            Paper("file", f"{title} {ref}.csv", data=f"deal,customer,statement\n{ref},{customer},{says}\n".encode())
        ]
    if kind == "link":
        return [Paper("link", f"{title} {ref}", f"https://delivery.meridian.example/{ref.lower()}/handover")]
    if kind == "reference":
        return [Paper("reference", title, f"{title} {ref}: {says}")]
    return [Paper("number", title, says.rpartition(" ")[2])]


_PAPERS = {
    "delivery-plan-accepted": ("Delivery plan", "pdf"),
    "credit-approved": ("Credit report", "pdf"),
    "contract-signed": ("Signed contract", "pdf"),
    "capacity-confirmed": ("Capacity sheet", "csv"),
    "billing-terms-verified": ("Billing terms", "reference"),
    "delivered": ("Handover protocol", "link"),
    "invoiced": ("Invoice", "pdf"),
    "collected": ("Amount received", "number"),
}
