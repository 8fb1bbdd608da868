"""The numbers on a page, each with where it leads: so that one without a way to its entries is found."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import NamedTuple

MONEY = re.compile(r"\b[A-Z]{3}\s[+−-]?[\d,]+(\.\d+)?")
FIGURE = re.compile(r"^[+−▲▼\s-]*\d[\d,.\s]*%?$")
VOID = {"meta", "link", "input", "br", "hr", "img", "use", "path", "rect", "line", "circle", "option"}
OUTSIDE = {"nav", "form", "select", "dialog", "template", "script", "style", "svg", "footer", "title"}
# What a number shares its way with: its own cell, line, pair or box.
HOLDERS = {"td", "dd", "li", "p"}


class Number(NamedTuple):
    """`said` with the words around it; `links` are the addresses that it, or its own cell or line, leads to; `row`
    those of its row."""

    said: str
    around: str
    links: tuple[str, ...]
    row: tuple[str, ...] = ()
    own: bool = False  # whether the number itself is the link


class _Node:
    def __init__(self, tag: str, classes: tuple[str, ...], href: str) -> None:
        self.tag, self.classes, self.href = tag, classes, href
        self.texts: list[str] = []
        self.links: list[str] = []
        self.cells: list[int] = []  # of a row: which numbers stand in it
        self.numbers: list[tuple[str, str]] = []  # what is said, own link


class Page(HTMLParser):
    """Reads the main part of a page: its numbers, and every address in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[_Node] = []
        self.numbers: list[Number] = []
        self.addresses: list[str] = []
        self.heading = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        href = said.get("href") or "" if tag == "a" else ""
        if href:
            self.addresses.append(href)
            for node in self.open:
                node.links.append(href)
        if tag not in VOID:
            self.open.append(_Node(tag, tuple((said.get("class") or "").split()), href))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<use …/>` and its like hold nothing."""

    def handle_endtag(self, tag: str) -> None:
        while any(node.tag == tag for node in self.open):
            node = self.open.pop()
            self._close(node)
            if node.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text or not any(node.tag == "main" for node in self.open):
            return
        for node in self.open:
            node.texts.append(text)
        if any(node.tag in OUTSIDE or ("muted" in node.classes and text == "0") for node in self.open):
            return
        inner = self.open[-1]
        cell = any(node.tag == "td" and "num" in node.classes for node in self.open)
        large = any("figure" in node.classes or "money" in node.classes for node in self.open)
        if not re.search("[1-9]", text):
            return  # nothing stands behind nothing
        if MONEY.search(text) or ((cell or large) and FIGURE.match(text)):
            own = next((node.href for node in reversed(self.open) if node.href), "")
            holder = next((node for node in reversed(self.open) if self._holds(node)), inner)
            holder.numbers.append((text, own))

    def _holds(self, node: _Node) -> bool:
        return node.tag in HOLDERS or "box" in node.classes or "card" in node.classes

    def _close(self, node: _Node) -> None:
        around = " ".join(node.texts)[:160]
        row = next((one for one in reversed(self.open) if one.tag == "tr"), None)
        for said, own in node.numbers:
            found = Number(said, around, (own,) if own else tuple(dict.fromkeys(node.links)), own=bool(own))
            self.numbers.append(found)
            if row is not None:
                row.cells.append(len(self.numbers) - 1)
        for at in node.cells:
            self.numbers[at] = self.numbers[at]._replace(row=tuple(dict.fromkeys(node.links)))
