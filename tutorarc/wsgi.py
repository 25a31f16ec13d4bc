"""The WSGI application: `granian --interface wsgi tutorarc.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutorarc.settings")
application = get_wsgi_application()
