from importlib import import_module

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from tutorarc.db.timestamps import read_in_utc


class TutorArcConfig(AppConfig):
    name = "tutorarc"
    verbose_name = "TutorArc"

    def ready(self) -> None:
        connection_created.connect(read_in_utc)
        import_module("tutorarc.conf.checks")
        import_module("tutorarc.models.account_events")
        import_module("tutorarc.models.sign_in_events")
        import_module("tutorarc.models.rights_events")
        import_module("tutorarc.models.factor_events")
        import_module("tutorarc.models.personal_data")
        import_module("tutorarc.models.receivers")
        import_module("tutorarc.models.erasure")
        import_module("tutorarc.http.metrics.background_work")
        import_module("tutorarc.http.reader_zone")
        import_module("tutorarc.ops.prune")
        import_module("tutorarc.site.joining.sign_up_mail")
