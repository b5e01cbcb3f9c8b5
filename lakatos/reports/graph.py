"""Which claim rests on which, and what becomes of a claim when something below it falls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lakatos.records import Record

RESTS, USES = "rests on", "shares a formula with"


@dataclass(frozen=True)
class Edge:
    """One claim needs another: because it says so, or because its file imports the other's formula."""

    to: str
    how: str


class ClaimGraph:
    """The claims of a report and what stands between them.

    Parameters
    ----------
    records:
        The claims. An edge may lead to a claim that is not among them.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = {record["id"]: record for record in records}
        self.edges: dict[str, list[Edge]] = {record["id"]: self._edges(record) for record in records}
        self.above: dict[str, list[str]] = {record["id"]: [] for record in records}
        for start, edges in self.edges.items():
            for edge in edges:
                if edge.to in self.above:
                    self.above[edge.to].append(start)
        here = {(record["file"], record["name"]): record["id"] for record in records}
        # The corrected claim usually stands in the same file, else elsewhere in the same paper; a name that several files
        # use there says nothing.
        named = Counter((record["paper"]["key"], record["name"]) for record in records)
        elsewhere = {key: record["id"] for record in records if named[key := (record["paper"]["key"], record["name"])] == 1}
        self._corrected = {
            record["id"]: here.get((record["file"], record["corrected"]))
            or elsewhere.get((record["paper"]["key"], record["corrected"]))
            for record in records
            if record["corrected"]
        }

    def _edges(self, record: Record) -> list[Edge]:
        found: dict[str, Edge] = {}
        for how, names in ((RESTS, record["rests_on"]), (USES, record.get("context", {}).get("builds_on", []))):
            for name in names:
                # A whole entry may be named, which stands for each of its readings.
                inside = [other for other in self.records if other.startswith(f"{name}/")]
                for to in inside or [name]:
                    if to != record["id"]:
                        found.setdefault(to, Edge(to, how))
        return list(found.values())

    def corrected(self, claim_id: str) -> Record | None:
        """The claim that holds instead of a refuted one, where the report has it."""
        return self.records.get(self._corrected.get(claim_id) or "")

    def corrects(self, claim_id: str) -> list[Record]:
        """The refuted claims that this one stands in for."""
        return [self.records[printed] for printed, other in self._corrected.items() if other == claim_id]

    def below(self, claim_id: str) -> list[Edge]:
        """Everything that the claim needs, directly or not, nearest first; ``how`` tells the weakest link on the way."""
        found: dict[str, Edge] = {}
        waiting = [Edge(edge.to, edge.how) for edge in self.edges.get(claim_id, [])]
        while waiting:
            edge = waiting.pop(0)
            if edge.to == claim_id or edge.to in found:
                continue
            found[edge.to] = edge
            for further in self.edges.get(edge.to, []):
                waiting.append(Edge(further.to, RESTS if edge.how == further.how == RESTS else USES))
        return list(found.values())

    def fallen(self, claim_id: str) -> list[Edge]:
        """Of what the claim needs, that which does not hold."""
        return [
            edge for edge in self.below(claim_id) if edge.to in self.records and self.records[edge.to]["outcome"] != "holds"
        ]
