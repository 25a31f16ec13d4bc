"""QR codes of links, as SVG inside a page."""

import segno
from django.utils.safestring import SafeString, mark_safe

QUIET_ZONE = 4  # modules around the code, which scanners need


def qr_svg(text: str) -> SafeString:
    """Dark on light also in dark mode, because many scanners read nothing else. Without a style attribute."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(omitsize=True, border=QUIET_ZONE, svgclass="qr-code", lineclass=None, light="#fff")
    return mark_safe(svg)  # noqa: S308 (paths only: the text is not in it)
