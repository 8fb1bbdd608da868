from django.db import models


class Milestone(models.Model):
    """An obligation of one function on one deal. Its state, due moment and people are in the ledger's standing."""

    app_grants = ("SELECT", "INSERT")

    deal = models.ForeignKey("pipeline.Deal", models.PROTECT, related_name="milestones")
    stream = models.TextField()
    key = models.TextField()
    name = models.TextField()
    function = models.ForeignKey("pipeline.BusinessFunction", models.PROTECT, db_column="function")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "key"], name="a_deal_plans_a_milestone_once")]

    def __str__(self) -> str:
        return f"{self.name} of {self.stream}"
