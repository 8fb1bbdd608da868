from django.db import models


class Sharing(models.Model):
    """With whom a person shares what they foretold."""

    app_grants = ("SELECT",)

    stream = models.TextField(primary_key=True)
    person_id = models.BigIntegerField()
    coach_id = models.BigIntegerField(null=True)
    given_at = models.DateTimeField(null=True)
    noted_at = models.DateTimeField(null=True)
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "reporting_sharing"

    def __str__(self) -> str:
        return self.stream


class Look(models.Model):
    """Somebody looked at what a person foretold, and why."""

    app_grants = ("SELECT",)

    entry_id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    person_id = models.BigIntegerField()
    looker_id = models.BigIntegerField()
    purpose = models.TextField()
    about = models.TextField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "reporting_look"

    def __str__(self) -> str:
        return f"{self.stream}: {self.purpose}"
