from ledger.models.channel import Channel
from ledger.models.clock import Clock
from ledger.models.entry import Entry
from ledger.models.idempotency import Idempotency
from ledger.models.kind import Kind
from ledger.models.outbox import Handled, Outbox
from ledger.models.period import Period
from ledger.models.posting import Posting
from ledger.models.private_value import PrivateValue
from ledger.models.standing import Standing
from ledger.models.stream import Stream
from ledger.models.total import Block, Total
from ledger.models.tree import Leaf, Publication, Seal, Tile
from ledger.models.verification import Verification

__all__ = [
    "Block",
    "Channel",
    "Clock",
    "Entry",
    "Handled",
    "Idempotency",
    "Kind",
    "Leaf",
    "Outbox",
    "Period",
    "Posting",
    "PrivateValue",
    "Publication",
    "Seal",
    "Standing",
    "Stream",
    "Tile",
    "Total",
    "Verification",
]
