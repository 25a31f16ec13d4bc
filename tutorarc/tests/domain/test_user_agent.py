"""Short names of browsers."""

import pytest

from tutorarc.domain.user_agent import short_name

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS, MAC = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
ANDROID, IPHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8)", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (f"{WINDOWS} {BLINK} Chrome/126.0.0.0 Safari/537.36 Edg/125.0.0.0", "Edge 125 on Windows"),
        (f"{MAC} {BLINK} Chrome/126.0.0.0 Safari/537.36 OPR/111.0.0.0", "Opera 111 on macOS"),
        (f"{ANDROID} {BLINK} SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36", "Samsung Internet 25 on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128 on Linux"),
        (f"{IPHONE} {WEBKIT} CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1", "Chrome 126 on iPhone"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {BLINK} Chrome/126.0.0.0 Safari/537.36", "Chrome 126 on ChromeOS"),
        (f"{IPHONE} {WEBKIT} Version/17.5 Mobile/15E148 Safari/604.1", "Safari 17 on iPhone"),
        (f"{MAC} {WEBKIT} Version/17.4.1 Safari/605.1.15", "Safari 17 on macOS"),
        ("curl/8.5.0", "curl 8.5.0"),
        ("python-requests/2.32.3 ta_live_secret", "python-requests 2.32.3"),
        ("My password is hunter2", ""),
        ("Mozilla/5.0 (something)", ""),
        ("", ""),
        (" " * 500 + "Firefox/128.0", ""),
    ],
)
def test_the_name_of_a_browser(header, name):
    assert short_name(header) == name
