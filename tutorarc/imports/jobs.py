"""Registers the job that carries out imports: the worker looks for this module."""

from tutorarc.imports import work

__all__ = ["work"]
