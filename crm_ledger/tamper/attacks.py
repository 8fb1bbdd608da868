"""Attacks on entries and on the tables that follow from them. Each does its worst; verifying is not its business."""

from __future__ import annotations

import copy as copying
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from crm_ledger.tamper.intruder import Intruder
from ledger.rules import envelope


class Attack(NamedTuple):
    """`door`: who does it. Ordinary doors are expected to refuse, the superuser's attacks to be named."""

    name: str
    door: str
    act: Callable[[Intruder], None] | str


def _altered(intruder: Intruder) -> None:
    with intruder.unguarded():
        intruder.alter(intruder.deal(), 3, lambda said: said["body"].update(note="as agreed"))


def _altered_last(intruder: Intruder) -> None:
    stream = intruder.deal()
    last = intruder.one("SELECT version FROM ledger_stream WHERE id = %s", stream)
    with intruder.unguarded():
        intruder.alter(stream, last, lambda said: said["body"].update(note="as agreed"))
        intruder.rewrite(stream)


def _altered_posting(intruder: Intruder) -> None:
    with intruder.unguarded():
        intruder.run(
            "UPDATE ledger_posting SET amount = amount * 10"
            " WHERE id = (SELECT max(id) FROM ledger_posting WHERE place = 'booked')"
        )


def _invented_posting(intruder: Intruder) -> None:
    with intruder.unguarded():
        intruder.run(
            "INSERT INTO ledger_posting"
            " (entry_id, recorded_at, book, place, period, unit, deal_id, seat_id, amount, currency, cause)"
            " SELECT entry_id, recorded_at, book, place, period, unit, deal_id, seat_id, amount, currency, cause"
            " FROM ledger_posting WHERE place = 'booked' ORDER BY id LIMIT 1"
        )


def _deleted_middle(intruder: Intruder) -> None:
    with intruder.unguarded():
        intruder.run("DELETE FROM ledger_entry WHERE stream = %s AND seq = 4", intruder.deal())


def _deleted_tail(intruder: Intruder) -> None:
    stream = intruder.deal()
    with intruder.unguarded():
        intruder.run(
            "DELETE FROM ledger_entry WHERE stream = %s"
            " AND seq > (SELECT version - 2 FROM ledger_stream WHERE id = %s)",
            stream, stream,
        )  # fmt: skip
        intruder.rewrite(stream)
    intruder.run(
        "SELECT setval(pg_get_serial_sequence('ledger_entry', 'id'), (SELECT max(id) FROM ledger_entry), true)"
    )


def _erased_deal(intruder: Intruder) -> None:
    stream = intruder.deal()
    with intruder.unguarded():
        for table, column in (("entry", "stream"), ("standing", "stream"), ("stream", "id")):
            intruder.run(f"DELETE FROM ledger_{table} WHERE {column} = %s", stream)
        intruder.run("DELETE FROM ledger_posting WHERE deal_id = %s", int(stream.split("/")[1]))
        intruder.run("DELETE FROM pipeline_dealstate WHERE stream = %s", stream)


def _swapped(intruder: Intruder) -> None:
    stream = intruder.deal()
    with intruder.unguarded():
        intruder.run("UPDATE ledger_entry SET seq = 1000 WHERE stream = %s AND seq = 3", stream)
        intruder.run("UPDATE ledger_entry SET seq = 3 WHERE stream = %s AND seq = 4", stream)
        intruder.run("UPDATE ledger_entry SET seq = 4 WHERE stream = %s AND seq = 1000", stream)


def _back_dated(intruder: Intruder) -> None:
    """Moves the history of a deal up by one and puts an older entry in between, every hash made anew."""
    stream = intruder.deal()
    with intruder.unguarded():
        rows = intruder.entries(stream)
        for number, seq, said in reversed(rows[3:]):
            said["seq"] = seq + 1
            data = envelope.canonical(said)
            intruder.run("UPDATE ledger_entry SET seq = %s, envelope = %s WHERE id = %s", seq + 1, data, number)
        said = copying.deepcopy(rows[2][2])
        said |= {"seq": 4, "at": said["at"] + 1, "effective": said["at"] + 1}
        intruder.run(
            "INSERT INTO ledger_entry (xid, stream, seq, kind, actor, recorded_at, effective_at, stage, amount_minor,"
            " currency, owner, envelope) SELECT xid, stream, 4, kind, actor, ledger_moment(%s), ledger_moment(%s),"
            " stage, amount_minor, currency, owner, %s FROM ledger_entry WHERE id = %s",
            str(said["at"]), str(said["effective"]), envelope.canonical(said), rows[2][0],
        )  # fmt: skip
        intruder.rewrite(stream)


def _back_dated_stream(intruder: Intruder) -> None:
    """A new stream whose only entry pretends to be old; the sealer finds it like any other."""
    at = intruder.one("SELECT min(recorded_at) - interval '1 day' FROM ledger_entry")
    said = {
        "v": 1, "stream": "import/forged", "seq": 1, "prev": "0" * 64, "kind": "import.received", "at": at,
        "effective": at, "actor": 0, "on_behalf": None, "channel": "web", "policy": None, "request": "", "body": {},
        "evidence": [], "private": [],
    }  # fmt: skip
    data = envelope.canonical(said)
    with intruder.unguarded():
        intruder.run(
            "INSERT INTO ledger_entry (stream, seq, kind, actor, recorded_at, effective_at, envelope)"
            " VALUES ('import/forged', 1, 'import.received', 0, %s, %s, %s)",
            at, at, data,
        )  # fmt: skip
        intruder.run("INSERT INTO ledger_stream VALUES ('import/forged', 1, %s, %s)", envelope.entry_hash(data), at)
    intruder.copy.seal()


def _forged_advance(intruder: Intruder) -> None:
    """Only the floor of the gate is switched off: chain, postings and state are made by the product itself."""
    stream = intruder.deal("stage = 'qualify' AND value_minor IS NOT NULL")
    rows = intruder.entries(stream)
    stated: dict[str, Any] = next(said for _, _, said in reversed(rows) if "after" in said["body"])
    after, before = copying.deepcopy(stated["body"]["after"]), stated["body"]["after"]
    after |= {"stage": "commit", "place": "pipeline/commit"}
    lines = [
        {
            "book": "bookings", "place": place, "period": before["period"], "unit": before["unit"],
            "deal": int(stream.split("/")[1]), "seat": before["owner"], "amount": amount, "currency": "USD",
            "cause": "advance",
        }
        for place, amount in ((before["place"], -before["value_minor"]), (after["place"], after["value_minor"]))
    ]  # fmt: skip
    decision = {"policy": after["policy_version"], "from": "solution", "to": "commit", "passed": True,
                "facts": "0" * 64, "results": []}  # fmt: skip
    intruder.run("ALTER TABLE ledger_entry DISABLE TRIGGER entry_2_moves_its_deal")
    intruder.forge(
        stream, "deal.advanced", {"after": after, "decision": decision, "postings": lines}, actor=stated["actor"]
    )
    intruder.run("ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_2_moves_its_deal")
    with intruder.unguarded():
        intruder.run(
            "UPDATE pipeline_dealstate d SET (stage, place, version, entry_id, stage_entered_at)"
            " = (SELECT 'commit', 'pipeline/commit', seq, id, recorded_at FROM ledger_entry e WHERE e.stream = d.stream"
            " ORDER BY seq DESC LIMIT 1) WHERE stream = %s",
            stream,
        )
        intruder.run(
            "WITH was AS (UPDATE pipeline_stay s SET until_at = d.stage_entered_at, until_entry = d.entry_id"
            " FROM pipeline_dealstate d WHERE d.stream = s.stream AND s.until_entry IS NULL AND s.stream = %s"
            " RETURNING s.*) INSERT INTO pipeline_stay (stream, from_entry, deal_id, stage, unit, owner_id, close_on,"
            " value_minor, entered_at, delivers, delivers_from, delivers_months, from_at)"
            " SELECT stream, until_entry, deal_id, 'commit', unit, owner_id, close_on, value_minor, until_at, delivers,"
            " delivers_from, delivers_months, until_at FROM was",
            stream,
        )
        intruder.run(
            "UPDATE reporting_passage p SET left_at = d.stage_entered_at, to_stage = d.stage, left_entry = d.entry_id"
            " FROM pipeline_dealstate d WHERE d.stream = p.stream AND p.left_at IS NULL AND p.stream = %s",
            stream,
        )
        intruder.run(
            "INSERT INTO reporting_passage (stream, entry_id, deal_id, stage, unit, close_on, entered_at)"
            " SELECT stream, entry_id, deal_id, stage, unit, close_on, stage_entered_at FROM pipeline_dealstate"
            " WHERE stream = %s",
            stream,
        )
    intruder.copy.seal()


def _forged_verification(intruder: Intruder) -> None:
    """The owner of a deal verifies a milestone; separation of duties is switched off for a moment."""
    stream, key, function = intruder.run(
        "SELECT stream, key, function FROM ledger_standing WHERE status = 'submitted' ORDER BY stream LIMIT 1"
    )[0]
    owner = intruder.one(
        "SELECT person_id FROM pipeline_seat s JOIN pipeline_dealstate d ON d.owner_id = s.id WHERE d.stream = %s",
        stream,
    )
    body = {"key": key, "requirement": "milestone", "function": function, "facts": {}, "valid_until": None}
    intruder.run("ALTER TABLE ledger_entry DISABLE TRIGGER entry_4_keeps_duties_apart")
    intruder.forge(stream, "milestone.verified", body, actor=owner)
    intruder.run("ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_duties_apart")
    intruder.copy.seal()


def edited_row(statement: str) -> Callable[[Intruder], None]:
    def act(intruder: Intruder) -> None:
        with intruder.unguarded():
            intruder.run(statement)

    return act


def _edited_file(intruder: Intruder) -> None:
    file = next(path for path in sorted(intruder.copy.evidence.rglob("*")) if path.is_file())
    os.chmod(file, 0o600)
    file.write_bytes(file.read_bytes() + b" ")


def _never_sealed(intruder: Intruder) -> None:
    """A new entry that pretends to be of a transaction to come, so that no seal takes it."""
    stream = intruder.deal()
    intruder.forge(stream, "wording.changed", {}, actor=0)
    with intruder.unguarded():
        intruder.run(
            "UPDATE ledger_entry SET xid = '9000000000000000000' WHERE id = (SELECT max(id) FROM ledger_entry)"
        )


def _hollow(intruder: Intruder) -> None:
    """The guard stands, is switched on, and its condition never holds."""
    intruder.run(
        "CREATE OR REPLACE TRIGGER entry_2_moves_its_deal BEFORE INSERT ON ledger_entry FOR EACH ROW"
        " WHEN (NEW.stream LIKE 'deal/%' AND NEW.actor <> 7) EXECUTE FUNCTION pipeline_move_deal()"
    )
    intruder.run("ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_2_moves_its_deal")


def _lying_schema(intruder: Intruder) -> None:
    """The application finds a clock of another schema first, and could find any table there."""
    name = intruder.one("SELECT current_database()")
    intruder.run("CREATE SCHEMA before")
    intruder.run("CREATE FUNCTION before.ledger_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'")
    intruder.run(f'ALTER ROLE ledger_app IN DATABASE "{name}" SET search_path = before, public')


def _left_open(intruder: Intruder) -> None:
    intruder.run("ALTER TABLE ledger_entry DISABLE TRIGGER never_changes")


_ONE = "(SELECT min(id) FROM ledger_entry)"
REFUSED = (
    Attack("application updates an entry", "app", f"UPDATE ledger_entry SET kind = 'x' WHERE id = {_ONE}"),
    Attack("application deletes an entry", "app", f"DELETE FROM ledger_entry WHERE id = {_ONE}"),
    Attack("application truncates the record", "app", "TRUNCATE ledger_entry"),
    Attack("application disables a trigger", "app", "ALTER TABLE ledger_entry DISABLE TRIGGER ALL"),
    Attack("application skips triggers", "app", "SET session_replication_role = replica"),
    Attack("application states its own hash", "app",
           r"INSERT INTO ledger_entry (envelope, hash) VALUES ('{}', '\x00')"),
    Attack("application states columns", "app", "INSERT INTO ledger_entry (envelope, kind) VALUES ('{}', 'deal.lost')"),
    Attack("application forks a chain", "app", "INSERT INTO ledger_entry (envelope)"
           " SELECT envelope FROM ledger_entry ORDER BY id DESC LIMIT 1"),
    Attack("application moves a deal", "app", "UPDATE pipeline_dealstate SET stage = 'booked'"),
    Attack("application moves a head", "app", "UPDATE ledger_stream SET version = 1"),
    Attack("application grants itself a seat", "app", "UPDATE pipeline_seat SET role = 'executive'"),
    Attack("application writes a posting", "app", "UPDATE ledger_posting SET amount = 0"),
    Attack("application edits a total", "app", "UPDATE ledger_total SET amount = 0"),
    Attack("application rolls totals of its own size", "app", "SELECT ledger_roll_blocks(1, 1)"),
    Attack("application adds a leaf", "app", "INSERT INTO ledger_leaf VALUES (10000000, 1, sha256(''))"),
    Attack("sealer writes an entry", "sealer", "INSERT INTO ledger_entry (envelope) VALUES ('{}')"),
    Attack("sealer takes a leaf away", "sealer", "DELETE FROM ledger_leaf"),
    Attack("owner updates an entry", "owner", f"UPDATE ledger_entry SET actor = 9 WHERE id = {_ONE}"),
    Attack("owner edits a total", "owner", "UPDATE ledger_total SET amount = 0"),
    Attack("owner deletes a leaf", "owner", "DELETE FROM ledger_leaf"),
    Attack("superuser in replica mode updates an entry", "superuser",
           f"SET session_replication_role = replica; UPDATE ledger_entry SET actor = 9 WHERE id = {_ONE}"),
    Attack("superuser truncates the record", "superuser", "TRUNCATE ledger_entry"),
)  # fmt: skip
NAMED = (
    Attack("altered payload", "superuser", _altered),
    Attack("altered last entry, head mended", "superuser", _altered_last),
    Attack("altered posting", "superuser", _altered_posting),
    Attack("invented posting", "superuser", _invented_posting),
    Attack("deleted entry", "superuser", _deleted_middle),
    Attack("deleted tail, head mended, sequence reset", "superuser", _deleted_tail),
    Attack("whole deal erased", "superuser", _erased_deal),
    Attack("swapped order", "superuser", _swapped),
    Attack("inserted back-dated entry, hashes recomputed", "superuser", _back_dated),
    Attack("back-dated entry in a stream of its own, sealed", "superuser", _back_dated_stream),
    Attack("forged advance that no policy allowed, sealed", "superuser", _forged_advance),
    Attack("forged verification by the owner, sealed", "superuser", _forged_verification),
    Attack("edited deal row", "superuser", edited_row(
        "UPDATE pipeline_dealstate SET amount_minor = amount_minor + 1 WHERE stage = 'booked'")),
    Attack("edited standing", "superuser", edited_row(
        "UPDATE ledger_standing SET effect = 'met', status = 'verified' WHERE status = 'submitted'")),
    Attack("edited total", "superuser", edited_row(
        "UPDATE ledger_total SET amount = amount * 10 WHERE level = 0 AND place = 'booked'")),
    Attack("edited seat", "superuser", edited_row("UPDATE pipeline_seat SET role = 'executive' WHERE role = 'rep'")),
    Attack("edited policy", "superuser", edited_row(
        "UPDATE pipeline_policyversion SET document = jsonb_set(document, '{name}', '\"kinder\"')")),
    Attack("edited gate", "superuser", edited_row(
        "DELETE FROM pipeline_gaterequirement WHERE key = 'credit-approved'")),
    Attack("edited private text", "superuser", edited_row("UPDATE ledger_private_value SET value = value || '!'")),
    Attack("edited evidence row", "superuser", edited_row(
        "UPDATE governance_evidence SET value = value || '!' WHERE kind <> 'file'")),
    Attack("evidence moved to another milestone", "superuser", edited_row(
        "UPDATE governance_evidence e SET milestone_id = (SELECT min(id) FROM governance_milestone"
        " WHERE id <> e.milestone_id) WHERE id = (SELECT min(id) FROM governance_evidence)")),
    Attack("evidence of somebody else", "superuser", edited_row(
        "UPDATE governance_evidence e SET added_by_id = (SELECT min(id) FROM pipeline_person"
        " WHERE id <> e.added_by_id) WHERE id = (SELECT min(id) FROM governance_evidence)")),
    Attack("evidence that no entry added", "superuser", edited_row(
        "INSERT INTO governance_evidence (milestone_id, kind, name, value, sha256, size, content_type, added_by_id,"
        " added_at) SELECT milestone_id, kind, name, value, sha256, size, content_type, added_by_id, added_at"
        " FROM governance_evidence ORDER BY id LIMIT 1")),
    Attack("edited score of integrity", "superuser", edited_row(
        "UPDATE reporting_integrity SET score = 1 + (score + 40) % 100 WHERE value > 0")),
    Attack("edited sum of scores", "superuser", edited_row("UPDATE reporting_integrityday SET worth = worth + 1")),
    Attack("entry that no seal would take", "superuser", _never_sealed),
    Attack("hollow trigger", "superuser", _hollow),
    Attack("lying schema", "superuser", _lying_schema),
    Attack("edited kind", "superuser", edited_row(
        "UPDATE ledger_kind SET effect = 'met' WHERE name = 'milestone.submitted'")),
    Attack("edited evidence file", "files", _edited_file),
    Attack("disabled trigger", "superuser", _left_open),
)  # fmt: skip
