"""What ends when people gain rights, in words: shown before a superuser gives them.

Apps register what they add: `register_given_access(keys_of_others)`.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Value
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from tutorarc.models import User

Describe = Callable[[Sequence[User]], Mapping[str, Sequence[str]]]
PEOPLE_NAMED = 20
SIGN_INS = "every sign-in"
FACTORS, LINKED = "every passkey and other second factor", "every linked account of an identity provider"

_registered: list[Describe] = []


def register_given_access(describe: Describe) -> None:
    """Add a function that names, by a person's id, what others made for this person and what will end."""
    _registered.append(describe)


def given_access(people: Sequence[User]) -> dict[str, list[str]]:
    """What ends for each of these people, by id, in a constant number of statements."""
    found: dict[str, list[str]] = defaultdict(list)
    for describe in (_of_accounts, *_registered):
        for pk, parts in describe(people).items():
            found[pk].extend(parts)
    return dict(found)


def access_field(row: Any, people: Callable[[], Sequence[User]]) -> SafeString:
    """A read-only field of the form of this row, which asks for it several times."""
    if "_access_field" not in vars(row):
        vars(row)["_access_field"] = shown_access(people())
    return vars(row)["_access_field"]


def shown_access(people: Sequence[User]) -> SafeString:
    """The same as HTML: a list for one person, and a list of people with theirs."""
    if not people:
        return mark_safe("nothing")
    ends = given_access(people[:PEOPLE_NAMED])
    if len(people) == 1:
        return _list(ends[people[0].pk])
    named = [f"{person.display_name}: {'; '.join(ends[person.pk])}" for person in people[:PEOPLE_NAMED]]
    unnamed = len(people[PEOPLE_NAMED:])
    return _list([*named, *([f"and the same for {unnamed} more people"] if unnamed else [])])


def address_giver(user: User) -> str:
    """Who entered the e-mail address, and so could read the mails for a new password."""
    if user.is_address_confirmed:
        return "known to be the person’s own"
    giver = names([user.email_set_by_id]).get(user.email_set_by_id or "", "perhaps somebody else")
    return f"entered by {giver}, and not confirmed by a superuser"


def names(pks: Iterable[str | None]) -> dict[str, str]:
    """Display names by id, in one statement."""
    known = {pk for pk in pks if pk}
    return dict(User.objects.filter(pk__in=known).values_list("pk", "display_name")) if known else {}


def _of_accounts(people: Sequence[User]) -> dict[str, list[str]]:
    makers = names(
        pk for user in people for pk in (user.password_set_by_id, user.email_set_by_id, user.password_link_by_id)
    )
    of_their_own = _what_signs_in(people)
    return {user.pk: [SIGN_INS, *_parts(user, makers, of_their_own[user.pk])] for user in people}


def _what_signs_in(people: Sequence[User]) -> Mapping[str, set[str]]:
    """FACTORS for a person with second factors, LINKED for one with linked accounts, by id, in one statement."""
    factors = Authenticator.objects.filter(user__in=people).values_list("user", Value(FACTORS))
    linked = SocialAccount.objects.filter(user__in=people).values_list("user", Value(LINKED))
    found: dict[str, set[str]] = defaultdict(set)
    for pk, kind in factors.union(linked):
        found[pk].add(kind)
    return found


def _parts(user: User, makers: Mapping[str, str], has: Collection[str]) -> Iterable[str]:
    if user.password_link_at and user.has_open_password_link:
        made = date_format(timezone.localtime(user.password_link_at), "Y-m-d H:i e")
        yield f"the one-time link that {makers.get(user.password_link_by_id or '', 'a command')} made on {made}"
    if user.has_usable_password() and user.password_set_by_id != user.pk:
        yield f"the password, which {makers.get(user.password_set_by_id or '', 'perhaps somebody else')} set"
    is_password_own = user.password_set_by_id == user.pk
    if FACTORS in has and not is_password_own:
        yield FACTORS
    if LINKED in has and not (is_password_own and user.is_address_confirmed):
        yield LINKED
    if not user.is_address_confirmed:
        entered = makers.get(user.email_set_by_id or "", "perhaps somebody else")
        yield f"mails for a new password to {user.email}, which {entered} entered, until a superuser confirms it"


def _list(lines: Sequence[str]) -> SafeString:
    items = format_html_join("", "<li><bdi>{}</bdi></li>", ((line,) for line in lines))
    return format_html('<ul class="ends">{}</ul>', items)
