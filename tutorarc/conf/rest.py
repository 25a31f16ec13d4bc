"""Settings of Django REST framework."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apikeys.authentication.ApiKeyAuthentication",
        "tutorarc.api.authentication.CookieAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["tutorarc.api.permissions.DenyAll"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "tutorarc.api.representation.Negotiation",
    "DEFAULT_PARSER_CLASSES": [
        "tutorarc.api.representation.JsonParser",
        "tutorarc.api.representation.FormParser",
        "tutorarc.api.representation.MultiPartParser",
    ],
    "DEFAULT_RENDERER_CLASSES": [
        "tutorarc.api.representation.JsonRenderer",
        "tutorarc.api.page_renderer.PageRenderer",
    ],
    "DEFAULT_FILTER_BACKENDS": ["tutorarc.api.filters.FilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "tutorarc.api.pagination.KeysetPagination",
    "DEFAULT_METADATA_CLASS": "tutorarc.api.representation.Metadata",
    "DEFAULT_SCHEMA_CLASS": "tutorarc.api.schema.generator.Schema",
    "DATETIME_FORMAT": None,  # moments stay moments until an answer is written (jsontext)
    "EXCEPTION_HANDLER": "tutorarc.api.exception_handler.error_response",
}
