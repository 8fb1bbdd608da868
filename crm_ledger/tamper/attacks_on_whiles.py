"""Attacks on the whiles in which deals stood and waited, on the sums over them, and on what time says of a promise."""

from __future__ import annotations

from crm_ledger.tamper.attacks import Attack, edited_row
from crm_ledger.tamper.intruder import Intruder


def _forged_miss(intruder: Intruder) -> None:
    """Something is said to be missed before its day; what holds that back is switched off, its mark put by hand."""
    stream, key, sort = intruder.run(
        "SELECT stream, key, requirement FROM ledger_standing WHERE requirement IN ('milestone', 'handshake')"
        " AND effect = 'unmet' AND status <> 'released' AND due_at > ledger_now() AND missed_at IS NULL"
        " ORDER BY requirement, stream, key LIMIT 1"
    )[0]
    due = intruder.one("SELECT due_at FROM ledger_standing WHERE (stream, key) = (%s, %s)", stream, key)
    intruder.run("ALTER TABLE ledger_entry DISABLE TRIGGER entry_8_moves_its_standing")
    number = intruder.forge(stream, f"{sort}.missed", {"key": key, "requirement": sort, "due": due}, actor=0)
    intruder.run("ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_8_moves_its_standing")
    intruder.run("ALTER TABLE ledger_standing DISABLE TRIGGER never_changes")
    intruder.run(
        "UPDATE ledger_standing s SET missed_at = e.recorded_at FROM ledger_entry e WHERE e.id = %s"
        " AND (s.stream, s.key) = (%s, %s)",
        number, stream, key,
    )  # fmt: skip
    intruder.run("ALTER TABLE ledger_standing ENABLE ALWAYS TRIGGER never_changes")
    intruder.copy.seal()


NAMED = (
    Attack("edited total of what waits", "superuser", edited_row(
        "UPDATE governance_waiting_total SET amount = amount * 10 WHERE level = 0")),
    Attack("edited total of what is asked of capacity", "superuser", edited_row(
        "UPDATE governance_demand_total SET units = units * 10 WHERE level = 0")),
    Attack("edited total of stages", "superuser", edited_row(
        "UPDATE pipeline_stage_total SET amount = amount * 10 WHERE level = 0")),
    Attack("while in which a deal stood, worth more", "superuser", edited_row(
        "UPDATE pipeline_stay SET value_minor = value_minor * 10 WHERE until_entry IS NOT NULL")),
    Attack("while in which a deal stood, dated back", "superuser", edited_row(
        "UPDATE pipeline_stay SET from_at = from_at - interval '1 day' WHERE until_entry IS NULL")),
    Attack("while in which a deal waited, cut out", "superuser", edited_row(
        "DELETE FROM governance_waiting WHERE until_entry IS NOT NULL")),
    Attack("while in which a deal waited, of somebody else", "superuser", edited_row(
        "UPDATE governance_waiting SET function = function || '-2'")),
    Attack("forged miss of a day that has not come, sealed", "superuser", _forged_miss),
)  # fmt: skip
