"""Kombu's channel of Redis, with one fault mended: a worker outlives its broker whenever that goes."""

from typing import Any

from kombu.transport import redis as kombu_redis
from redis.exceptions import ConnectionError as BrokerGone


class Channel(kombu_redis.Channel):  # type: ignore[misc]
    def _connparams(self, asynchronous: bool = False) -> Any:
        """A channel that outlived its connection says that it is gone. Kombu 5.7 fails there with an `AttributeError`,
        which is none of the errors that a worker takes for a lost broker: it ends, in the middle of connecting anew."""
        if self.connection is None or self.connection.client is None:
            raise BrokerGone("the connection of this channel to the broker was closed")
        return super()._connparams(asynchronous)


def mend() -> None:
    """For every connection to come, whatever the address of its broker."""
    kombu_redis.Transport.Channel = Channel
