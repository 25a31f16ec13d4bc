"""Lessons in calendars: feeds that calendars subscribe to, and files and invitations of single lessons (RFC 5545)."""
