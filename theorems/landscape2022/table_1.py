r"""Few-shot classification: MAML gains on hard tasks if they are alike, and frequent in training.

Collins, Mokhtari, Shakkottai 2022, Section 5, Tables 1, 2, 4 and 5: Omniglot and FS-CIFAR100 with a
convolutional network. Neither data set is used here, so that no printed accuracy is checked, only two trends,
on a synthetic stand-in: five-way one-shot tasks with Gaussian classes in groups, easy tasks with classes of
five groups, hard ones with classes of one group, a network with one tanh layer, one step of size 3 before
testing, tested on groups that were not trained on. The tables' "large r_H" (five hard alphabets) and "small
r_H" (one) become a number: how far the directions differ in which the classes of different groups differ.

Seen at equal shares of easy and hard tasks: the gain in accuracy on new hard tasks is about 0.12 if all groups
differ in the same directions, 0.07 if a third of the variance is a group's own, and none if almost all of it
is. With hard tasks at a share of 0.01 the gain is gone, as Table 2 has it.

Known limits: the stand-in was designed on trial runs, and the p-values are not corrected for that. Both
algorithms have the same learning rate and 20 iterations; the paper tunes the rates and takes 20,000. That the
gain is largest on hard tasks is not a claim here: with groups that differ it is larger on easy ones.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from impl.few_shot_training import World, accuracy_after_step, make_world, train
from lakatos import Trend, claim, instances
from theorems.landscape2022 import PAPER

table = partial(claim, PAPER, entry="tab-1")
SETTING: dict[str, Any] = dict(ways=5, shots=1, queries=5, alpha=3.0)
GROUPS = 20


@instances()
def grouped_classes(draw):
    """A seed, the spread of the groups' own directions, and the share of hard tasks in training."""
    return dict(seed=draw.integer("seed", 0, 10**6), spread=draw.option("spread", [0]), share_of_hard=draw.option("share", [0.5]),
                runs=draw.positive("block"))  # fmt: skip


@table("Table 1", Trend("decreasing", over="spread", grid=(0, 0.7, 3), batch=8), name="gain_over_spread", variant="gain-falls-with-r_H",
       on=grouped_classes)  # fmt: skip
@table("Table 2", Trend("increasing", over="share", grid=(0.01, 0.5, 0.99), batch=8), name="gain_over_share",
       variant="gain-grows-with-share-of-hard-tasks", on=grouped_classes)  # fmt: skip
def gain_on_hard_tasks(seed: int, spread: float, share_of_hard: float, runs: Any) -> Any:
    """MAML's accuracy on new hard tasks minus NAL's: larger if hard tasks are alike, and if they are frequent in training."""
    generator = torch.Generator().manual_seed(seed)
    setting = {**SETTING, "generator": generator}
    world = make_world(len(runs), GROUPS, 16, 3, spread, 0.3, generator)
    seen, new = (World(world.centres[:, part], world.loadings[:, part], world.noise) for part in (slice(10), slice(10, None)))
    accuracies = []
    for maml in (True, False):
        layers = train(seen, maml=maml, hidden=16, share_of_hard=share_of_hard, batch=8, iterations=20, rate=1.5, **setting)
        accuracies.append(accuracy_after_step(new, layers, hard=True, tasks=40, **setting))
    return accuracies[0] - accuracies[1]
