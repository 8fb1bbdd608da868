from django.db import models


class Subscription(models.Model):
    """A program that hears what happens: a signed webhook, or a Slack channel. It hears what its person may see.

    It follows the record in commit order from its own place, so a receiver that is down for days loses nothing, and
    going back to a place sends again from there. Secrets and the address are sealed at rest.
    """

    WEBHOOK, SLACK = "webhook", "slack"

    person = models.ForeignKey("pipeline.Person", models.CASCADE, related_name="subscriptions")
    form = models.CharField(max_length=7, choices=[(WEBHOOK, "Signed webhook"), (SLACK, "Slack")], default=WEBHOOK)
    name = models.CharField(max_length=100)
    shown = models.CharField(max_length=300)  # scheme and host
    address = models.TextField()
    topics = models.JSONField()
    secret = models.TextField(blank=True)
    old_secret = models.TextField(blank=True)
    old_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # The place: everything before (xid, id) of this cluster, and up to floor, has been looked at.
    after_xid = models.BigIntegerField()
    after_id = models.BigIntegerField()
    floor_id = models.BigIntegerField(default=0)
    newest_id = models.BigIntegerField()
    cluster = models.CharField(max_length=40)

    class Meta:
        indexes = [models.Index(fields=["person", "-id"])]

    def __str__(self) -> str:
        return f"{self.name} ({self.shown})"
