"""The WSGI application: `granian --interface wsgi tutorarc.wsgi:application`."""

import gc
import os
import signal
import sys
from importlib import import_module

from django.conf import settings
from django.core.cache import close_caches
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries

from tutorarc.db.timeouts import limit_requests
from tutorarc.domain import password_hashing
from tutorarc.http.overload import OverloadControl
from tutorarc.http.request_bodies import BodyReader
from tutorarc.http.slow_senders import SlowSenders
from tutorarc.http.work_slots import WorkSlots
from tutorarc.http.wsgi_request import make_application

# While a granian worker loads, it still has its parent's TERM handler: it would ignore TERM, start to serve, and be
# killed during requests. It has no requests yet and can exit at once.
if getattr(signal.getsignal(signal.SIGTERM), "__module__", "").startswith("granian."):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

# Threads share one interpreter. A short request, such as a health check, waits this long for each thread that computes.
sys.setswitchinterval(0.001)  # seconds; Python's default is 0.005

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutorarc.settings")
django_application = OverloadControl(make_application())
limit_requests()
slots = WorkSlots(django_application, settings.CONCURRENT_REQUESTS)
password_hashing.QUEUE.set_aside = slots.set_aside  # others work while a password is hashed or waits for that
application = BodyReader(slots, SlowSenders())
import_module("apikeys.refusal_log").LOG.start()  # which needs Django to be set up
# Disconnect Django's signal handlers that aren't needed: the application checks the connection itself, no cache has
# anything to close, and queries are recorded in debug mode only.
for signal_sent in (request_started, request_finished):
    signal_sent.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
if not settings.DEBUG:
    request_started.disconnect(reset_queries)

# What is loaded stays, so garbage collections needn't look through it. A full one took 0.2 seconds, in which no request
# was answered.
gc.collect()
gc.freeze()
