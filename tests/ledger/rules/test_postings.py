"""Value is moved, never invented: of every move, to the minor unit."""

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as some

from ledger.rules.postings import Position, Posting, imbalance, move

MONTHS = some.sampled_from([date(2027, month, 1) for month in (3, 4, 5)])
POSITIONS = some.builds(
    Position,
    some.sampled_from(["pipeline/commit", "booked", "lost"]),
    MONTHS,
    some.sampled_from(["east", "west"]),
    some.integers(1, 3),
    some.integers(0, 10**9),
)


def balances(lines):
    sums = Counter()
    for line in lines:
        if line.place != "source":
            sums[line.place, line.period, line.unit, line.seat] += line.amount
    return {key: amount for key, amount in sums.items() if amount}


@given(some.none() | POSITIONS, some.none() | POSITIONS, some.none() | MONTHS)
def test_a_move_sums_to_zero_and_takes_the_value_from_here_to_there(was, now, out):
    if was is None and now is None:
        return
    lines = move(7, was, now, "advance", "USD", out_period=out)
    assert imbalance(lines) == {}
    expected = Counter()
    if was is not None:
        expected[was.place, out or was.period, was.unit, was.seat] -= was.value
    if now is not None:
        expected[now.place, now.period, now.unit, now.seat] += now.value
    assert balances(lines) == {key: amount for key, amount in expected.items() if amount}
    assert all(line.amount for line in lines)


@given(some.lists(POSITIONS, min_size=1, max_size=6))
def test_a_life_leaves_the_value_where_it_stands(positions):
    lines, was = [], None
    for now in positions:
        lines += move(7, was, now, "advance", "USD")
        was = now
    last = positions[-1]
    assert balances(lines) == ({last[:4]: last.value} if last.value else {})
    lines += move(7, was, None, "cancelled", "USD")
    assert balances(lines) == {}
    assert sum(line.amount for line in lines) == 0


@given(POSITIONS)
def test_what_stays_makes_no_lines(position):
    assert move(7, position, position, "advance", "USD") == ()


def test_only_the_difference_of_a_new_amount_is_posted():
    was = Position("pipeline/commit", date(2027, 4, 1), "east", 1, 100)
    lines = move(7, was, was._replace(value=80), "slipped", "USD")
    assert [(line.place, line.amount, line.cause) for line in lines] == [
        ("source", 20, "amount"),
        ("pipeline/commit", -20, "amount"),
    ]


def test_imbalance_names_book_and_currency():
    line = Posting("bookings", "booked", date(2027, 4, 1), "east", 1, 1, 5, "USD", "won")
    assert imbalance([line]) == {("bookings", "USD"): 5}
