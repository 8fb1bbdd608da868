from django.db import models


class Billing(models.Model):
    """An invoice, a credit note or a payment; written by the insert of an entry."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("sort", "number")
    sort = models.TextField()
    number = models.TextField()
    stream = models.TextField()
    deal_id = models.BigIntegerField()
    day = models.DateField()
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    value_minor = models.BigIntegerField()
    recorded_at = models.DateTimeField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "reporting_billing"

    def __str__(self) -> str:
        return f"{self.sort} {self.number}"
