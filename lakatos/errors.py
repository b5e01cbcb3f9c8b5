"""Errors that speak to the author of a claim."""

from __future__ import annotations


class ClaimError(Exception):
    """A claim or an instance family is wrongly written: the text says what happened, where, and what to do."""
