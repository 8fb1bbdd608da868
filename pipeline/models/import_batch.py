from django.db import models


class ImportBatch(models.Model):
    """One run over a file: what was read, and every fault with line, column, value and remedy."""

    file_name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    dry_run = models.BooleanField()
    by = models.ForeignKey("pipeline.Person", models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    faults = models.JSONField(default=list)

    class Meta:
        verbose_name_plural = "import batches"

    def __str__(self) -> str:
        return f"{self.file_name} ({'dry run' if self.dry_run else 'import'})"
