"""Django's PostgreSQL backend, made impatient (see `base`)."""
