from django.db import models
from django.db.models import Q


class Deal(models.Model):
    """The descriptive side of a deal. Stage, amount, dates, owner and unit are not here: see DealState."""

    title = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    source = models.CharField(max_length=100, blank=True)  # the file or system that it came from
    source_ref = models.CharField(max_length=100, blank=True)
    source_hash = models.CharField(max_length=64, blank=True)  # of the row as it was read

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_ref"], condition=~Q(source=""), name="a_row_of_a_source_is_one_deal"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"

    @property
    def ref(self) -> str:
        return f"D-{self.pk:06d}"
