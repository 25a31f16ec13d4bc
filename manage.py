#!/usr/bin/env python
"""Django's command line, set to TutorArc's settings."""

import os
import sys

from django.core.management import execute_from_command_line

from tutorarc.management.database_notice import announce_database

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutorarc.settings")
    announce_database()
    execute_from_command_line(sys.argv)
