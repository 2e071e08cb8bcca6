"""The base of every error that is told to the user as a plain message, with exit status 1."""


class AdvisorError(Exception):
    """Something the user can act on: the message says what was wrong, where, and what to do."""
