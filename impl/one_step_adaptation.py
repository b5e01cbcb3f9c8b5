"""One gradient step on the head at test time (1-GD), and its mean square error over all inputs, noises and heads.

Yüksel, Boursier, Flammarion 2024, Section 3.1, equations (10) and (11). Shapes as in :mod:`impl.fo_anil`; what carries a task
axis has it after the batch.
"""

from __future__ import annotations

from exactarray.arrays import Array
from impl.fo_anil import SubspaceTasks, adapted_head, anil_objective


def one_step_estimate(B: Array, w: Array, X: Array, y: Array, alpha: Array) -> Array:
    """``B w_test``, ``(batch, tasks, d)``, after one step on samples ``X (batch, tasks, n, d)``, ``y (batch, tasks, n)``.

    Raises ValueError when the shapes do not fit together or ``alpha`` is negative.
    """
    return adapted_head(B, w, X, y, alpha) @ B.mT


def expected_excess_risk(B: Array, w: Array, tasks: SubspaceTasks, *, alpha: Array, samples: Array | int | float) -> Array:
    """``E ||B w_test - B_* w_*||^2`` over heads, Gaussian inputs and noise of a new task, ``(batch,)``, exactly.

    Since the excess risk of a parameter is its squared distance to the task's, this is twice ``L_ANIL`` (equation (1)) at
    ``samples`` inner samples, less the noise. Errors as in :func:`impl.fo_anil.anil_objective`.
    """
    return 2 * anil_objective(B, w, tasks, alpha=alpha, m_in=samples) - tasks.noise
