from django.apps import AppConfig


class CrmLedgerConfig(AppConfig):
    name = "crm_ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The Celery app must exist wherever a task may be sent from, the web process included.
        from crm_ledger import celery  # noqa: F401
