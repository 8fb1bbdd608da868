from django.db import models


class Notice(models.Model):
    """A message to one person inside the product, written with the fact that causes it; it is told once a rung,
    and once more for each time that its subject was opened again: `opening` counts those.

    `planned_at` is when it was decided how else it reaches the person; until then it waits for the plan.
    """

    person = models.ForeignKey("pipeline.Person", models.CASCADE, related_name="notices")
    subject = models.TextField()
    rung = models.PositiveSmallIntegerField(default=0)
    opening = models.PositiveIntegerField(db_default=0)
    interrupts = models.BooleanField(default=True)
    entry_id = models.BigIntegerField(null=True)
    deal = models.ForeignKey("pipeline.Deal", models.CASCADE, null=True, related_name="+")
    sentence = models.TextField()
    link = models.TextField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "rung", "opening", "person"], name="a_person_is_told_once_a_rung_of_an_opening"
            )
        ]
        indexes = [
            models.Index(fields=["person", "-id"]),
            models.Index(fields=["id"], name="notices_without_a_plan", condition=models.Q(planned_at=None)),
        ]

    def __str__(self) -> str:
        return self.sentence


class Acknowledgement(models.Model):
    """Somebody has taken a subject up: what was said of it before `at` leaves no more, and nothing new is said.

    Opened again, it may be told again, on every rung; what was withheld stays withheld.
    """

    subject = models.TextField(primary_key=True)
    at = models.DateTimeField()
    reopened_at = models.DateTimeField(null=True)
    openings = models.PositiveIntegerField(db_default=0)  # how often it was opened again

    def __str__(self) -> str:
        return self.subject
