"""The WSGI application: `granian --interface wsgi tutorarc.wsgi:application`."""

import os

from tutorarc.overload import Overload
from tutorarc.timelimits import limit_requests
from tutorarc.webrequest import make_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutorarc.settings")
application = Overload(make_application())
limit_requests()
