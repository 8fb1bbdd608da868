import uuid

from django.db import models


class Receiver(models.Model):
    """Somebody or something that deliveries go to: `mail/5`, `slack/5`, `hook/12`. One delivery at a time each.

    Trouble is kept here, so that a dead receiver waits alone. `wake_at` is the moment of its first waiting delivery.
    Leases run by the real clock, everything else by the product's.
    """

    key = models.CharField(max_length=40, primary_key=True)
    wake_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField()
    leased_until = models.DateTimeField()
    turn = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    said = models.CharField(max_length=300, blank=True)  # the last answer, in words

    class Meta:
        indexes = [
            models.Index(fields=["wake_at"], name="receivers_to_wake", condition=models.Q(stopped_at=None)),
            models.Index(fields=["stopped_at"], name="receivers_in_trouble",
                         condition=models.Q(failing_since__isnull=False)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.key


class Delivery(models.Model):
    """One message to one receiver, until it is delivered, withheld because nothing is left to say, or given up."""

    WAITING, DELIVERED, WITHHELD, GIVEN_UP = "waiting", "delivered", "withheld", "given up"
    STATES = [(state, state.capitalize()) for state in (WAITING, DELIVERED, WITHHELD, GIVEN_UP)]
    NOTICE, DIGEST, EVENT, TEST = "notice", "digest", "event", "test"
    SORTS = [(sort, sort.capitalize()) for sort in (NOTICE, DIGEST, EVENT, TEST)]

    message = models.UUIDField(default=uuid.uuid4, unique=True)
    receiver = models.ForeignKey(Receiver, models.PROTECT, related_name="deliveries")
    sort = models.CharField(max_length=6, choices=SORTS)
    person = models.ForeignKey("pipeline.Person", models.CASCADE, null=True, related_name="deliveries")
    subscription = models.ForeignKey("governance.Subscription", models.PROTECT, null=True, related_name="deliveries")
    entry_id = models.BigIntegerField(null=True)
    digest_on = models.DateField(null=True)
    notices = models.ManyToManyField("governance.Notice", related_name="deliveries")
    state = models.CharField(max_length=9, choices=STATES, default=WAITING)
    attempts = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "entry_id"], name="a_program_hears_of_an_entry_once"),
            models.UniqueConstraint(fields=["receiver", "digest_on"], name="a_day_has_one_digest"),
        ]
        indexes = [
            models.Index(fields=["receiver", "due_at", "id"], name="deliveries_that_wait",
                         condition=models.Q(state="waiting")),
            models.Index(fields=["person", "-id"]),
            models.Index(fields=["subscription", "-id"]),
        ]  # fmt: skip
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.sort} to {self.receiver_id}: {self.state}"


class Attempt(models.Model):
    """The proof of one try: when, with which bytes, and what the receiver answered. Only added to; the words of the
    receiver may be emptied when a person is erased, and nothing else."""

    app_grants = ("SELECT", "INSERT", "UPDATE (detail)")

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="tries")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    result = models.CharField(max_length=11)
    status = models.PositiveSmallIntegerField(null=True)
    detail = models.CharField(max_length=500, blank=True)
    milliseconds = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "number"], name="a_try_is_noted_once")]

    def __str__(self) -> str:
        return f"{self.number}: {self.result}"
