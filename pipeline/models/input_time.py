from django.db import models


class InputTime(models.Model):
    """One answer to an input and the seconds that a form took for it: a sample without person, deal or moment.

    An answer takes one of a fixed number of places of its input, by lot; so the sample is bounded and forgets."""

    input = models.TextField()
    place = models.SmallIntegerField()
    seconds = models.IntegerField()

    class Meta:
        db_table = "pipeline_inputtime"
        constraints = [models.UniqueConstraint(fields=["input", "place"], name="pipeline_inputtime_one_a_place")]

    def __str__(self) -> str:
        return f"{self.input}: {self.seconds} s"
