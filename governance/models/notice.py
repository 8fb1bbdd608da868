from django.db import models


class Notice(models.Model):
    """A message about an entry to one person inside the product, delivered from the outbox exactly once."""

    person = models.ForeignKey("pipeline.Person", models.CASCADE, related_name="notices")
    entry_id = models.BigIntegerField()
    deal = models.ForeignKey("pipeline.Deal", models.CASCADE, related_name="+")
    sentence = models.TextField()
    link = models.TextField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "entry_id"], name="a_person_is_told_of_an_entry_once")]
        indexes = [models.Index(fields=["person", "-id"])]

    def __str__(self) -> str:
        return self.sentence
