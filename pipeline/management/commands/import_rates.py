"""`manage.py import_rates FILE --as EMAIL`: dated rates from a CSV; faults by line, open deals repriced."""

from pipeline.commands import publishing, repricing
from pipeline.management.row_files import RowFileCommand


class Command(RowFileCommand):
    help = "Reads rates: columns currency, day, rate (units of the reporting currency for one)."
    take = staticmethod(publishing.take)
    states = "publishes them"

    def taken(self) -> None:
        repricing.sweep()
