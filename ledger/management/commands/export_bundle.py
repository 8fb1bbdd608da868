"""`manage.py export_bundle FOLDER`: the whole record as static files, for verify/verify_bundle.py."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.exports import bundle
from ledger.queries import bundle as rows
from ledger.queries import keys, tree


class Command(BaseCommand):
    help = "Exports entries, signed heads and public keys; verify/verify_bundle.py verifies them anywhere."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        head = tree.head()
        if head is None:
            raise CommandError("Nothing is sealed yet. Start the worker, or run `manage.py seal`.")
        if folder.exists() and any(folder.iterdir()):
            raise CommandError(f"{folder} is not empty. Name a new folder.")
        for name, content in bundle.entry_files(rows.envelopes(head.size)):
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        with (folder / "checkpoints.jsonl").open("wb") as out:
            out.writelines(bundle.checkpoint_lines(rows.checkpoints(head.size)))
        for name, stream in (("keys.txt", keys.STREAM), ("receipt-keys.txt", keys.RECEIPTS)):
            announced = sorted(key.text() for key in keys.announced(stream, retired=True))
            (folder / name).write_text("".join(f"{text}\n" for text in announced), encoding="utf-8")
        print(f"{head.size:,} entries under the head {head.root.hex()} in {folder}")
