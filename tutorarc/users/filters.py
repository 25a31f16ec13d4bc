import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema_field

from tutorarc.api.filters import TEXT, ChoiceFilter, ExternalIdFilter, SearchFilter, StrictFilterSet
from tutorarc.domain.email import spellings
from tutorarc.domain.folding import folded
from tutorarc.models import User
from tutorarc.models.user_events import ACTIVE, DEACTIVATED


@extend_schema_field({**TEXT, "maxLength": 254})
class EmailFilter(django_filters.CharFilter):
    def __init__(self, method: str) -> None:
        super().__init__(method=method, label="E-mail address", max_length=254)


class UserFilter(StrictFilterSet):
    email = EmailFilter(method="with_address")
    external_id = ExternalIdFilter()
    global_role = ChoiceFilter(choices=User.GlobalRole.choices, null_label=None)
    status = ChoiceFilter(
        method="with_status", label="Status", choices=[(ACTIVE, "Active"), (DEACTIVATED, "Deactivated")]
    )
    search = SearchFilter(method="matching")

    class Meta:
        model = User
        fields: list[str] = []

    def with_address(self, users: QuerySet[User], name: str, address: str) -> QuerySet[User]:
        return users.filter(email__in=spellings(address))

    def with_status(self, users: QuerySet[User], name: str, status: str) -> QuerySet[User]:
        return users.filter(is_active=status == ACTIVE)

    def matching(self, users: QuerySet[User], name: str, text: str) -> QuerySet[User]:
        return users.filter(Q(folded_name__contains=folded(text)) | Q(email__icontains=text))
