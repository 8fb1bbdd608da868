from django.db import models


class Objective(models.Model):
    """What is to be reached in a period, in its newest version; only the insert of an entry writes it."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    version = models.IntegerField()
    period = models.TextField()
    first = models.DateField()
    until = models.DateField()
    unit = models.TextField(null=True)
    owner_seat = models.BigIntegerField()
    wording = models.UUIDField(null=True)
    set_by = models.BigIntegerField()
    set_at = models.DateTimeField()
    state = models.TextField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_objective"

    def __str__(self) -> str:
        return f"objective {self.pk} for {self.period}"


class Target(models.Model):
    """A measure with its goal in a period: a key result of an objective, or a line of the plan."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    version = models.IntegerField()
    purpose = models.TextField()
    objective_id = models.BigIntegerField(null=True)
    measure = models.TextField()
    period = models.TextField()
    first = models.DateField()
    until = models.DateField()
    unit = models.TextField(null=True)
    base = models.BigIntegerField()
    goal = models.BigIntegerField()
    currency = models.TextField(null=True)
    wording = models.UUIDField(null=True)
    set_by = models.BigIntegerField()
    set_at = models.DateTimeField()
    state = models.TextField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_target"

    def __str__(self) -> str:
        return f"{self.measure} {self.goal} in {self.period}"


class TargetLink(models.Model):
    """A deal, or one of its milestones, that bears on a target with a signed amount."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("target_id", "deal_id", "milestone")
    stream = models.TextField()
    target_id = models.BigIntegerField()
    deal_id = models.BigIntegerField()
    milestone = models.TextField()
    amount = models.BigIntegerField()
    state = models.TextField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_targetlink"

    def __str__(self) -> str:
        return f"deal {self.deal_id} bears on target {self.target_id}"
