from typing import Any

from django.core.management.base import BaseCommand

from tutorarc.ops.prune import prune


class Command(BaseCommand):
    help = "Removes expired data now, which the worker does every day."

    def handle(self, **options: Any) -> None:
        for name, count in prune():
            self.stdout.write(f"{name}: {count} removed")
