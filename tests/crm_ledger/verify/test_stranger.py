"""How the stranger's verifier reads: by cutting canonical bytes, and by reading what is written in another way."""

import importlib.util
import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules import checkpoint, merkle
from tests.databases import ROOT

SIGNER = checkpoint.Signer.from_seed("tests", bytes([1] * 32))


def _load():
    spec = importlib.util.spec_from_file_location("stranger", ROOT / "verify" / "verify_bundle.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


stranger = _load()
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
NESTED = st.recursive(
    st.none() | st.integers(0, 9) | TEXT | st.just(',"prev":"' + "0" * 64),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["prev", "seq", "stream", "v", "note"]), inner)
    ),
    max_leaves=6,
)


def said(**changes):
    return {
        "v": 1, "stream": "deal/7", "seq": 3, "prev": "ab" * 32, "kind": "deal.amended", "at": 1, "effective": 1,
        "actor": 0, "on_behalf": None, "channel": "web", "policy": 1, "request": "", "body": {}, "evidence": [],
        "private": [], **changes,
    }  # fmt: skip


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def cut(data):
    return stranger.places([data], [data[data.rfind(stranger.PREV) :]], 0)[0]


@given(body=st.dictionaries(st.sampled_from(["after", "prev", "stream", "z"]), NESTED), request=TEXT,
       stream=st.from_regex(r"[a-z]+/[0-9a-z-]{1,9}", fullmatch=True), seq=st.integers(1, 10**9),
       private=st.lists(st.fixed_dictionaries({"id": TEXT, "mac": TEXT, "name": TEXT}), max_size=2))  # fmt: skip
def test_what_is_cut_is_what_json_says(body, request, stream, seq, private):
    """Whatever stands in body, request and private texts: quotation marks, brackets, the names of the fields."""
    data = canonical(said(body=body, request=request, stream=stream, seq=seq, private=private))
    prev, number, name = cut(data)
    assert (prev.decode(), int(number), name.decode()) == ("ab" * 32, seq, stream)


def test_bytes_that_are_written_in_another_way_are_read():
    data = json.dumps(said(), indent=1).encode()
    assert cut(data) == (b"ab" * 32, 3, b"deal/7")


def bundle(folder, *envelopes, every=1):
    """Signed at every size that `every` divides."""
    frontier, notes = merkle.Frontier(), []
    for at in range(0, len(envelopes), 256):
        file = folder / "entries" / "000" / "000" / f"{at // 256:03d}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"".join(len(data).to_bytes(2, "big") + data for data in envelopes[at : at + 256]))
    for number, data in enumerate(envelopes, 1):
        frontier.add(merkle.leaf_hash(data))
        if number % every == 0 or number == len(envelopes):
            notes.append(json.dumps({"note": checkpoint.signed("tests", number, frontier.root(), [SIGNER])}))
    (folder / "checkpoints.jsonl").write_text("\n".join(notes) + "\n")
    return [stranger.key_of(SIGNER.key.text())], frontier.root()


def chain(count, streams=7):
    heads, found = {}, []
    for number in range(count):
        name = f"deal/{number % streams}"
        seq, prev = heads.get(name, (0, "0" * 64))
        found.append(canonical(said(stream=name, seq=seq + 1, prev=prev)))
        heads[name] = (seq + 1, sha256(b"\x00" + found[-1]).hexdigest())
    return found


@pytest.mark.parametrize(("count", "every"), [(1, 1), (255, 100), (256, 256), (700, 256), (700, 3), (1025, 512)])
def test_any_size_and_any_heads(tmp_path, count, every):
    keys, root = bundle(tmp_path, *chain(count), every=every)
    assert stranger.verify(tmp_path, keys, []) == (count, -(-count // every), root)


def test_a_broken_link_is_named(tmp_path):
    entries = chain(20)
    entries[15] = canonical(said(stream="deal/1", seq=3, prev="cd" * 32))
    keys, _ = bundle(tmp_path, *entries)
    with pytest.raises(stranger.Broken, match="leaf 15: deal/1 3: prev: expected"):
        stranger.verify(tmp_path, keys, [])


def test_a_missing_entry_is_named(tmp_path):
    entries = chain(20)
    del entries[8]
    keys, _ = bundle(tmp_path, *entries)
    with pytest.raises(stranger.Broken, match=r"deal/1: entry 2 is missing"):
        stranger.verify(tmp_path, keys, [])


def test_leaves_may_come_in_another_order_than_their_stream(tmp_path):
    entries = chain(21)
    entries[1], entries[8], entries[15] = entries[15], entries[1], entries[8]
    keys, root = bundle(tmp_path, *entries)
    assert stranger.verify(tmp_path, keys, [])[2] == root


def test_a_repeated_key_is_refused_when_envelopes_are_read(tmp_path):
    twice = canonical(said(stream="deal/1", seq=1, prev="0" * 64)).replace(b'"body":{}', b'"body":{"a":1,"a":2}')
    keys, _ = bundle(tmp_path, twice)
    assert stranger.verify(tmp_path, keys, [])[0] == 1
    with pytest.raises(stranger.Broken, match="repeats a key"):
        stranger.verify(tmp_path, keys, [], read_all=True)
