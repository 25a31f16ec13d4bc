"""Counters of limits that hold over all processes, where there is no Redis."""

import time
from collections.abc import Sequence

from django.db import connections, models, router

from tutorarc.domain.sliding_window import Limit, Usage

# One statement, also on SQLite. Of two machines whose clocks differ, the later period counts.
COUNT = """
    INSERT INTO {table} AS c ("key", period, current_count, previous_count, expires_at) VALUES {rows}
    ON CONFLICT ("key") DO UPDATE SET
        current_count = CASE WHEN c.period >= excluded.period THEN c.current_count + excluded.current_count
                             ELSE excluded.current_count END,
        previous_count = CASE WHEN c.period >= excluded.period THEN c.previous_count
                              WHEN c.period = excluded.period - 1 THEN c.current_count ELSE 0 END,
        period = CASE WHEN c.period >= excluded.period THEN c.period ELSE excluded.period END,
        expires_at = CASE WHEN c.period >= excluded.period THEN c.expires_at ELSE excluded.expires_at END
    RETURNING "key", current_count, previous_count
"""


class LimitCountQuerySet(models.QuerySet["LimitCount"]):
    def expired(self) -> "LimitCountQuerySet":
        return self.filter(expires_at__lte=int(time.time()))

    def read(self, limits: Sequence[Limit], now: int) -> list[Usage]:
        """What is counted for each limit."""
        rows = self.filter(pk__in=[limit.key for limit in limits]).values_list(
            "pk", "period", "current_count", "previous_count"
        )
        found = {key: (period, current, previous) for key, period, current, previous in rows}
        return [limit.slide(*found.get(limit.key, (0, 0, 0)), now) for limit in limits]

    def add(self, limits: Sequence[Limit], now: int, events: int = 1) -> list[Usage]:
        """Count so many events for each limit, in one statement.

        Counts refused ones too, so callers read first. Call it outside of a transaction that may roll back.
        """
        ordered = sorted(limits, key=lambda limit: limit.key)  # one order of the row locks, so without deadlocks
        sql = COUNT.format(table=self.model._meta.db_table, rows=", ".join(["(%s, %s, %s, 0, %s)"] * len(ordered)))
        values = [value for limit in ordered for value in (limit.key, limit.period(now), events, limit.expiry(now))]
        with connections[router.db_for_write(self.model)].cursor() as cursor:
            cursor.execute(sql, values)
            found = {key: (current, previous) for key, current, previous in cursor.fetchall()}
        return [limit.with_counted(*found[limit.key], now) for limit in limits]


class LimitCount(models.Model):
    """The two numbers of one limit: see tutorarc/domain/sliding_window.py. A row counts until `expires_at`."""

    key = models.CharField(max_length=80, primary_key=True)
    period = models.BigIntegerField()
    current_count = models.BigIntegerField()
    previous_count = models.BigIntegerField()
    expires_at = models.BigIntegerField(help_text="Seconds since 1970.")

    objects = LimitCountQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.key}: {self.current_count}, {self.previous_count}"
