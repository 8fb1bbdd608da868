"""Log-in without sign-up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedAdapter(DefaultAccountAdapter):
    """People are made by an administrator; the public sign-up form is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
