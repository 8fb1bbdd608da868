"""How deals stood, while by while. Written only by the insert of an entry; the application role may read."""

from django.db import models


class Stay(models.Model):
    """A while in which a deal stood alike; `until_entry` is empty for the present one. `delivers` units a month, for
    `delivers_months` from `delivers_from` on: all three or none."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("stream", "from_entry")
    stream = models.TextField()
    from_entry = models.BigIntegerField()
    deal_id = models.BigIntegerField()
    stage = models.TextField()
    unit = models.TextField()
    owner_id = models.BigIntegerField()
    close_on = models.DateField(null=True)
    value_minor = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField()
    delivers = models.BigIntegerField(null=True)
    delivers_from = models.DateField(null=True)
    delivers_months = models.IntegerField(null=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    until_entry = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "pipeline_stay"

    def __str__(self) -> str:
        return f"{self.stream} in {self.stage} from entry {self.from_entry}"
