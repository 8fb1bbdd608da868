from django.db import models


class Verification(models.Model):
    """A run of the three verdicts: who wanted it, how far it has come, what it found.

    `claim` counts the processes that have worked on it; only the last one may write on. `night` keeps one nightly run
    a day, however many schedulers there are.
    """

    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField()
    night = models.DateField(null=True, unique=True)
    claim = models.IntegerField(default=0)
    failures = models.IntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    done = models.BigIntegerField(default=0)
    whole = models.BigIntegerField(default=0)
    progress = models.JSONField(null=True)
    report = models.JSONField(null=True)
    fault = models.TextField(default="")

    class Meta:
        db_table = "ledger_verification"
        indexes = [models.Index(models.F("id"), condition=models.Q(finished_at=None), name="verification_unfinished")]

    def __str__(self) -> str:
        return f"verification {self.pk}"
