"""Registers the job that makes exports: the worker looks for this module."""

from tutorarc.exports import work

__all__ = ["work"]
