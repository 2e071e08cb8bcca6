"""What may go wrong between the chat and the engine, told in words for the user."""

from __future__ import annotations


class FaceError(Exception):
    """Something that could not be done; the message tells the user what happened and what to do."""


class ResumeError(FaceError):
    """The conversation to go on with cannot be read."""
