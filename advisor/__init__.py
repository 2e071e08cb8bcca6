"""A decision advisor that explains itself: understanding, reasoning, conversation and records."""

__version__ = "0.1.0"
