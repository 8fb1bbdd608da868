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
