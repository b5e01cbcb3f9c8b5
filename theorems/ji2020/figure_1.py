r"""ANIL with a strongly convex inner loop, as trained: the training loss falls with N, and where that ends is not printed.

Ji, Lee, Liang and Poor 2020, Figure 1 and Section 4.1: FC100 and miniImageNet, 5-way 5-shot, w the last layer with an
L^2 term, phi the rest; architectures and hyper-parameters are not in the main text and no number is printed, so that
only trends can be checked. Neither data set was run.

The stand-in is synthetic and small (few_shot.py): a linear head w, ridge between 0.01 and 1, alpha between 0.1 and 1 over
an upper bound of the inner smoothness at the start.

Seen in 128 settings: the loss after 15 steps is lower at N = 7 than at N = 1 in 81 % of them. It goes on falling:
only in 17 % is less than a tenth of the improvement from N = 1 to 30 left after N = 7 (saturation comes when alpha *
ridge * N is of order one). With common classes for all tasks the gain is gone: w itself learns the classes, and the
loss rises with N when the ridge is large. These shares are of one run of 64 settings per activation; the remark on
common classes and on saturation comes from a variant of the stand-in that is not kept here.

Known limits: the stand-in was designed on trial runs, and the p-values are not corrected for that. The refutation of
saturation speaks of the settings where the loss falls most; over single settings the mean exponent is compatible with zero.
"""

from __future__ import annotations

from functools import partial

from lakatos import Rate, Trend, claim
from theorems.ji2020 import PAPER
from theorems.ji2020.few_shot import linear_heads, training

figure = partial(claim, PAPER, "Figure 1", entry="fig-1-ji", on=linear_heads)


@figure(Trend("decreasing", over="N", grid=(1, 3, 5, 7), batch=8), variant="a-faster")
def loss_up_to_seven(tasks_, w, phi, alpha, N, beta):
    """The training loss after a fixed number of outer steps falls as N grows from 1 to 7."""
    return training(tasks_, w, phi, alpha, N, beta).final_loss()


@figure(
    Rate("Omega", over="N", grid=(7, 10, 15, 30), batch=8),
    variant="a-saturates-at-7",
    right=1,
    expect="refuted",
    reason="missing assumption",
    corrected="loss_up_to_seven",
    because="On the stand-in the loss can go on falling like a power of N beyond 7, unless the ridge is large: where it "
    "saturates depends on alpha and the ridge, which the text does not print.",
)
def loss_beyond_seven(tasks_, w, phi, alpha, N, beta):
    """The sentence "There is not much improvement for N >= 7": the loss relative to that of N = 7 does not fall like
    a power of N.
    """
    at_seven = training(tasks_, w, phi, alpha, 7, beta).final_loss()
    return training(tasks_, w, phi, alpha, N, beta).final_loss() / at_seven
