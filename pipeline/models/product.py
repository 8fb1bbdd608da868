from django.db import models
from django.db.models.functions import Lower


class Product(models.Model):
    """What is sold. `price_minor` is the list price in minor units of `currency`."""

    name = models.CharField(max_length=200)
    series = models.CharField(max_length=100, blank=True)
    price_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="a_product_has_its_own_name")]

    def __str__(self) -> str:
        return self.name
