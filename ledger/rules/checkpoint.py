"""Checkpoints: the head of the tree as a C2SP signed note, and the keys that sign it.

A note is its text (origin, size, root in base64, one a line), an empty line, and one line for each signature. Keys
are written as in Go's sumdb: `name+keyid+base64(1 ‖ public key)`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"
_DASH = "— "


class NotANote(ValueError):
    """The text is no checkpoint; the message says where it is wrong."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key under a name."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The first four bytes of SHA-256(name ‖ LF ‖ 1 ‖ public key)."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def verifies(self, signature: bytes, text: str) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


def key_of(text: str) -> Key:
    """The inverse of `Key.text`; raises NotANote."""
    try:
        name, identity, packed = text.strip().split("+", 2)
        raw = base64.b64decode(packed, validate=True)
    except (ValueError, binascii.Error) as error:
        raise NotANote(f"“{text[:80]}” is no public key") from error
    key = Key(name, raw[1:])
    if raw[:1] != _ED25519 or len(key.public) != 32 or key.id.hex() != identity:
        raise NotANote(f"“{text[:80]}” is no Ed25519 key under its own id")
    return key


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key under a name."""

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Signer:
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def key(self) -> Key:
        return Key(self.name, self.private.public_key().public_bytes_raw())

    def line(self, text: str) -> str:
        signed = self.key.id + self.private.sign(text.encode())
        return f"{_DASH}{self.name} {base64.b64encode(signed).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a note says, with its signatures as they stand there, unverified."""

    origin: str
    size: int
    root: bytes
    signatures: tuple[Signature, ...] = ()

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def signed_by(self, keys: Iterable[Key]) -> tuple[Key, ...]:
        """The given keys that have signed this checkpoint."""
        return tuple(
            key
            for key in keys
            if any(
                (line.name, line.key_id) == (key.name, key.id) and key.verifies(line.signature, self.text)
                for line in self.signatures
            )
        )


def signed(origin: str, size: int, root: bytes, signers: Iterable[Signer]) -> str:
    """The note of a tree head; during a rotation two keys sign it."""
    text = Checkpoint(origin, size, root).text
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def parse(note: str) -> Checkpoint:
    """Reads a note; raises NotANote. Whether anybody signed it is another question: `signed_by`."""
    text, gap, tail = note.partition("\n\n")
    lines = text.split("\n")
    if not gap or len(lines) < 3 or not tail.endswith("\n"):
        raise NotANote("a checkpoint has three lines, an empty one and signatures")
    origin, size, packed = lines[:3]
    if not origin or not size.isascii() or not size.isdigit() or (size != "0" and size[0] == "0"):
        raise NotANote("a checkpoint names its origin and its size")
    try:
        root = base64.b64decode(packed, validate=True)
    except binascii.Error as error:
        raise NotANote("the root of a checkpoint is base64") from error
    if len(root) != 32 or len(lines) > 3:
        raise NotANote("the root of a checkpoint has 32 bytes and ends its text")
    return Checkpoint(origin, int(size), root, tuple(_signature(line) for line in tail[:-1].split("\n")))


def _signature(line: str) -> Signature:
    name, _, packed = line.removeprefix(_DASH).rpartition(" ")
    try:
        raw = base64.b64decode(packed, validate=True)
    except binascii.Error as error:
        raise NotANote("a signature is base64") from error
    if not line.startswith(_DASH) or not name or len(raw) < 5:
        raise NotANote("a signature line is a dash, a name and a signature")
    return Signature(name, raw[:4], raw[4:])
