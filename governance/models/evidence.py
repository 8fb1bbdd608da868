from django.db import models


class Evidence(models.Model):
    """What proves a milestone: a stored file by its SHA-256, a link, a reference or a number. Write-once."""

    app_grants = ("SELECT", "INSERT")
    KINDS = [("file", "File"), ("link", "Link"), ("reference", "Reference"), ("number", "Number")]

    milestone = models.ForeignKey("governance.Milestone", models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=9, choices=KINDS)
    name = models.CharField(max_length=255)
    value = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(default=0)
    content_type = models.CharField(max_length=100, blank=True)
    added_by = models.ForeignKey("pipeline.Person", models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "evidence"
        indexes = [models.Index(fields=["milestone", "id"])]

    def __str__(self) -> str:
        return self.name

    @property
    def erased(self) -> bool:
        """An erasure took name, value and file; what is left is the hash. Nothing is added without a name."""
        return not self.name and not self.value


class EvidenceOpening(models.Model):
    """That a person looked at a piece of evidence."""

    app_grants = ("SELECT", "INSERT")

    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="openings")
    person = models.ForeignKey("pipeline.Person", models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evidence", "person"], name="an_opening_is_noted_once_for_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} opened {self.evidence_id}"
