from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    name = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ledger import checks, grants  # noqa: F401  (checks register themselves)

        post_migrate.connect(grants.apply, sender=self, dispatch_uid="grants of the application role")
