from django.utils.translation import gettext_noop as _

from tutorarc.api.permissions import IsAuthenticated


class IsOwner(IsAuthenticated):
    """The view looks up the key among those of the caller: that of another is 404, as one that doesn't exist."""

    who = _("the owner of this key")
