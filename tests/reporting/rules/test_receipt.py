"""A receipt is the same bytes everywhere, and every changed member breaks it."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.rules.checkpoint import Signer
from reporting.rules import receipt
from reporting.rules.receipt import Claim, NotAReceipt

SIGNER = Signer.from_seed("crm-ledger/receipts", bytes([7] * 32))
CLAIM = Claim(
    measure="booked",
    definition_version=3,
    as_of="2027-04-30T23:00:00.000000Z",
    scope={"period": "2027-Q2", "units": ["east", "münchen"]},
    currency="USD",
    fx_table_version=41,
    ledger_position=1234,
    tree_head={"size": 1230, "root": "ab" * 32},
    value="264000.00",
    deals=1,
)


def test_what_we_sign_stands_and_says_what_was_claimed():
    found = receipt.read(receipt.text(receipt.signed(CLAIM, SIGNER)))
    assert found.claim == CLAIM and found.key == receipt.name_of(SIGNER.key)
    assert found.stands(SIGNER.key) and found.maker([SIGNER.key]) == SIGNER.key
    assert not found.stands(Signer.from_seed("crm-ledger/receipts", bytes(32)).key)
    assert found.maker([Signer.from_seed("crm-ledger", bytes([7] * 32)).key]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"value": "264000.01"}, {"measure": "forecast"}, {"scope": {"period": None, "units": None}}, {"deals": 2},
        {"as_of": "2027-04-30T23:00:00.000001Z"}, {"currency": "EUR"}, {"ledger_position": 1}, {"tree_head": None},
        {"definition_version": 4}, {"fx_table_version": 0}, {"integrity": 100}, {"rows": {"sha256": ""}},
    ],
)  # fmt: skip
def test_each_member_is_signed(change):
    said = receipt.signed(CLAIM, SIGNER)
    assert not receipt.read({**said, **change}).stands(SIGNER.key)


def test_other_order_and_other_spaces_are_the_same_receipt():
    said = receipt.signed(CLAIM, SIGNER)
    shuffled = json.dumps(dict(reversed(said.items())), indent=3)
    assert receipt.read(shuffled).stands(SIGNER.key)
    assert receipt.read(shuffled).digest == receipt.read(receipt.text(said)).digest


@settings(max_examples=60)
@given(
    st.builds(
        replace,
        st.just(CLAIM),
        value=st.integers(-(10**17), 10**17).map(lambda minor: f"{minor // 100}.{abs(minor) % 100:02}"),
        deals=st.integers(0, 2**53 - 1),
        integrity=st.none() | st.integers(0, 100),
        scope=st.fixed_dictionaries(
            {"period": st.none() | st.text("0123456789-Q"), "units": st.none() | st.lists(st.text("aé"))}
        ),
    )
)  # fmt: skip
def test_any_claim_comes_back_as_it_was_signed(claim):
    found = receipt.read(receipt.text(receipt.signed(claim, SIGNER)))
    assert found.stands(SIGNER.key)
    assert receipt.signed(found.claim, SIGNER) == receipt.signed(claim, SIGNER)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"v":1}',
        "[" * 100_000,
        "{" * 40_000,
        '{"v":1,"v":2}',
        "\x00",
        '{"a":1e999}',
        "9" * 5000,
    ],
)
def test_what_is_none_is_refused_and_breaks_nothing(text):
    with pytest.raises(NotAReceipt):
        receipt.read(text)


@pytest.mark.parametrize(
    "change", [{"v": 2}, {"v": True}, {"value": 264000.0}, {"as_of": "soon"}, {"as_of": "2027-04-30"}, {"key": 1}]
)
def test_another_shape_is_refused(change):
    with pytest.raises(NotAReceipt):
        receipt.read({**receipt.signed(CLAIM, SIGNER), **change})


PROGRAM = """
import locale
from datetime import datetime, timedelta, timezone
from dataclasses import replace
from tests.reporting.rules.test_receipt import CLAIM, SIGNER
from reporting.rules import receipt
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
here = datetime(2027, 5, 1, 4, 45, 0, 1, timezone(timedelta(hours=5, minutes=45)))
print(ascii(receipt.text(receipt.signed(replace(CLAIM, as_of=receipt.moment(here)), SIGNER))))
"""


def test_the_same_bytes_under_every_locale_zone_and_hash_seed():
    """Each in a process of its own. German numbers, Turkish letters, no UTF-8, the other side of the date line."""
    found = set()
    for at, (lang, zone) in enumerate(
        [
            ("C", "UTC"),
            ("de_DE.UTF-8", "Pacific/Kiritimati"),
            ("tr_TR.UTF-8", "America/New_York"),
            ("C.UTF-8", "Asia/Kathmandu"),
        ]
    ):
        env = os.environ | {
            "LANG": lang,
            "LC_ALL": lang,
            "TZ": zone,
            "PYTHONHASHSEED": str(at),
            "PYTHONUTF8": str(at % 2),
        }
        done = subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True)
        found.add(done.stdout)
    assert len(found) == 1
    assert '"as_of":"2027-04-30T23:00:00.000001Z"' in found.pop()
