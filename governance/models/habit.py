from django.db import models


class Habit(models.Model):
    """How a person wants to hear; without a row the defaults of rules/habits.py hold. `zone` empty: the company's."""

    WAYS = [("email", "E-mail"), ("slack", "Slack"), ("none", "In the product only")]

    person = models.OneToOneField("pipeline.Person", models.CASCADE, primary_key=True, related_name="habit")
    way = models.CharField(max_length=5, choices=WAYS, default="email")
    at_once = models.BooleanField(default=True)
    slack = models.TextField(blank=True)  # the address of an incoming webhook, sealed: whoever knows it may write
    slack_host = models.CharField(max_length=300, blank=True)
    quiet_from = models.TimeField(default="20:00")
    quiet_until = models.TimeField(default="07:00")
    digest_at = models.TimeField(default="08:00")
    zone = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.person_id}: {self.way}"


class Interruption(models.Model):
    """How often a person was interrupted on a day of theirs; counted before sending, so two workers share the five."""

    pk = models.CompositePrimaryKey("person", "day")
    person = models.ForeignKey("pipeline.Person", models.CASCADE, related_name="+")
    day = models.DateField()
    count = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(count__range=(1, 5)), name="a_person_is_interrupted_five_times_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.day}: {self.count}"
