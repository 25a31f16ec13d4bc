from django import forms

from tutorarc.api.html_forms import ActionForm, day_field
from tutorarc.models.event_types import PUBLIC_TYPES


def in_words(event_type: str) -> str:
    """`membership.role_changed` as `Membership: role changed`."""
    kind, _, what = event_type.partition(".")
    return f"{kind.capitalize()}: {what.replace('_', ' ')}"


class EventFilterForm(ActionForm):
    class_id = forms.CharField(required=False, widget=forms.HiddenInput)
    session_id = forms.CharField(required=False, widget=forms.HiddenInput)
    user_id = forms.CharField(required=False, widget=forms.HiddenInput)
    type = forms.ChoiceField(
        required=False,
        label="What happened",
        choices=[("", "Everything"), *((name, in_words(name)) for name in PUBLIC_TYPES)],
    )
    created_after = day_field("From", "from")
