"""The tree over all entries. Rows are only added, and only by the sealer."""

from django.db import models


class Leaf(models.Model):
    """The place of an entry in the tree: the one global number without gaps."""

    app_grants = ("SELECT",)

    idx = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        managed = False
        db_table = "ledger_leaf"

    def __str__(self) -> str:
        return f"leaf {self.idx}"


class Tile(models.Model):
    """256 hashes of one level and their root; complete tiles only."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("level", "idx")
    level = models.SmallIntegerField()
    idx = models.BigIntegerField()
    hashes = models.BinaryField()
    root = models.BinaryField()

    class Meta:
        managed = False
        db_table = "ledger_tile"

    def __str__(self) -> str:
        return f"tile {self.idx} of level {self.level}"


class Seal(models.Model):
    """A signed head of the tree: `size` leaves under `root`, and how far in commit order that goes."""

    app_grants = ("SELECT",)

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    last_entry = models.BigIntegerField()
    floor_entry = models.BigIntegerField()
    cluster = models.TextField()
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_seal"

    def __str__(self) -> str:
        return f"seal of {self.size}"


class Publication(models.Model):
    """That a checkpoint has left the house through a channel."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("channel", "size")
    channel = models.TextField()
    size = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "ledger_publication"

    def __str__(self) -> str:
        return f"{self.size} by {self.channel}"
