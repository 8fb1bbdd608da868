"""Parts sum to the whole, shifting loses nothing, and undoing a cause restores the schedule."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pipeline.rules.schedule import Cause, Point, Terms, baseline, schedule
from reporting.rules import variance

days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
KEYS = ["installation", "training", "permit"]


@st.composite
def points(draw, start):
    cuts = sorted(draw(st.lists(st.integers(1, 99), max_size=4, unique=True)))
    shares = [Decimal(after - before) / 100 for before, after in zip([0, *cuts], [*cuts, 100], strict=True)]
    return tuple(
        Point(start + timedelta(days=draw(st.integers(0, 400))), share, draw(st.sampled_from(["", *KEYS])))
        for share in shares
    )


@st.composite
def agreed(draw):
    start = draw(days)
    mode = draw(st.sampled_from(["shift", "truncate"]))
    parts = draw(st.just(()) | points(start))
    return Terms(draw(st.integers(1, 10**13)), start, draw(st.integers(1, 900)), mode, parts)


@st.composite
def slipped(draw):
    found = []
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True)):
        due = draw(days)
        expected = due + timedelta(days=draw(st.integers(1, 500)))
        found.append(Cause(key, due, expected, draw(st.integers(0, 60)), draw(st.booleans())))
    return found


@given(agreed(), slipped())
def test_parts_sum_to_the_whole(terms, causes):
    assert sum(baseline(terms).values()) == terms.amount
    found = schedule(terms, causes)
    assert found.total == terms.amount
    assert all(part > 0 for part in (*found.revenue.values(), *found.forgone.values()))


@given(agreed(), slipped())
def test_a_shift_sums_to_zero_and_a_truncation_to_what_is_forgone(terms, causes):
    moved = sum(variance.variance(terms, causes).values())
    assert moved == -sum(schedule(terms, causes).forgone.values())
    if terms.mode == "shift":
        assert moved == 0


@given(agreed(), slipped())
def test_attributed_parts_sum_to_the_whole(terms, causes):
    total = Counter()
    parts = variance.attributed(terms, causes)
    for _cause, months in parts:
        total.update(months)
    assert {month: part for month, part in total.items() if part} == variance.variance(terms, causes)
    assert [cause for cause, _ in parts] == sorted(causes, key=lambda cause: (cause.due, cause.key))


@given(agreed(), slipped())
def test_undoing_causes_restores_the_schedule(terms, causes):
    undone = [Cause(cause.key, cause.due, cause.due, cause.float_days, cause.blocks) for cause in causes]
    assert schedule(terms, undone).revenue == baseline(terms)
    for at, one in enumerate(undone):
        without = causes[:at] + causes[at + 1 :]
        assert schedule(terms, [*without, one]) == schedule(terms, without)


@given(agreed(), slipped(), st.integers(1, 90))
def test_slipping_further_never_brings_revenue_forward(terms, causes, more):
    later = [
        Cause(cause.key, cause.due, cause.expected + timedelta(days=more), cause.float_days, cause.blocks)
        for cause in causes
    ]
    now, then = schedule(terms, causes).revenue, schedule(terms, later).revenue
    for month in {*now, *then}:
        assert sum(part for at, part in then.items() if at < month) <= sum(
            part for at, part in now.items() if at < month
        )


def test_two_misses_share_what_they_move():
    """The first due takes only what the second alone would not have moved."""
    terms = Terms(36_000_000, date(2025, 4, 1), 365)
    early = Cause("installation", date(2025, 3, 20), date(2025, 5, 4))  # 45 days
    late = Cause("training", date(2025, 4, 1), date(2025, 5, 1))  # 30 days
    [(first, of_first), (second, of_second)] = variance.attributed(terms, [late, early])
    assert (first, second) == (early, late)
    april, may = date(2025, 4, 1), date(2025, 5, 1)
    assert (of_first.get(april, 0), of_second[april]) == (0, -2_958_904)
    assert (of_first[may], of_second.get(may, 0)) == (-1_479_452, 0)
