from django.db import models


class SentMail(models.Model):
    """A mail of the demo, which has no mail server: what would have left, to be read on a page."""

    recipient = models.CharField(max_length=320)
    subject = models.CharField(max_length=500)
    body = models.TextField()
    headers = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["recipient", "-id"])]
        verbose_name_plural = "sent mail"

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipient}"
