"""Settings of the log: JSON lines on standard error (docs/deploy.md, "Logs")."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"unexpected": {"()": "tutorarc.http.json_logs.UnexpectedErrors"}},
    "formatters": {"json": {"()": "tutorarc.http.json_logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "tutorarc": {"level": "INFO"},
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        # Our own line for each request says the rest already, with its id.
        "django.request": {"level": "ERROR", "filters": ["unexpected"]},
        "django.server": {"handlers": [], "propagate": True},
    },
}
