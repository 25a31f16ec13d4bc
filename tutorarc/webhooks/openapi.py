"""The section `webhooks` of the OpenAPI document: the request that a receiver gets."""

from typing import Any

from tutorarc.feed.examples import APPROVED

ABOUT = """
Sent to the URL of each webhook that the event is for. Check the signature before you believe a request; libraries of
the Standard Webhooks specification do so. An event may come more than once, with the same `webhook-id`.
""".strip()


def _header(name: str, description: str, example: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": schema,
        "example": example,
    }


HEADERS = [
    _header("webhook-id", "The id of the event: the same whenever it is sent.", "evt_123"),
    _header("webhook-timestamp", "When the request was sent, in seconds since 1970.", "1773480601"),
    _header(
        "webhook-signature",
        "`v1,` and the Base64 of the HMAC-SHA256 of id, timestamp and body, joined by dots. Two during a rotation.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
]
EVENT = {
    "post": {
        "operationId": "receiveEvent",
        "summary": "An event happened",
        "description": ABOUT,
        "tags": ["Webhooks"],
        "parameters": HEADERS,
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": "#/components/schemas/Event"},
                    "examples": {"MembershipApproved": {"summary": "A student is approved", "value": APPROVED}},
                }
            },
        },
        "responses": {
            "2XX": {"description": "You have the event. Answer within 15 seconds."},
            "410": {"description": "You want no more events: the webhook is disabled."},
            "default": {"description": "Any other answer is a failure: the event is sent again later."},
        },
    }
}


def describe_webhooks(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    return result | {"webhooks": {"event": EVENT}}
