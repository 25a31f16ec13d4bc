"""The WSGI application: `granian --interface wsgi tutorarc.wsgi:application`."""

import os
import signal

from django.conf import settings
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries

from tutorarc.db.timeouts import limit_requests
from tutorarc.http.overload import OverloadControl
from tutorarc.http.wsgi_request import make_application

# A worker of granian that loads still has its parent's handler of TERM. Told to stop it would go on, and serve, until
# it is killed in the middle of requests. Now it has none in hand, and may end at once.
if getattr(signal.getsignal(signal.SIGTERM), "__module__", "").startswith("granian."):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutorarc.settings")
application = OverloadControl(make_application())
limit_requests()
# What Django does around each request beside these: the application looks at the connection before it is used, which is
# enough; no cache of ours has anything to close; and only in debug mode are queries kept.
for signal_sent in (request_started, request_finished):
    signal_sent.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
if not settings.DEBUG:
    request_started.disconnect(reset_queries)
