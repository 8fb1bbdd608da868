from django.db import models
from django.db.models.functions import Lower


class Account(models.Model):
    """A customer."""

    name = models.CharField(max_length=200)
    sector = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=100, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="subsidiaries")
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="an_account_has_its_own_name")]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person at a customer. Personal data: the ledger holds the id only."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    job = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account", "id"])]

    def __str__(self) -> str:
        return self.name
