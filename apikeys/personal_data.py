"""What API keys and the log of refused calls hold of a person."""

from apikeys.models import ApiKey, RefusedCall
from tutorarc.domain.personal_data import PersonalData, Shown, register
from tutorarc.models import User


def _key(key: ApiKey, _: User) -> Shown:
    return key.as_shown()


def _refused_call(call: RefusedCall, _: User) -> Shown:
    return {
        "id": call.pk,
        "created_at": call.created_at,
        "key_id": call.api_key_id,
        "method": call.method,
        "path": call.path,
        "status": call.status,
        "reason": call.reason,
        "message": call.message,
        "fields": call.fields,
        "request_id": call.request_id,
    }


register(
    PersonalData(name="api_keys", model=ApiKey, rows=lambda user: ApiKey.objects.filter(owner=user), show=_key),
)
register(
    PersonalData(
        name="refused_calls",
        model=RefusedCall,
        rows=lambda user: RefusedCall.objects.filter(owner=user),
        show=_refused_call,
    )
)
