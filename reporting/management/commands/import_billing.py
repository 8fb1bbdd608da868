"""`manage.py import_billing FILE --as EMAIL`: invoices, credit notes and payments from a CSV; faults by line."""

from pipeline.management.row_files import RowFileCommand
from reporting.commands import billing_file


class Command(RowFileCommand):
    help = "Reads invoices, credit notes and payments: columns sort, number, deal, day, amount, currency."
    take = staticmethod(billing_file.take)
    states = "states it"
