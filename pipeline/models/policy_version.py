from django.db import models


class PolicyVersion(models.Model):
    """One immutable version of the policy: its canonical document and content hash."""

    app_grants = ("SELECT",)

    version = models.IntegerField(primary_key=True)
    name = models.TextField()
    hash = models.TextField()
    document = models.JSONField()
    drafted_at = models.DateTimeField()
    drafted_by = models.BigIntegerField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "pipeline_policyversion"

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class PolicyStage(models.Model):
    """The order of stages, for the floor of the gate."""

    app_grants = ("SELECT",)

    version = models.IntegerField()
    place = models.IntegerField()
    stage = models.TextField()

    class Meta:
        managed = False
        db_table = "pipeline_policystage"

    def __str__(self) -> str:
        return self.stage


class GateRequirement(models.Model):
    """What the floor of the gate checks for one stage."""

    app_grants = ("SELECT",)

    version = models.IntegerField()
    stage = models.TextField()
    key = models.TextField()
    kind = models.TextField()
    input = models.TextField()
    function = models.TextField()
    conditional = models.BooleanField()

    class Meta:
        managed = False
        db_table = "pipeline_gaterequirement"

    def __str__(self) -> str:
        return f"{self.stage}: {self.key}"
