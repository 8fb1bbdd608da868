from django.db import models


class TouchpointKind(models.Model):
    """What can be logged on an account, its weight in health and whose work it concerns; see rules/touchpoint.py."""

    app_grants = ("SELECT",)

    kind = models.TextField(primary_key=True)
    weight = models.IntegerField()
    function = models.TextField()

    class Meta:
        managed = False
        db_table = "governance_touchpointkind"

    def __str__(self) -> str:
        return self.kind


class Touchpoint(models.Model):
    """An event that a function logged on an account, as the record says it; `id` is the entry that logged it."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    account_id = models.BigIntegerField()
    kind = models.TextField()
    weight = models.IntegerField()
    function = models.TextField()
    logged_by = models.BigIntegerField()
    logged_as = models.TextField()
    logged_at = models.DateTimeField()
    settled_by = models.BigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_touchpoint"

    def __str__(self) -> str:
        return f"{self.kind} on {self.stream}"


class AccountHealth(models.Model):
    """100 less the weights of what is open on an account; an account without a row has no touchpoint yet."""

    app_grants = ("SELECT",)

    account_id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    score = models.IntegerField()
    open = models.IntegerField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_accounthealth"

    def __str__(self) -> str:
        return f"{self.stream}: {self.score}"
