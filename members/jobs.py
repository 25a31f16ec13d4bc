"""The kinds of background work of this app."""

from members.invitations import mail

__all__ = ["mail"]
