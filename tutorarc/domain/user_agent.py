"""Short names of browsers, from their `User-Agent` header."""

import re
from functools import lru_cache

# In this order, as most browsers also name those that they descend from.
_BROWSERS = {
    r"(?:Edg|EdgA|EdgiOS)/(\d+)": "Edge",
    r"(?:OPR|Opera)/(\d+)": "Opera",
    r"SamsungBrowser/(\d+)": "Samsung Internet",
    r"(?:Firefox|FxiOS)/(\d+)": "Firefox",
    r"(?:Chrome|CriOS|HeadlessChrome)/(\d+)": "Chrome",
    r"Version/(\d+)\S* (?:Mobile/\S+ )?Safari/": "Safari",
}
_SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "CrOS": "ChromeOS",
    "Macintosh": "macOS",
    "Linux": "Linux",
}
_PROGRAM = re.compile(r"(?!Mozilla/)([A-Za-z][A-Za-z-]{0,29})/(\d[\d.]{0,9})", re.ASCII)
MAX_READ = 500


@lru_cache(maxsize=1_000)
def short_name(user_agent: str) -> str:
    """Such as "Firefox 128 on Windows" or "curl 8.5.0"; empty if unknown. Repeats no other text of the header."""
    text = user_agent[:MAX_READ]
    for pattern, browser in _BROWSERS.items():
        if match := re.search(pattern, text, re.ASCII):
            system = next((f" on {name}" for mark, name in _SYSTEMS.items() if mark in text), "")
            return f"{browser} {match[1][:4]}{system}"
    program = _PROGRAM.match(text)
    return f"{program[1]} {program[2]}" if program else ""
