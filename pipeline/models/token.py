from django.db import models


class ApiToken(models.Model):
    """A key to the API: shown once, kept as SHA-256, ends on a date, acts as its person within its scope."""

    READ, WRITE = "read", "write"

    person = models.ForeignKey("pipeline.Person", models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.BinaryField(unique=True)
    scope = models.CharField(max_length=5, choices=[(READ, "Read"), (WRITE, "Read and write")], default=READ)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person", "id"])]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
