"""Groups of at least five seats, and the guard against two questions that show a person together."""

from hypothesis import given
from hypothesis import strategies as st

from reporting.rules import privacy

teams = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 9), max_size=8).map(
    lambda sizes: {name: {ord(name) * 100 + at for at in range(size)} for name, size in sizes.items()}
)


def sized(**sizes):
    return {name: {ord(name[0]) * 100 + at for at in range(size)} for name, size in sizes.items()}


def test_small_teams_merge_and_take_the_smallest_of_the_others_when_they_must():
    assert [group.names for group in privacy.merged(sized(a=7, b=2, c=3))] == [("a",), ("b", "c")]
    assert [group.names for group in privacy.merged(sized(a=7, b=2, c=6))] == [("a",), ("b", "c")]
    assert privacy.merged(sized(a=2, b=2)) == ()


def test_a_pair_whose_difference_is_under_five_is_refused():
    ten = set(range(10))
    assert privacy.too_near(ten, [set(range(9))])
    assert privacy.too_near(set(range(9)), [ten])
    assert privacy.too_near({*range(9), 99}, [ten])
    assert not privacy.too_near(ten, [set(range(5)), ten, set()])


@given(teams)
def test_every_group_is_large_enough_and_every_seat_is_in_one(given_teams):
    groups = privacy.merged(given_teams)
    assert all(len(group.seats) >= privacy.SMALLEST for group in groups)
    held = [seat for group in groups for seat in group.seats]
    everybody = {seat for seats in given_teams.values() for seat in seats}
    assert len(held) == len(set(held))
    assert set(held) == (everybody if groups else set())
    assert groups or len(everybody) < privacy.SMALLEST


@given(teams, st.data())
def test_no_two_sets_of_groups_single_anybody_out(given_teams, data):
    groups = privacy.merged(given_teams)
    chosen = st.lists(st.sampled_from(groups), unique=True) if groups else st.just([])
    one, other = data.draw(chosen), data.draw(chosen)
    seats = [frozenset().union(*(group.seats for group in part)) for part in (one, other)]
    assert not privacy.too_near(seats[0], [seats[1]])


@given(st.dictionaries(st.sampled_from([90, 60, 30, 0]), st.sets(st.integers(0, 14)), max_size=4))
def test_what_is_shown_of_a_month_at_two_horizons_differs_by_nobody_or_by_five(spoken):
    """Whichever two are asked for, and by whom: taking one from the other shows nobody."""
    shown = privacy.apart(spoken, (30, 90, 60, 0))
    for one in shown:
        assert len(spoken[one]) >= privacy.SMALLEST
        assert not privacy.too_near(spoken[one], [spoken[other] for other in shown])
    assert [key for key in (30, 90, 60, 0) if key in shown] == list(shown)


def test_one_who_joined_between_two_horizons_is_not_shown_by_their_difference():
    five, six, ten = set(range(5)), set(range(6)), set(range(10))
    assert privacy.apart({30: five, 0: six, 60: five}, (30, 60, 0)) == (30, 60)
    assert privacy.apart({30: five, 0: ten}, (30, 0)) == (30, 0)
