"""One record from several runs of one claim: counts add, the worst witness wins, error probabilities add up.

Merging is commutative and associative, and a run that is given twice counts once: runs of one profile and one seed have seen the same
instances. It holds only for runs of one text of the claim.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from lakatos.records import Record

# What one shard finds beats what the others do not: a refutation stands, a doubt stays until it is settled.
_OUTCOMES = {"vacuous": 0, "holds": 1, "undecided": 2, "refuted": 3}
# A search that finds no witness says nothing against another one that does.
_EXISTENCE = {"vacuous": 0, "undecided": 1, "refuted": 2, "holds": 3}
_WARRANTS = {"none": 0, "measured": 1, "corroborated": 2, "certified": 3, "proved": 4}
_POINTWISE = ("inequality", "identity", "existence")


class MergeError(ValueError):
    """Records cannot be merged; the text says why."""


def merge(records: Iterable[Record]) -> Record:
    """The record of all runs together; it speaks with the words of the run that weighs most. Equal records come back as they are.

    Raises
    ------
    MergeError
        for no record at all, and for records of different claims or of different texts of one claim.
    """
    given = list({_text(record): record for record in records}.values())
    if not given:
        raise MergeError("there is no record to merge")
    if len(given) == 1:
        return given[0]
    _refuse_strangers(given)
    shards = _shards(given)
    chosen = max(given, key=_rank)
    total = sum(shard["total"] for shard in shards)
    pointwise = chosen["kind"] in _POINTWISE
    strata = _strata(given, shards)
    merged = {
        "warrant": max((r["warrant"] for r in given if _weight(r) == _weight(chosen)), key=_WARRANTS.__getitem__),
        "alarm": min(1.0, math.fsum(shard["alarm"] for shard in shards)),
        "margin": chosen["margin"] | {"words": _retold(chosen["margin"]["words"], total)},
        "message": _retold(chosen["message"], total),
        "instances": {
            "total": total,
            "by_source": _added(shard["by_source"] for shard in shards),
            "rejected": sum(shard["rejected"] for shard in shards),
            "strata": strata,
        },
        "power": _extreme([record["power"] for record in given], lambda power: power["counted"]),
        "started": min(shard["started"] for shard in shards),
        "seconds": round(math.fsum(shard["seconds"] for shard in shards), 3),
        "shards": shards,
    }
    if pointwise:
        merged["worst"] = _extreme([record["worst"] for record in given], lambda witness: _number(witness["ratio"]))
        merged["smallest"] = _extreme([record["smallest"] for record in given], lambda witness: -len(_text(witness["values"])))
    if chosen["picture"] and chosen["picture"]["type"] == "profile":
        everything = {"name": "all", "worst": chosen["margin"]["worst"], "seen": total}
        bars = [{"name": name, "worst": count["worst"], "seen": count["seen"]} for name, count in strata.items()]
        merged["picture"] = chosen["picture"] | {"bars": [everything, *bars]}
    return chosen | merged


def merge_reports(reports: Sequence[Sequence[Record]]) -> list[Record]:
    """The claims of several reports, each merged over the reports that have it, in the order in which they first occur.

    Raises
    ------
    MergeError
        where a claim has changed between two reports.
    """
    runs: dict[str, list[Record]] = {}
    for report in reports:
        for record in report:
            runs.setdefault(record["id"], []).append(record)
    return [merge(same) for same in runs.values()]


def with_power(records: Sequence[Record], scores: dict[str, dict[str, Any]]) -> list[Record]:
    """The records, with the scores of those that have none of their own."""
    return [
        record | {"power": scores[record["id"]]}
        if record["power"] is None and record["outcome"] == "holds" and record["id"] in scores
        else record
        for record in records
    ]


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _refuse_strangers(records: Sequence[Record]) -> None:
    first = records[0]
    for other in records[1:]:
        if other["id"] != first["id"]:
            raise MergeError(f"records of {first['id']} and of {other['id']} are no runs of one claim")
        texts = [record.get("context", {}).get("fingerprint") for record in (first, other)]
        if other["statement"] != first["statement"] or (all(texts) and texts[0] != texts[1]):
            raise MergeError(
                f"{first['id']} has changed between its runs (or what it imports has): {first['started'][:16]} and "
                f"{other['started'][:16]}. Merge runs of one state of the repository."
            )


def _key(record: Record) -> str:
    return f"{record['profile']}/{record['seed']}"


def _shards(records: Iterable[Record]) -> list[dict[str, Any]]:
    """What each run contributed, once."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        for shard in record.get("shards") or [_contribution(record)]:
            found.setdefault(shard["key"], []).append(shard)
    # Two runs on the same instances that differ (a changed algorithm, another device): the worse one counts.
    return [max(same, key=lambda s: (_OUTCOMES[s["outcome"]], _text(s))) for _, same in sorted(found.items())]


def _contribution(record: Record) -> dict[str, Any]:
    instances = record["instances"]
    return {
        "key": _key(record),
        **{name: record[name] for name in ("outcome", "error", "alarm")},
        **{name: instances[name] for name in ("total", "by_source", "rejected")},
        "seen": {name: count["seen"] for name, count in instances["strata"].items()},
        **{name: record[name] for name in ("profile", "seed", "device", "commit", "started", "seconds")},
    }


def _number(value: Any) -> tuple[int, float]:
    """Orders what a record can hold in the place of a number: none, the numbers, and what is none of them."""
    if value is None:
        return 0, 0.0
    number = float(value)
    return (2, 0.0) if math.isnan(number) else (1, number)


def _weight(record: Record) -> tuple[int, bool]:
    """What a record's outcome weighs beside those of others; a run that failed is a doubt above other doubts."""
    outcomes = _EXISTENCE if record["kind"] == "existence" else _OUTCOMES
    return outcomes[record["outcome"]], record["error"] is not None


def _rank(record: Record) -> tuple[Any, ...]:
    worst = _number(record["margin"]["worst"])
    if record["kind"] == "rate" and r"\Omega" in record["statement"]:
        worst = (worst[0], -worst[1])
    own = {name: record[name] for name in ("details", "nodeid", "replay", "versions", "device", "commit", "line", "picture")}
    if own["picture"] and own["picture"]["type"] == "profile":
        del own["picture"]
    return _weight(record), worst, _key(record), _text(own)


def _extreme(values: Iterable[Any], measure: Callable[[Any], Any]) -> Any:
    there = [value for value in values if value is not None]
    return max(there, key=lambda value: (measure(value), _text(value)), default=None)


def _added(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for count in counts:
        for name, number in count.items():
            total[name] = total.get(name, 0) + number
    return total


def _strata(records: Sequence[Record], shards: Sequence[dict[str, Any]]) -> dict[str, Any]:
    seen = _added(shard["seen"] for shard in shards)
    there = [record["instances"]["strata"] for record in records]
    return {
        name: {
            "required": max(strata[name]["required"] for strata in there if name in strata),
            "seen": seen.get(name, 0),
            "worst": max((strata[name]["worst"] for strata in there if name in strata), key=_number),
        }
        for name in sorted({name for strata in there for name in strata})
    }


_BUDGET = re.compile(r"(?<=under a budget of )[\d,]+(?= instances)|^[\d,]+(?= instances, none)")


def _retold(words: str, total: int) -> str:
    """A sentence on one run, told of all of them: it names the instances that were seen."""
    return _BUDGET.sub(f"{total:,}", words)
