"""Log-in without sign-up."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from pipeline.models import Person
from pipeline.queries import people


class ClosedAdapter(DefaultAccountAdapter):
    """People are made by an administrator; the public sign-up form is closed."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class Backend(AuthenticationBackend):
    """Log-in by e-mail and password. Who a session belongs to is read for each page, by a plan that is kept."""

    def get_user(self, user_id: int) -> Person | None:
        found = people.person(user_id)
        return found if found is not None and self.user_can_authenticate(found) else None
