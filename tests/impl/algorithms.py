"""Every batched algorithm of impl/ with arguments made for it, so that what all must satisfy is tested on all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import torch

from impl import anil, burer_monteiro, maml, multi_step_maml
from impl.easy_hard_tasks import easy_hard_law
from impl.fo_anil import (
    SubspaceTasks,
    adapted_head,
    anil_objective,
    finite_task_run,
    finite_task_step,
    infinite_task_run,
    infinite_task_step,
    second_moment,
)
from impl.fo_anil_infinite_samples import infinite_sample_run, infinite_sample_step
from impl.fo_anil_kernel import infinite_task_end
from impl.fo_maml import fo_maml_run, fo_maml_step
from impl.gradient_descent import gradient_descent, regularized_gradient_descent, regularized_gradient_flow, squared_loss
from impl.linear_regression import expected_excess_risk as excess_over_signs
from impl.linear_regression import population_risk
from impl.meta_regression import loss_after_step, maml_solution, nal_solution, solutions_under_weights
from impl.one_step_adaptation import expected_excess_risk, one_step_estimate
from impl.partial_adaptation_tasks import LinearHeadTasks, OscillatingTasks
from impl.polynomial_tasks import CubicTasks
from impl.representation_learning import learned_representation, representation_flow, representation_gain
from impl.reptile import reptile, reptile_coefficients, reptile_coefficients_in_place
from impl.ridge_regression import excess_risk, ridge, ridge_on_representation
from impl.second_layer_flow import second_layer_descent, second_layer_flow
from impl.subspace_regression import labelled
from impl.two_layer_linear_flow import (
    aligned_flow_limit,
    coefficient_flow_limit,
    population_descent,
    population_flow,
    population_gradients,
    population_loss,
)
from impl.two_layer_linear_tasks import HeadTasks, NetworkTasks, anil_meta_gradient, maml_meta_gradient

Arrays = dict[str, Any]
TASKS, SAMPLES, D, WIDTH, K = 2, 3, 3, 2, 1


class Draw:
    """Float64 arrays ``(batch, ...)`` that are the same for every batch up to its length."""

    def __init__(self, batch: int) -> None:
        self.batch, self._generator = batch, torch.Generator().manual_seed(5)

    def real(self, *shape: int) -> torch.Tensor:
        # Multiples of 1/8 keep exact numbers short.
        drawn = torch.randint(-12, 13, (3, *shape), generator=self._generator).to(torch.float64) / 8
        return drawn[: self.batch].clone()

    def positive(self, *shape: int) -> torch.Tensor:
        return (self.real(*shape).abs() + 1) / 8


@dataclass(frozen=True)
class Algorithm:
    """A call on named arrays. ``exact``: it also runs on exact numbers. ``spoil``: what to hand over wrongly; "" for nothing."""

    call: Callable[..., Any]
    arrays: Callable[[Draw], Arrays]
    exact: bool = True
    spoil: str | None = None


def _last(states: Any) -> Any:
    *_, last = states
    return last


def _design(draw: Draw) -> Arrays:
    return dict(X=draw.real(SAMPLES, D), y=draw.real(SAMPLES, 2), start=draw.real(D, 1), penalty=draw.positive())


def _deep(draw: Draw) -> Arrays:
    return dict(
        X=draw.real(SAMPLES, D), y=draw.real(SAMPLES, 1), A=draw.real(2, D), start=draw.real(2, 1), penalty=draw.positive()
    )


def _layers(draw: Draw) -> Arrays:
    return dict(A=draw.real(2, D), W=draw.real(2, TASKS), targets=draw.real(D, TASKS))


def _kappas(draw: Draw) -> Arrays:
    return dict(kappa=draw.positive(), targets=draw.real(D, TASKS))


def _on_a_line(draw: Draw) -> Arrays:
    axis = torch.tensor([3, 4, 0], dtype=torch.float64) / 5
    a, c, size = draw.positive(), draw.real(), draw.positive()
    A = 2 * torch.eye(3, dtype=torch.float64) + a[:, None, None] * torch.outer(axis, axis)
    return dict(A=A, w=c[:, None] * axis, target=size[:, None] * axis)


def _coefficients(draw: Draw) -> Arrays:
    signs = torch.where(draw.real(4) > 0, 1.0, -1.0).to(torch.float64)
    return dict(a=draw.positive() + 1, b=draw.positive(), signs=signs, tau=draw.positive())


def _network(draw: Draw) -> Arrays:
    samples = {
        f"{name}_{loop}": draw.real(TASKS, n, *d) for loop, n in (("in", 2), ("out", 3)) for name, d in (("X", (D,)), ("y", ()))
    }
    return dict(B=draw.real(D, WIDTH), w=draw.real(WIDTH), alpha=draw.positive(), beta=draw.positive(), **samples)


def _law(draw: Draw) -> Arrays:
    axes = torch.eye(D, dtype=torch.float64).expand(draw.batch, D, D)
    root = draw.real(K, K)
    state = dict(B=draw.real(D, WIDTH), w=draw.real(WIDTH), alpha=draw.positive(), beta=draw.positive())
    return state | dict(basis=axes[..., :K], complement=axes[..., K:], covariance=root @ root.mT, noise=draw.positive())


def _population(draw: Draw) -> Arrays:
    return dict(
        B=draw.real(D, WIDTH), w=draw.real(WIDTH), theta=draw.real(TASKS, D), alpha=draw.positive(), beta=draw.positive()
    )


def _factors(draw: Draw) -> Arrays:
    data = dict(X=draw.real(TASKS, SAMPLES, D), y=draw.real(TASKS, SAMPLES), theta=draw.real(TASKS, D), step=draw.positive())
    return dict(B=draw.real(D, WIDTH), W=draw.real(TASKS, WIDTH)) | data


def _cubics(draw: Draw) -> Arrays:
    half = draw.real(TASKS, 2, 2)
    tasks = dict(
        weights=0 * draw.real(TASKS) + 1 / 2,
        linear=draw.real(TASKS, 2),
        quadratic=half + half.mT,
        cubic=draw.real(TASKS, 1),
        directions=draw.real(TASKS, 1, 2),
    )
    return dict(w=draw.real(2), alpha=draw.positive()) | tasks


def _waves(draw: Draw) -> Arrays:
    tasks = dict(A=draw.real(TASKS, 2, 2), C=draw.real(TASKS, 2, 1), u=draw.real(TASKS, 1, 2), v=draw.real(TASKS, 1, 1))
    tasks |= {name: draw.real(TASKS, 1) for name in ("a", "k", "c")}
    tasks |= {name: draw.real(TASKS) for name in ("b", "d")}
    return dict(w=draw.real(2), phi=draw.real(1), alpha=draw.positive(), s=draw.real(TASKS, 2), t=draw.real(TASKS, 1)) | tasks


def _classes(draw: Draw) -> Arrays:
    labels = torch.eye(2, dtype=torch.float64).expand(draw.batch, TASKS, 2, 2)
    data = dict(support=draw.real(TASKS, 2, D), support_labels=labels, query=draw.real(TASKS, 2, D), query_labels=labels)
    return dict(w=draw.real(2 * 2), phi=draw.real(D * 2), alpha=draw.positive(), ridge=draw.positive()) | data


def _mixture(draw: Draw) -> Arrays:
    names = ("root_H", "root_E", "R", "spread_H", "spread_E", "noise", "step")
    return {name: draw.positive() for name in names} | dict(w=draw.real(2))


def _regression(draw: Draw) -> Arrays:
    return dict(X=draw.real(2, D), regressor=draw.real(D), sigma=draw.positive())


def _ridge_like(sigma: Any) -> Callable[[Any, Any], Any]:
    return lambda X, y: regularized_gradient_flow(X, y, y[..., :1, :1] + 0 * X.mT[..., :1], sigma[:, None] ** 2)


def _with_law(call: Callable[..., Any]) -> Callable[..., Any]:
    def on(B: Any, w: Any, alpha: Any, beta: Any, **law: Any) -> Any:
        return call(B, w, SubspaceTasks(**law), alpha, beta)

    return on


def _split(call: Callable[..., Any]) -> Callable[..., Any]:
    def on(B: Any, w: Any, alpha: Any, beta: Any, X_in: Any, y_in: Any, X_out: Any, y_out: Any) -> Any:
        return call(B, w, (X_in, y_in), (X_out, y_out), alpha, beta)

    return on


def _on_tasks(kind: Any, call: Callable[..., Any], own: tuple[str, ...], **fixed: Any) -> Callable[..., Any]:
    def on(**arrays: Any) -> Any:
        return call(kind(**{k: v for k, v in arrays.items() if k not in own}, **fixed), *(arrays[name] for name in own))

    return on


def _on_mixture(call: Callable[..., Any]) -> Callable[..., Any]:
    def on(w: Any, step: Any, **law: Any) -> Any:
        return call(easy_hard_law(2, **law), w, step)

    return on


def _network_tasks(kind: Any, steps: int) -> Callable[..., Any]:
    def on(B: Any, w: Any, inner: Any, outer: Any, alpha: Any, beta: Any) -> Any:
        tasks, flat = kind(*inner, *outer, WIDTH), B.reshape(B.shape[0], D * WIDTH)
        if kind is HeadTasks:
            return anil.meta_gradients(tasks, w, flat, alpha, steps)
        from exactarray import namespace

        return anil.meta_gradients(tasks, namespace(w).concat([flat, w], axis=-1), w[:, :0], alpha, steps)

    return _split(on)


ALGORITHMS: dict[str, Algorithm] = {
    "squared loss": Algorithm(lambda X, y, start, penalty: squared_loss(X, y, start), _design),
    "GD_step": Algorithm(lambda X, y, start, penalty: gradient_descent(X, y, start, penalty, 3), _design),
    "GD_reg": Algorithm(regularized_gradient_flow, _design),
    "GD_reg, iterated": Algorithm(
        lambda X, y, start, penalty: regularized_gradient_descent(X, y, start, penalty, step=penalty, steps=2), _design
    ),
    "GD2_reg": Algorithm(lambda **a: second_layer_flow(**a)[1], _deep),
    "GD2_reg, iterated": Algorithm(lambda **a: second_layer_descent(**a, step=a["penalty"], steps=2)[1], _deep),
    "population loss": Algorithm(lambda A, W, targets: population_loss(A, W, targets, A[:, 0, 0]), _layers),
    "population gradients": Algorithm(population_gradients, _layers),
    "population descent": Algorithm(
        lambda step, **a: population_descent(**a, step=step, steps=2), lambda draw: _layers(draw) | dict(step=draw.positive())
    ),
    "GDpop, integrated": Algorithm(population_flow, _layers, exact=False),
    "GDpop, closed form": Algorithm(aligned_flow_limit, _on_a_line),
    "GDpop, coefficients": Algorithm(lambda a, b, signs, tau: coefficient_flow_limit(a, b, signs[:, 0]), _coefficients),
    "Reptile": Algorithm(
        lambda A, w, target, tau: _last(reptile(A, w, target[:, None], tau=tau)),
        lambda draw: _on_a_line(draw) | dict(tau=draw.positive()),
    ),
    "Reptile, coefficients": Algorithm(lambda tau, **a: _last(reptile_coefficients(**a, tau=tau)), _coefficients),
    "Reptile, tuned": Algorithm(lambda tau, **a: reptile_coefficients_in_place(**a, tau=tau), _coefficients, exact=False),
    "RepLearn": Algorithm(learned_representation, _kappas, exact=False),
    "RepLearn, integrated": Algorithm(representation_flow, _kappas, exact=False),
    "RepLearn, gain": Algorithm(lambda kappa, targets: representation_gain(kappa, abs(targets[:, 0, 0])), _kappas),
    "FO-ANIL, adapted head": Algorithm(_split(lambda B, w, i, o, alpha, beta: adapted_head(B, w, *i, alpha)), _network),
    "FO-ANIL, finite tasks": Algorithm(
        _split(lambda B, w, i, o, alpha, beta: finite_task_step(B, w, i, o, alpha=alpha, beta=beta)), _network
    ),
    "FO-ANIL, finite tasks, run": Algorithm(
        _split(lambda B, w, i, o, alpha, beta: _last(finite_task_run(B, w, i, o, alpha=alpha, beta=beta, steps=2))), _network
    ),
    "FO-ANIL, infinite tasks": Algorithm(
        _with_law(lambda B, w, law, alpha, beta: infinite_task_step(B, w, law, alpha=alpha, beta=beta, m_in=3)), _law
    ),
    "FO-ANIL, infinite tasks, run": Algorithm(
        _with_law(lambda B, w, law, alpha, beta: _last(infinite_task_run(B, w, law, alpha=alpha, beta=beta, m_in=3, steps=2))),
        _law,
    ),
    "FO-ANIL, infinite tasks, tuned": Algorithm(
        _with_law(lambda B, w, law, alpha, beta: infinite_task_end(B, w, law, alpha=alpha, beta=beta, m_in=3, steps=2)),
        _law,
        exact=False,
    ),
    "FO-ANIL, infinite tasks and samples": Algorithm(
        _with_law(lambda B, w, law, alpha, beta: infinite_task_step(B, w, law, alpha=alpha, beta=beta, m_in=inf)), _law
    ),
    "FO-ANIL, second moment": Algorithm(
        _with_law(lambda B, w, law, alpha, beta: second_moment(B, w, law, alpha=alpha, m_in=2)), _law
    ),
    "ANIL objective": Algorithm(_with_law(lambda B, w, law, alpha, beta: anil_objective(B, w, law, alpha=alpha, m_in=2)), _law),
    "FO-ANIL, infinite samples": Algorithm(infinite_sample_step, _population),
    "FO-ANIL, infinite samples, run": Algorithm(lambda **a: _last(infinite_sample_run(**a, steps=2)), _population),
    "FO-MAML": Algorithm(_split(lambda B, w, i, o, alpha, beta: fo_maml_step(B, w, i, o, alpha=alpha, beta=beta)), _network),
    "FO-MAML, run": Algorithm(
        _split(lambda B, w, i, o, alpha, beta: _last(fo_maml_run(B, w, i, o, alpha=alpha, beta=beta, steps=2))), _network
    ),
    "Burer-Monteiro": Algorithm(lambda theta, step, **a: burer_monteiro.objective(**a), _factors),
    "Burer-Monteiro, gradients": Algorithm(lambda theta, step, **a: burer_monteiro.gradients(**a), _factors),
    "Burer-Monteiro, descent": Algorithm(lambda theta, **a: burer_monteiro.descent(**a, steps=2), _factors),
    "Burer-Monteiro, population": Algorithm(
        lambda B, W, theta, **a: burer_monteiro.population_objective(B, W, theta), _factors
    ),
    "Burer-Monteiro, population descent": Algorithm(
        lambda X, y, **a: burer_monteiro.population_descent(**a, steps=2), _factors
    ),
    "Burer-Monteiro, fitted heads": Algorithm(lambda B, X, y, step, **a: burer_monteiro.fitted_heads(B, X, y, step), _factors),
    "ridge": Algorithm(lambda X, y, start, penalty: ridge(X, y, penalty), _design),
    "ridge on a representation": Algorithm(lambda X, y, A, start, penalty: ridge_on_representation(X, y, A.mT, penalty), _deep),
    "excess risk": Algorithm(excess_risk, lambda draw: dict(estimate=draw.real(D, 2), theta=draw.real(D, 2))),
    "1-GD": Algorithm(_split(lambda B, w, i, o, alpha, beta: one_step_estimate(B, w, *i, alpha)), _network),
    "1-GD, expected": Algorithm(
        _with_law(lambda B, w, law, alpha, beta: expected_excess_risk(B, w, law, alpha=alpha, samples=2)), _law
    ),
    "ANIL on the head": Algorithm(_network_tasks(HeadTasks, 2), _network),
    "ANIL on the head, no steps": Algorithm(_network_tasks(HeadTasks, 0), _network),
    "MAML on both layers": Algorithm(_network_tasks(NetworkTasks, 2), _network, spoil="X_in"),
    "ANIL on the head, mean": Algorithm(
        _split(lambda B, w, i, o, alpha, beta: anil_meta_gradient(B, w, i, o, alpha, 2)), _network, exact=False
    ),
    "MAML on both layers, mean": Algorithm(
        _split(lambda B, w, i, o, alpha, beta: maml_meta_gradient(B, w, i, o, alpha)), _network, exact=False
    ),
    "MAML, one step": Algorithm(_on_tasks(CubicTasks, maml.meta_gradient, ("w", "alpha")), _cubics),
    "MAML objective, one step": Algorithm(_on_tasks(CubicTasks, maml.meta_objective, ("w", "alpha")), _cubics),
    "MAML, many steps": Algorithm(
        _on_tasks(CubicTasks, lambda tasks, w, alpha: multi_step_maml.meta_gradient(tasks, w, alpha, 2), ("w", "alpha")),
        _cubics,
    ),
    "MAML, no steps": Algorithm(
        _on_tasks(CubicTasks, lambda tasks, w, alpha: multi_step_maml.meta_gradient(tasks, w, alpha, 0), ("w", "alpha")),
        _cubics,
    ),
    "ANIL on waves": Algorithm(
        _on_tasks(OscillatingTasks, lambda tasks, *at: anil.meta_gradients(tasks, *at, 2), ("w", "phi", "alpha")), _waves
    ),
    "ANIL on classes": Algorithm(
        _on_tasks(
            LinearHeadTasks,
            lambda tasks, *at: anil.meta_gradients(tasks, *at, 2),
            ("w", "phi", "alpha"),
            features=2,
            activation="tanh",
        ),
        _classes,
    ),
    "ANIL loss on classes": Algorithm(
        _on_tasks(
            LinearHeadTasks,
            lambda tasks, *at: anil.meta_loss(tasks, *at, 1),
            ("w", "phi", "alpha"),
            features=2,
            activation="tanh",
        ),
        _classes,
    ),
    "loss after a step": Algorithm(_on_mixture(lambda law, w, step: loss_after_step(law, w, step, 3)), _mixture),
    "NAL solution": Algorithm(_on_mixture(lambda law, w, step: nal_solution(law)), _mixture),
    "MAML solution": Algorithm(_on_mixture(lambda law, w, step: maml_solution(law, step, 3)), _mixture),
    "solutions under weights": Algorithm(
        _on_mixture(lambda law, w, step: solutions_under_weights(law, law.weights[:, None], step, 3)), _mixture
    ),
    "excess over signs": Algorithm(
        lambda X, regressor, sigma: excess_over_signs(_ridge_like(sigma), X[:, None], regressor[:, None], sigma[:, None]),
        _regression,
        spoil="",
    ),
    "population risk": Algorithm(lambda X, regressor, sigma: population_risk(X[:, 0], regressor, sigma), _regression, spoil=""),
    "labels": Algorithm(lambda X, y, theta, **_: labelled(X, theta, y).y, _factors, spoil="X"),
    "easy and hard tasks": Algorithm(
        _on_mixture(lambda law, w, step: (law.optima, law.roots, law.weights)), _mixture, spoil="R"
    ),
}
