"""Django's PostgreSQL backend with limits on the time that a server which doesn't answer may take (see `base`)."""
