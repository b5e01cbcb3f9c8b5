r"""The sentences about Tables 1 and 2 against the accuracies that the tables print: a reading, not an experiment.

Collins, Mokhtari, Shakkottai 2022, Section 5. The data sets are not used here (table_1 has a synthetic
stand-in); the sentences say more than the printed cells show. In Table 1, on the hard training tasks, MAML's
gain over NAL-1 falls as the hard tasks get closer (54.5 to 53.1 points) and NAL-1 improves more (4.5) than MAML
(3.1); on new tasks and against NAL-10 the sentence is right. In Table 2 at p = 0.01 the gain in points is
larger on easy tasks (11.6 and 8.1) than on hard ones (8.1 and 3.6). There it has not disappeared either: 3.6
points on new hard tasks, with 95% intervals of 0.4 and 0.3 in Table 5. What the cells do show: relative to NAL
the gain is largest on hard tasks in every row, and it falls with p.

Known limits: accuracies are taken as printed, without their errors, and decide nothing about image data.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from exactarray import array_like
from lakatos import Inequality, claim, instances
from theorems.landscape2022 import PAPER

# Accuracies in tenths of a percent, on hard tasks, by training or new tasks and by rival: MAML and NAL at large r_H, at small r_H.
TABLE_1 = {
    "training tasks, NAL-1": (960, 415, 991, 460),
    "training tasks, NAL-10": (960, 453, 991, 440),
    "new tasks, NAL-1": (812, 452, 954, 458),
    "new tasks, NAL-10": (812, 479, 954, 489),
}
# MAML and NAL on easy tasks, on hard tasks.
TABLE_2 = {
    "training tasks, p = 0.99": (929, 782, 501, 99),
    "training tasks, p = 0.5": (936, 819, 411, 95),
    "training tasks, p = 0.01": (940, 824, 157, 76),
    "new tasks, p = 0.99": (846, 748, 217, 95),
    "new tasks, p = 0.5": (843, 765, 179, 86),
    "new tasks, p = 0.01": (850, 769, 118, 82),
}
FIRST, SECOND = ("maml_large", "nal_large", "maml_small", "nal_small"), ("maml_easy", "nal_easy", "maml_hard", "nal_hard")


def cells(table: dict[str, tuple[int, ...]], names: tuple[str, ...], rows: list[str]) -> Any:
    """The accuracies of one of the rows, by name."""

    @instances()
    def printed_rows(draw):
        values = array_like([table[draw.option("row", rows)]] * draw.batch, draw.constant([1])) / 10
        return {name: values[:, k] for k, name in enumerate(names)}

    return printed_rows


NEW, SCARCE = [row for row in TABLE_1 if row.startswith("new")], [row for row in TABLE_2 if row.endswith("0.01")]
printed = partial(claim, PAPER, entry="tab-1")
refuted = partial(printed, expect="refuted", reason="false")

rises = Inequality(">=")


@refuted("Table 1", rises, name="gain_with_close_hard_tasks", variant="printed-gain-rises-with-smaller-r_H",
         on=cells(TABLE_1, FIRST, list(TABLE_1)), right=lambda maml_large, nal_large: maml_large - nal_large,
         left=r"\text{gain at small } r_H", witness=dict(row="training tasks, NAL-1"), corrected="gain_on_new_tasks_with_close_hard_tasks",
         because="On the hard training tasks the printed gain over NAL-1 falls from 54.5 to 53.1 points.")  # fmt: skip
@printed("Table 1", rises, name="gain_on_new_tasks_with_close_hard_tasks", variant="printed-gain-rises-on-new-tasks",
         on=cells(TABLE_1, FIRST, NEW), right=lambda maml_large, nal_large: maml_large - nal_large,
         left=r"\text{gain at small } r_H")  # fmt: skip
def gain_at_small_spread(maml_small: Any, nal_small: Any) -> Any:
    """MAML's gain over NAL on hard tasks is larger at small r_H than at large r_H."""
    return maml_small - nal_small


@refuted("Table 2", rises, variant="printed-largest-gain-on-hard-tasks", on=cells(TABLE_2, SECOND, list(TABLE_2)),
         right=lambda maml_easy, nal_easy: maml_easy - nal_easy, left=r"\text{gain on hard tasks}",
         witness=dict(row="training tasks, p = 0.01"), corrected="relative_gain_on_hard_tasks",
         because="At p = 0.01 the printed gain is 11.6 points on easy and 8.1 on hard tasks.")  # fmt: skip
def gain_on_hard_tasks(maml_hard: Any, nal_hard: Any) -> Any:
    """The largest gains of MAML are on the hard tasks, in points."""
    return maml_hard - nal_hard


@printed("Table 2", rises, variant="printed-largest-relative-gain-on-hard-tasks", on=cells(TABLE_2, SECOND, list(TABLE_2)),
         right=lambda maml_easy, nal_easy: maml_easy / nal_easy, left=r"\text{gain on hard tasks, relative to NAL}")  # fmt: skip
def relative_gain_on_hard_tasks(maml_hard: Any, nal_hard: Any) -> Any:
    """The largest gains of MAML are on the hard tasks, relative to NAL's accuracy."""
    return maml_hard / nal_hard


@refuted("Table 2", Inequality("<="), variant="printed-gain-disappears", on=cells(TABLE_2, SECOND, SCARCE), right=1,
         left=r"\text{gain on hard tasks at } p = 0.01", witness=dict(row="new tasks, p = 0.01"),
         corrected="gain_where_hard_tasks_are_scarce",
         because="The printed gain is 8.1 points on training and 3.6 on new hard tasks, with 95% intervals of at most 0.4.")  # fmt: skip
def gain_left_over(maml_hard: Any, nal_hard: Any) -> Any:
    """At p = 0.01 the improvement on hard tasks disappears: less than one point is left, more than both intervals of Table 5."""
    return maml_hard - nal_hard


@instances()
def growing_shares(draw):
    """Gains on hard tasks at p = 0.01 and at a larger p, both on training or both on new tasks."""
    kind, more = draw.option("kind", ["training", "new"]), draw.option("more", ["0.5", "0.99"])
    like = draw.constant([1] * draw.batch)
    rows = [TABLE_2[f"{kind} tasks, p = {p}"] for p in ("0.01", more)]
    return {name: like * (row[2] - row[3]) / 10 for name, row in zip(("scarce", "frequent"), rows, strict=True)}


@printed("Table 2", Inequality("<="), variant="printed-gain-falls-with-p", on=growing_shares,
         right=lambda frequent: 2 * frequent / 5, left=r"\text{gain on hard tasks at } p = 0.01")  # fmt: skip
def gain_where_hard_tasks_are_scarce(scarce: Any) -> Any:
    """At p = 0.01 the improvement on hard tasks is at most two fifths of that at larger p."""
    return scarce
