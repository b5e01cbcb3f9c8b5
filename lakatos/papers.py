"""The paper that a claim is printed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """A source of claims.

    Parameters
    ----------
    key:
        Short name, used in claim ids and as a pytest keyword: letters, digits and underscores.
    title, authors, venue, year, url:
        For the reader of the report.
    contents:
        The entries of the claims in the order of the paper, which the audit follows; without it the audit follows the labels.

    Raises
    ------
    ValueError
        when ``key`` is not a plain identifier.
    """

    key: str
    title: str
    authors: tuple[str, ...] = ()
    venue: str = ""
    year: int | None = None
    url: str = ""
    contents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.key.isidentifier():
            raise ValueError(
                f"Paper key {self.key!r} is not an identifier. It becomes part of claim ids and a pytest keyword; "
                "use letters, digits and underscores, such as 'fallah2020'."
            )
