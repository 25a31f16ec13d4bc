from django import forms
from django.utils.translation import gettext_lazy as _

from tutorarc.api.html_forms import ActionForm, day_field
from tutorarc.feed.event_words import EVENT_WORDS


class EventFilterForm(ActionForm):
    class_id = forms.CharField(required=False, widget=forms.HiddenInput)
    session_id = forms.CharField(required=False, widget=forms.HiddenInput)
    user_id = forms.CharField(required=False, widget=forms.HiddenInput)
    type = forms.ChoiceField(
        required=False,
        label=_("What happened"),
        choices=[("", _("Everything")), *EVENT_WORDS.items()],
    )
    created_after = day_field(_("From"), "from")
