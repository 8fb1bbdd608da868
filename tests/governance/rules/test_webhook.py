"""Signatures as the Standard Webhooks specification has them, with its own published example."""

from hypothesis import given
from hypothesis import strategies as st

from governance.rules import webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE, MOMENT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example():
    assert webhook.signature(SECRET, MESSAGE, MOMENT, BODY) == SIGNED


def test_during_a_rotation_both_secrets_fit():
    other = webhook.secret_of(b"k" * 32)
    given_headers = webhook.headers([other, SECRET], MESSAGE, MOMENT, BODY)
    assert given_headers["webhook-signature"].split(" ")[1] == SIGNED
    assert webhook.is_genuine(SECRET, given_headers, BODY, MOMENT)
    assert webhook.is_genuine(other, given_headers, BODY, MOMENT)
    assert not webhook.is_genuine(webhook.secret_of(b"x" * 32), given_headers, BODY, MOMENT)


def test_five_minutes_either_way_and_not_a_second_more():
    said = webhook.headers([SECRET], MESSAGE, MOMENT, BODY)
    assert [webhook.is_genuine(SECRET, said, BODY, MOMENT + gap) for gap in (-301, -300, 300, 301)] == [
        False,
        True,
        True,
        False,
    ]


def test_a_header_that_is_missing_or_no_number_is_not_genuine():
    said = webhook.headers([SECRET], MESSAGE, MOMENT, BODY)
    for name in said:
        assert not webhook.is_genuine(SECRET, {k: v for k, v in said.items() if k != name}, BODY, MOMENT)
    assert not webhook.is_genuine(SECRET, {**said, "webhook-timestamp": "now"}, BODY, MOMENT)


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(min_size=24, max_size=64))
def test_any_other_body_is_not_genuine(body, other, key):
    secret = webhook.secret_of(key)
    assert webhook.key_of(secret) == key
    said = webhook.headers([secret], "m", MOMENT, body)
    assert webhook.is_genuine(secret, said, other, MOMENT) == (body == other)
