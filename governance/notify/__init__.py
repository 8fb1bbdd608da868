"""How messages leave the house: one line a channel. A sender takes a parcel and says how it went."""

from collections.abc import Callable

from governance.notify import email, slack, webhook
from governance.rules.parcel import Parcel
from governance.rules.retrying import Outcome

CHANNELS: dict[str, Callable[[Parcel], Outcome]] = {
    "email": email.send,
    "slack": slack.send,
    "webhook": webhook.send,
}
