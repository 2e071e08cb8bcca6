"""What can go wrong with stored conversations, as far as callers tell the cases apart."""

from __future__ import annotations

from advisor.errors import AdvisorError


class StoreError(AdvisorError):
    """Conversations could not be kept or found; the message says what, where, and what to do."""


class TurnTakenError(StoreError):
    """The session already has another turn of this number: it was continued elsewhere."""


class SessionGoneError(StoreError):
    """The session was deleted, or is not in the store."""
