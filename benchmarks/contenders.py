"""What the benchmark of the algorithms runs: for every row the contenders, this package and its peers, on the same problem.

A contender is made from a device name and returns a function without arguments that does the work of the row once, waits for it, and
returns a few numbers, its fingerprint, which must agree between contenders. Peers are imported when they are made, so that an
absent one raises ImportError.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from impl.anil import meta_gradients
from impl.fo_anil import SubspaceTasks, infinite_task_run
from impl.fo_anil_kernel import infinite_task_end
from impl.reptile import reptile_coefficients, reptile_coefficients_compiled, reptile_coefficients_in_place
from impl.two_layer_linear_tasks import HeadTasks, NetworkTasks, anil_meta_gradient, maml_meta_gradient

Work = Callable[[], list[float]]
READABLE, TUNED = "lakatos, readable text", "lakatos"

D, WIDTH, TASKS, SAMPLES, ALPHA = 50, 50, 100, 15, 0.1
K, M_IN, ITERATIONS, BETA = 5, 20, {1: 10_000, 64: 1_000}, 0.05
SEQUENCES, TABLE, REPEATS, TAU = 4096, 64, 157, 0.3
"""Signs come from a table of 64 rows, gone through 157 times: 10,048 tasks, all of which cost the same, and none is spent on
fetching signs."""


@dataclass(frozen=True)
class Row:
    """A line of the table: what is done, and who does it."""

    title: str
    contenders: dict[str, Callable[[str], Work]]
    bounds: dict[str, Callable[[], float]]
    """Seconds below which the hardware does not let the row, by what binds."""


def _meta_problem() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    theta = rng.standard_normal((TASKS, D))
    problem: dict[str, np.ndarray] = {"B": rng.standard_normal((D, WIDTH)) / WIDTH**0.5, "w": rng.standard_normal(WIDTH)}
    for loop in ("in", "out"):
        X = rng.standard_normal((TASKS, SAMPLES, D))
        problem |= {f"X_{loop}": X, f"y_{loop}": np.einsum("tnd,td->tn", X, theta) + rng.standard_normal((TASKS, SAMPLES))}
    return problem


def _tensors(problem: dict[str, np.ndarray], device: str) -> dict[str, torch.Tensor]:
    return {name: torch.as_tensor(array, device=device) for name, array in problem.items()}


def _fingerprint(*arrays: Any) -> list[float]:
    return [float((array * array).sum()) for array in arrays]


def _meta_readable(both_layers: bool, steps: int) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        p = {name: tensor[None] for name, tensor in _tensors(_meta_problem(), device).items()}
        samples, alpha = [p[name] for name in ("X_in", "y_in", "X_out", "y_out")], torch.full_like(p["w"][:, 0], ALPHA)
        flat = p["B"].flatten(1)

        def work() -> list[float]:
            if both_layers:
                start = torch.cat([flat, p["w"]], dim=1)
                whole = meta_gradients(NetworkTasks(*samples, WIDTH), start, p["w"][:, :0], alpha, steps)[0].mean(1)
                return _fingerprint(whole[:, :-WIDTH], whole[:, -WIDTH:])
            in_w, in_B = (g.mean(1) for g in meta_gradients(HeadTasks(*samples, WIDTH), p["w"], flat, alpha, steps))
            return _fingerprint(in_B, in_w)

        return work

    return make


def _meta_tuned(both_layers: bool, steps: int) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        p = {name: tensor[None] for name, tensor in _tensors(_meta_problem(), device).items()}
        inner, outer = (p["X_in"], p["y_in"]), (p["X_out"], p["y_out"])
        alpha = torch.full_like(p["w"][:, 0], ALPHA)
        if both_layers:
            return lambda: _fingerprint(*maml_meta_gradient(p["B"], p["w"], inner, outer, alpha))
        return lambda: _fingerprint(*anil_meta_gradient(p["B"], p["w"], inner, outer, alpha, steps))

    return make


def _meta_torch_func(both_layers: bool, steps: int) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        from torch.func import grad, vmap

        p = _tensors(_meta_problem(), device)

        def loss(B: Any, w: Any, X: Any, y: Any) -> Any:
            return ((X @ (B @ w) - y) ** 2).mean() / 2

        def adapted_loss(B: Any, w: Any, X_in: Any, y_in: Any, X_out: Any, y_out: Any) -> Any:
            for _ in range(steps):
                if both_layers:
                    slope_B, slope_w = grad(loss, (0, 1))(B, w, X_in, y_in)
                    B = B - ALPHA * slope_B
                else:
                    slope_w = grad(loss, 1)(B, w, X_in, y_in)
                w = w - ALPHA * slope_w
            return loss(B, w, X_out, y_out)

        mean = vmap(adapted_loss, (None, None, 0, 0, 0, 0))
        gradient = grad(lambda B, w, *samples: mean(B, w, *samples).mean(), (0, 1))
        samples = [p[name] for name in ("X_in", "y_in", "X_out", "y_out")]
        return lambda: _fingerprint(*gradient(p["B"], p["w"], *samples))

    return make


def _meta_jax(both_layers: bool, steps: int) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        jax, jnp = _jax(device)
        p = {name: jnp.asarray(array) for name, array in _meta_problem().items()}

        def loss(B: Any, w: Any, X: Any, y: Any) -> Any:
            return ((X @ (B @ w) - y) ** 2).mean() / 2

        def adapted_loss(B: Any, w: Any, X_in: Any, y_in: Any, X_out: Any, y_out: Any) -> Any:
            for _ in range(steps):
                if both_layers:
                    slope_B, slope_w = jax.grad(loss, (0, 1))(B, w, X_in, y_in)
                    B = B - ALPHA * slope_B
                else:
                    slope_w = jax.grad(loss, 1)(B, w, X_in, y_in)
                w = w - ALPHA * slope_w
            return loss(B, w, X_out, y_out)

        mean = jax.vmap(adapted_loss, (None, None, 0, 0, 0, 0))
        samples = [p[name] for name in ("X_in", "y_in", "X_out", "y_out")]
        gradient = jax.jit(jax.grad(lambda B, w, *data: mean(B, w, *data).mean(), (0, 1)))
        return lambda: _fingerprint(*gradient(p["B"], p["w"], *samples))

    return make


class _Network(torch.nn.Module):
    def __init__(self, B: torch.Tensor, w: torch.Tensor) -> None:
        super().__init__()
        self.B, self.w = torch.nn.Parameter(B), torch.nn.Parameter(w)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        return X @ (self.B @ self.w)


def _meta_higher(both_layers: bool, steps: int) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        import higher

        p = _tensors(_meta_problem(), device)
        network = _Network(p["B"], p["w"])
        optimizer = torch.optim.SGD(network.parameters() if both_layers else [network.w], lr=ALPHA)

        def work() -> list[float]:
            network.zero_grad()
            for X_in, y_in, X_out, y_out in zip(p["X_in"], p["y_in"], p["X_out"], p["y_out"], strict=True):
                with higher.innerloop_ctx(network, optimizer, copy_initial_weights=False) as (inside, descent):
                    for _ in range(steps):
                        descent.step(((inside(X_in) - y_in) ** 2).mean() / 2)
                    (((inside(X_out) - y_out) ** 2).mean() / 2 / TASKS).backward()
            return _fingerprint(network.B.grad, network.w.grad)

        return work

    return make


def _meta_torchopt(both_layers: bool, steps: int) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        import torchopt

        p = _tensors(_meta_problem(), device)
        w = p["w"].clone().requires_grad_()
        B = p["B"].clone().requires_grad_()
        # Its functional optimiser adapts exactly the parameters it is given, the head or both layers.
        optimizer = torchopt.sgd(lr=ALPHA)

        def work() -> list[float]:
            total = [torch.zeros_like(B), torch.zeros_like(w)]
            for X_in, y_in, X_out, y_out in zip(p["X_in"], p["y_in"], p["X_out"], p["y_out"], strict=True):
                moving = (B, w) if both_layers else (w,)
                state = optimizer.init(moving)
                for _ in range(steps):
                    layer, head = moving if both_layers else (B, *moving)
                    loss = ((X_in @ (layer @ head) - y_in) ** 2).mean() / 2
                    slopes = torch.autograd.grad(loss, moving, create_graph=True)
                    updates, state = optimizer.update(slopes, state, inplace=False)
                    moving = torchopt.apply_updates(moving, updates, inplace=False)
                layer, head = moving if both_layers else (B, *moving)
                loss = ((X_out @ (layer @ head) - y_out) ** 2).mean() / 2 / TASKS
                total = [sum_ + g for sum_, g in zip(total, torch.autograd.grad(loss, (B, w)), strict=True)]
            return _fingerprint(*total)

        return work

    return make


def _meta_row(title: str, both_layers: bool, steps: int) -> Row:
    makers = {
        TUNED: _meta_tuned,
        READABLE: _meta_readable,
        "torch.func": _meta_torch_func,
        "jax": _meta_jax,
        "higher": _meta_higher,
        "torchopt": _meta_torchopt,
    }
    return Row(title, {name: make(both_layers, steps) for name, make in makers.items()}, {})


def _law_problem(batch: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    frame = np.linalg.qr(rng.standard_normal((batch, D, D)))[0]
    return {
        "B": rng.standard_normal((batch, D, WIDTH)) / 30,
        "w": rng.standard_normal((batch, WIDTH)) / 30,
        "basis": frame[..., :K],
        "complement": frame[..., K:],
        "covariance": np.broadcast_to(np.diag(np.arange(1.0, K + 1)), (batch, K, K)) / K,
        "noise": np.full(batch, 1.0),
    }


def _law(problem: dict[str, np.ndarray], device: str) -> tuple[Any, ...]:
    p = _tensors({name: np.ascontiguousarray(array) for name, array in problem.items()}, device)
    law = SubspaceTasks(p["basis"], p["complement"], p["covariance"], p["noise"])
    rates = {name: torch.full_like(p["noise"], value) for name, value in (("alpha", ALPHA), ("beta", BETA))}
    return p["B"], p["w"], law, rates


def _recursion_readable(batch: int) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        B, w, law, rates = _law(_law_problem(batch), device)

        def work() -> list[float]:
            for state in infinite_task_run(B, w, law, **rates, m_in=M_IN, steps=ITERATIONS[batch]):
                last = state
            return _fingerprint(*last)

        return work

    return make


def _recursion_tuned(batch: int) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        B, w, law, rates = _law(_law_problem(batch), device)
        return lambda: _fingerprint(*infinite_task_end(B, w, law, **rates, m_in=M_IN, steps=ITERATIONS[batch]))

    return make


def _recursion_parts(xp: Any, p: dict[str, Any]) -> tuple[Any, Any, Any]:
    covariance = p["basis"] @ p["covariance"] @ xp.swapaxes(p["basis"], -1, -2)
    total = xp.trace(p["covariance"], axis1=-2, axis2=-1) + p["noise"]
    sampling, identity = ALPHA**2 / M_IN, xp.eye(D)
    exact = ALPHA**2 * covariance + sampling * (covariance + total[:, None, None] * identity)
    return covariance, exact, identity


def _recursion_step(xp: Any, B: Any, w: Any, covariance: Any, exact: Any, identity: Any) -> tuple[Any, Any]:
    transposed = xp.swapaxes(B, -1, -2)
    prediction = B @ w
    mean = w - ALPHA * (transposed @ prediction)
    across = xp.swapaxes(prediction, -1, -2)
    spread = prediction @ across + (across @ prediction) * identity
    moment = mean @ xp.swapaxes(mean, -1, -2) + transposed @ (exact + ALPHA**2 / M_IN * spread) @ B
    return B + BETA * (ALPHA * (covariance @ B) - B @ moment), w - BETA * (transposed @ (B @ mean))


def _recursion_numpy(batch: int) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        p = _law_problem(batch)
        parts = _recursion_parts(np, p)

        def work() -> list[float]:
            B, w = p["B"], p["w"][..., None]
            for _ in range(ITERATIONS[batch]):
                B, w = _recursion_step(np, B, w, *parts)
            return _fingerprint(B, w)

        return work

    return make


def _recursion_jax(batch: int) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        jax, jnp = _jax(device)
        p = {name: jnp.asarray(array) for name, array in _law_problem(batch).items()}
        parts = _recursion_parts(jnp, p)

        @jax.jit
        def run(B: Any, w: Any) -> Any:
            return jax.lax.fori_loop(0, ITERATIONS[batch], lambda _, state: _recursion_step(jnp, *state, *parts), (B, w))

        return lambda: _fingerprint(*run(p["B"], p["w"][..., None]))

    return make


def _dgemm_bound(batch: int) -> Callable[[], float]:
    def seconds() -> float:
        # The fewest operations of a step: B^T B and B times a matrix, without the thin products.
        return batch * ITERATIONS[batch] * 2 * 2 * D * WIDTH * WIDTH / _dgemm_rate()

    return seconds


def _recursion_row(batch: int) -> Row:
    title = f"First-order ANIL, infinitely many tasks, d = k' = 50, {ITERATIONS[batch]:,} iterations, {batch} instance{'s' * (batch > 1)}"
    makers = {TUNED: _recursion_tuned, READABLE: _recursion_readable, "numpy": _recursion_numpy, "jax": _recursion_jax}
    contenders = {name: make(batch) for name, make in makers.items()}
    return Row(title, contenders, {"dgemm at its peak": _dgemm_bound(batch)})


def _signs() -> np.ndarray:
    return np.random.default_rng(2).integers(0, 2, (TABLE, SEQUENCES)).astype(np.int8) * 2 - 1


def _coefficients_torch(kernel: Callable[..., Any]) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        signs = torch.as_tensor(_signs(), device=device).to(torch.float64).mT
        tau = torch.full((SEQUENCES,), TAU, dtype=torch.float64, device=device)

        def work() -> list[float]:
            a = torch.full_like(tau, 0.1)
            b = torch.zeros_like(tau)
            for _ in range(REPEATS):
                a, b = kernel(a, b, signs, tau=tau)
            return _fingerprint(a, b)

        return work

    return make


def _last_of_run(a: Any, b: Any, signs: Any, *, tau: Any) -> Any:
    for state in reptile_coefficients(a, b, signs, tau=tau):
        last = state
    return last


def _coefficients_numpy(device: str) -> Work:
    signs = _signs().astype(np.float64)

    def work() -> list[float]:
        a, b = np.full(SEQUENCES, 0.1), np.zeros(SEQUENCES)
        kept, root = np.empty_like(a), np.empty_like(a)
        for _ in range(REPEATS):
            for sign in signs:
                np.subtract(a, b, out=kept)
                np.add(a, b, out=root)
                np.multiply(kept, root, out=kept)
                np.multiply(kept, kept, out=root)
                np.add(root, 4, out=root)
                np.sqrt(root, out=root)
                np.add(kept, root, out=kept)
                np.multiply(kept, 0.5, out=kept)
                np.sqrt(kept, out=kept)
                np.divide(sign, kept, out=root)
                np.subtract(kept, a, out=kept)
                np.multiply(kept, TAU, out=kept)
                np.add(a, kept, out=a)
                np.subtract(root, b, out=root)
                np.multiply(root, TAU, out=root)
                np.add(b, root, out=b)
        return _fingerprint(a, b)

    return work


def _coefficients_jax(device: str) -> Work:
    jax, jnp = _jax(device)
    signs = jnp.asarray(_signs().astype(np.float64))

    def step(state: Any, sign: Any) -> Any:
        a, b = state
        kept = (a - b) * (a + b)
        f = jnp.sqrt((kept + jnp.sqrt(kept * kept + 4)) / 2)
        return (a + TAU * (f - a), b + TAU * (sign / f - b)), None

    @jax.jit
    def run(a: Any, b: Any) -> Any:
        return jax.lax.fori_loop(0, REPEATS, lambda _, state: jax.lax.scan(step, state, signs)[0], (a, b))

    return lambda: _fingerprint(*run(jnp.full(SEQUENCES, 0.1), jnp.zeros(SEQUENCES)))


def _arithmetic_bound() -> float:
    """Two square roots for each number, at the rate at which compiled code takes roots that do not wait for each other."""
    x, each = torch.linspace(1, 2, 2**14, dtype=torch.float64), 64

    def roots(x: torch.Tensor) -> torch.Tensor:
        total = torch.zeros_like(x)
        for i in range(each):
            total = total + torch.sqrt(x + i)
        return total

    compiled = torch.compile(roots)
    compiled(x)
    return REPEATS * TABLE * SEQUENCES * 2 * _fastest(lambda: compiled(x)) / (each * x.numel())


def _memory_bound() -> float:
    """Two arrays read and written and one read, at the rate at which arrays of this size are copied."""
    x = torch.ones(SEQUENCES, dtype=torch.float64)
    out = torch.empty_like(x)
    return REPEATS * TABLE * SEQUENCES * 2.5 * _net(lambda size: out[:size].copy_(x[:size]), SEQUENCES)


def _net(call: Callable[[int], Any], size: int) -> float:
    """Seconds for each number, the call itself not counted."""
    return (_fastest(lambda: call(size)) - _fastest(lambda: call(0))) / size


class _Instances:
    """Work whose time is that of one instance: ``units`` instances were tried in the last run."""

    units = 1

    def __init__(self, run: Callable[[], int]) -> None:
        self._run = run

    def __call__(self) -> list[float]:
        self.units = self._run()
        return []


def _claim(name: str) -> Any:
    from theorems.fallah2020 import lemma_4_8
    from theorems.landscape2022 import corollary_1

    return {"lemma": lemma_4_8.gradient_is_lipschitz, "corollary": corollary_1.nal_risk_above_noise}[name]


def _hunted(name: str) -> Callable[[str], Work]:
    def make(device: str) -> Work:
        from lakatos import hunt

        claim = _claim(name)
        return _Instances(lambda: hunt(claim, profile="gate", seed=0, device=device).evaluations)

    return make


def _one_at_a_time(name: str) -> Callable[[str], Work]:
    """One instance per example, numpy where the claim's text runs on numpy arrays of floats, tensors of one row where not."""

    def make(device: str) -> Work:
        from hypothesis import HealthCheck, Phase, given, seed, settings
        from hypothesis import strategies as st

        from benchmarks.refutation import OneInstance, compared, runs_on_numpy
        from lakatos import ClaimError

        claim, examples = _claim(name), 100
        tensors = not runs_on_numpy(claim)

        def example(data: Any) -> None:
            with np.errstate(all="ignore"), torch.no_grad(), suppress(ArithmeticError, torch.linalg.LinAlgError, ClaimError):
                compared(claim, OneInstance(data, tensors))

        options = {"max_examples": examples, "database": None, "deadline": None, "phases": [Phase.generate]}
        test = settings(**options, suppress_health_check=list(HealthCheck))(given(st.data())(example))

        def run() -> int:
            seed(0)(test)()
            return examples

        return _Instances(run)

    return make


def _instances_row(title: str, name: str) -> Row:
    return Row(title, {TUNED: _hunted(name), "Hypothesis": _one_at_a_time(name)}, {})


def _dgemm_rate() -> float:
    a = torch.ones(1024, 1024, dtype=torch.float64)
    out = torch.empty_like(a)
    return 2 * 1024**3 / _fastest(lambda: torch.mm(a, a, out=out), 5)


def _fastest(call: Callable[[], Any], times: int = 2000) -> float:
    from time import perf_counter

    best = float("inf")
    for _ in range(times):
        started = perf_counter()
        call()
        best = min(best, perf_counter() - started)
    return best


def _jax(device: str) -> tuple[Any, Any]:
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cuda" if device == "cuda" else "cpu")
    import jax.numpy as jnp

    return jax, jnp


ROWS: dict[str, Row] = {
    "maml": _meta_row("Meta-gradient of MAML, 1 inner step, d = k' = 50, 100 tasks, 15 + 15 samples", True, 1),
    "anil": _meta_row("Meta-gradient of ANIL, 5 inner steps, d = k' = 50, 100 tasks, 15 + 15 samples", False, 5),
    "recursion-1": _recursion_row(1),
    "recursion-64": _recursion_row(64),
    "reptile": Row(
        f"Reptile, recursion of (a, b), {REPEATS * TABLE:,} tasks, {SEQUENCES} sign sequences",
        {
            TUNED: _coefficients_torch(reptile_coefficients_compiled),
            "lakatos, without compiler": _coefficients_torch(reptile_coefficients_in_place),
            READABLE: _coefficients_torch(_last_of_run),
            "numpy": _coefficients_numpy,
            "jax": _coefficients_jax,
        },
        {"two roots": _arithmetic_bound, "memory": _memory_bound},
    ),
    "lemma": _instances_row("One instance of Lemma 4.8, by a hunt and by plain Hypothesis", "lemma"),
    "corollary": _instances_row("One instance of Corollary 1, by a hunt and by plain Hypothesis", "corollary"),
}
