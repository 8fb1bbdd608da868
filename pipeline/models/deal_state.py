from django.db import models


class DealState(models.Model):
    """Protected state of a deal. Only the insert of an entry moves it; the application role may read it."""

    app_grants = ("SELECT",)

    deal = models.OneToOneField("pipeline.Deal", models.DO_NOTHING, primary_key=True, related_name="state")
    stream = models.TextField()
    version = models.IntegerField()
    entry_id = models.BigIntegerField()
    stage = models.TextField()
    stage_entered_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    policy_version = models.IntegerField()
    unit = models.ForeignKey("pipeline.Unit", models.DO_NOTHING, db_column="unit")
    owner = models.ForeignKey("pipeline.Seat", models.DO_NOTHING)
    account = models.ForeignKey("pipeline.Account", models.DO_NOTHING, null=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.TextField(null=True)
    value_minor = models.BigIntegerField(null=True)
    place = models.TextField(null=True)
    period = models.DateField(null=True)
    close_on = models.DateField(null=True)
    start_on = models.DateField(null=True)
    terms = models.TextField()
    inputs = models.JSONField()
    lines = models.JSONField()
    credits = models.JSONField()
    input_at = models.JSONField()

    class Meta:
        managed = False
        db_table = "pipeline_dealstate"

    def __str__(self) -> str:
        return f"D-{self.deal_id:06d} in {self.stage}"
