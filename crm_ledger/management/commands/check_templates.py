"""`manage.py check_templates`: compiles every template of the project, so no page breaks on a misspelled tag."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template import TemplateSyntaxError, engines


class Command(BaseCommand):
    help = "Compiles every template of the project."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "templates"
        names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
        faults = [fault for name in names if (fault := _fault(name))]
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{len(names)} templates compile.")


def _fault(name: str) -> str | None:
    try:
        engines["django"].get_template(name)
    except (TemplateSyntaxError, UnicodeDecodeError) as fault:
        return f"templates/{name}: {fault}"
    return None
