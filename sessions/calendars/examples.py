"""Examples for the API reference."""

from drf_spectacular.utils import OpenApiExample

FEED = "tutorarc.com/calendar/calfeed_01m80te5tpebmbdmr40g6hykah.hEYC2Yq1S-1XbJcFFNfF4cPq3v0zR7m2k9w8u5T6s1A.ics"
CALENDAR = {
    "class_id": None,
    "url": f"https://{FEED}",
    "webcal_url": f"webcal://{FEED}",
}
ADDRESSES = [OpenApiExample("All your lessons", value=CALENDAR, response_only=True)]
