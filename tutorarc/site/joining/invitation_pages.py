"""The page of an invitation: the person accepts or declines, after signing in or making an account if needed.

Its link was mailed to the invited address, so whoever has it may know whether there is an account with this address.
The address of the page with the id instead is for the person who is signed in with the invited address.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from classes.models import Class
from classes.roles import ClassRole
from members.invitation_tokens import PREFIX
from members.models import Invitation, Membership
from tutorarc.domain.email import spellings
from tutorarc.domain.errors import Conflict
from tutorarc.domain.events import Actor
from tutorarc.models import User
from tutorarc.site.joining.new_accounts import NewAccountForm, account_of, sign_in_new

FULL = gettext_lazy("This class has no free seat at the moment. Ask its teacher, and try again later.")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("password")
def invitation(request: HttpRequest, key: str) -> HttpResponse:
    """`key` is the token of the mailed link, or the id of an invitation to the signed-in person's address."""
    found = _found(request, key)
    if found is None:
        return render(request, "joining/no_invitation.html", status=404)
    if not found.is_acceptable or found.klass.is_archived:
        return _closed(request, found)
    page = InvitationPage(request, found)
    return page.answer() if request.method == "POST" else page.render()


def _found(request: HttpRequest, key: str) -> Invitation | None:
    if key.startswith(PREFIX):
        return Invitation.objects.by_token(key)
    user = request.user
    if not isinstance(user, User):
        return None
    try:
        own = Invitation.objects.filter(pk=key, email__in=spellings(user.email))
    except ValidationError:  # no id
        return None
    return own.select_related("klass", "sent_by").first()


def _closed(request: HttpRequest, found: Invitation) -> HttpResponse:
    """An invitation that can't be accepted any more. Somebody who did is led to the class."""
    if found.accepted_by_id and found.accepted_by_id == request.user.pk:
        return redirect("class-detail", found.klass_id)
    status = "ARCHIVED" if found.is_acceptable else found.status
    return render(request, "joining/closed_invitation.html", {"invitation": found, "status": status}, status=409)


class InvitationPage:
    """An open invitation, and the person who opened it, if somebody is signed in."""

    def __init__(self, request: HttpRequest, found: Invitation) -> None:
        self.request, self.invitation = request, found
        self.user = request.user if isinstance(request.user, User) else None
        self.owner = self.user if self.is_own else account_of(found.email)

    @property
    def is_own(self) -> bool:
        """Whether the signed-in person has the invited address."""
        return self.user is not None and self.invitation.email in spellings(self.user.email)

    @property
    def new_role(self) -> str | None:
        """The global role of an account made here. Only administrators bring in new teachers."""
        if self.invitation.role == ClassRole.STUDENT:
            return User.GlobalRole.STUDENT
        inviter = self.invitation.sent_by
        return User.GlobalRole.TEACHER if inviter.is_admin and inviter.is_active else None

    @property
    def new_account(self) -> NewAccountForm | None:
        """The form to make an account, if that is possible."""
        if self.user or self.owner or not self.new_role:
            return None
        data = self.request.POST if self.request.POST.get("answer") == "create" else None
        return NewAccountForm(self.invitation.email, data, initial={"display_name": self.invitation.name})

    def render(self, form: NewAccountForm | None = None, refusal: Any = "", status: int = 200) -> HttpResponse:
        context: dict[str, Any] = {
            "invitation": self.invitation,
            "klass": self.invitation.klass,
            "is_own": self.is_own,
            "has_account": self.owner is not None,
            "form": form or self.new_account,
            "refusal": refusal,
            "cannot_teach": self._cannot_teach(),
        }
        return render(self.request, "joining/invitation.html", context, status=status)

    def _cannot_teach(self) -> bool:
        """Whether a student account is invited to teach, or somebody without an account by another teacher."""
        if self.invitation.role != ClassRole.TEACHER:
            return False
        person = self.user or self.owner
        return person.is_student if person else not self.new_role

    def answer(self) -> HttpResponse:
        answer = self.request.POST.get("answer")
        if answer == "decline":
            return self._decline()
        if answer == "create" and (form := self.new_account):
            return self._create(form)
        if answer == "accept" and self.user and self.request.POST.get("person") == self.user.pk:
            return self._accept(self.user)
        return self.render(status=409)  # signed in as another person, or signed out, since the page was shown

    def _decline(self) -> HttpResponse:
        try:
            self.invitation.decline(Actor(self.user))
        except Conflict:
            return redirect(self.request.path)  # which tells what happened to it meanwhile
        return render(self.request, "joining/declined.html", {"invitation": self.invitation})

    def _create(self, form: NewAccountForm) -> HttpResponse:
        if not form.is_valid():
            return self.render(form, status=400)
        try:
            user = form.save(str(self.new_role))
        except User.EmailTaken:  # made at the same moment
            return redirect(self.request.path)
        signed_in = sign_in_new(self.request, user, reverse("class-detail", args=[self.invitation.klass_id]))
        return self._accept(user, signed_in)

    def _accept(self, user: User, response: HttpResponse | None = None) -> HttpResponse:
        try:
            self.invitation.accept(Actor(user))
        except Membership.StudentCannotTeach:
            return self.render(status=409)
        except Class.Full:
            return self.render(refusal=FULL, status=409)
        except Membership.AlreadyOnRecord as refusal:
            return self.render(refusal=refusal.message, status=409)
        except Conflict:
            return redirect(self.request.path)
        messages.success(self.request, _("You have joined the class."))
        return response or redirect("class-detail", self.invitation.klass_id)
