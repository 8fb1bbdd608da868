"""Who published a rate is judged by the seats of its moment."""

from datetime import UTC, datetime
from types import SimpleNamespace

from pipeline.rules import rate_replay
from pipeline.rules.replay import Organisation, Seat

THEN, LATER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


def test_a_rate_by_nobody_of_finance_is_named():
    said = Organisation()
    for number, (function, unit) in enumerate((("finance", None), ("finance", "east"), ("sales", None)), 1):
        said.seats[number] = Seat(number, function, unit, "lead", THEN, None, number, THEN)
        said.by_person[number] = [number]
    said.published = [SimpleNamespace(actor=person, recorded_at=LATER) for person in (0, 1, 2, 3, 4)]
    assert [entry.actor for entry, _deviation in rate_replay.finish(said)] == [2, 3, 4]
    said.published = [SimpleNamespace(actor=1, recorded_at=datetime(2026, 10, 1, tzinfo=UTC))]
    assert len(list(rate_replay.finish(said))) == 1, "before the seat was held"
