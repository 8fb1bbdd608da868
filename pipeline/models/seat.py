from django.db import models


class Seat(models.Model):
    """A person in a function, unit and role, from–until. `unit` empty: every unit. Written only by entries."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    person = models.ForeignKey("pipeline.Person", models.DO_NOTHING, related_name="seats", db_constraint=False)
    function = models.ForeignKey(
        "pipeline.BusinessFunction", models.DO_NOTHING, db_column="function", db_constraint=False
    )
    unit = models.ForeignKey("pipeline.Unit", models.DO_NOTHING, db_column="unit", null=True, db_constraint=False)
    role = models.TextField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    reports_to = models.ForeignKey("self", models.DO_NOTHING, db_column="reports_to", null=True, db_constraint=False)
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "pipeline_seat"

    def __str__(self) -> str:
        return f"{self.role} {self.function_id} {self.unit_id or 'everywhere'}"
