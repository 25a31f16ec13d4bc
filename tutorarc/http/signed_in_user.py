from django.http import HttpRequest
from rest_framework.request import Request

from tutorarc.models import User


def signed_in_user(request: HttpRequest | Request) -> User:
    """The user of a request whose view refuses anonymous ones. Raises TypeError for those."""
    if not isinstance(request.user, User):
        raise TypeError("Nobody is signed in.")
    return request.user
