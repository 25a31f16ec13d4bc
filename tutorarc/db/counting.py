"""Counts in subqueries."""

from django.db.models import IntegerField, Subquery


class Count(Subquery):
    """Number of rows in the subquery, up to its LIMIT."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()
