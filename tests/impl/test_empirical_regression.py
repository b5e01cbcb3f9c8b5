import numpy as np
import pytest
import torch

from exactarray import to_exact, to_float
from impl.empirical_regression import (
    Episodes,
    covariance,
    expected_preconditioned_covariance,
    labels_of,
    maml_training_gradient,
    maml_training_loss,
    nal_training_gradient,
    nal_training_loss,
    preconditioned_covariance,
    preconditioner,
    stationary_point,
    train_maml,
    train_nal,
)
from tests.reference import empirical_regression as reference

LOSSES = pytest.mark.parametrize("loss", ["mean", "sum"])
# (batch, T, n, d) and (batch, T, tau, n_1, n_2, d), with one task, one episode, and fewer samples than features among them.
NAL = pytest.mark.parametrize("shape", [(1, 1, 3, 2), (3, 2, 4, 3), (2, 3, 2, 4), (2, 1, 1, 1)])
MAML = pytest.mark.parametrize("shape", [(1, 1, 1, 2, 1, 2), (3, 2, 2, 1, 3, 3), (2, 3, 1, 2, 2, 4), (2, 1, 1, 1, 1, 1)])


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def nal_data(shape):
    return normal(*shape), normal(*shape[:-1], seed=1)


def maml_data(shape):
    lead, n_1, n_2, d = shape[:3], *shape[3:]
    outer, inner = normal(*lead, n_1, d), normal(*lead, n_2, d, seed=1)
    return Episodes(outer, normal(*lead, n_1, seed=2), inner, normal(*lead, n_2, seed=3)), normal(shape[0], seed=4).abs() / 2


def close(a, b):
    np.testing.assert_allclose(to_float(a), to_float(b), rtol=1e-10, atol=1e-10)


@LOSSES
@NAL
def test_nal_follows_the_slow_reference(shape, loss):
    inputs, labels = nal_data(shape)
    w = normal(shape[0], shape[-1], seed=5).requires_grad_()
    value = reference.nal_loss(w, inputs, labels, loss)
    close(nal_training_loss(w, inputs, labels, loss), value)
    (gradient,) = torch.autograd.grad(value.sum(), w)
    close(nal_training_gradient(w, inputs, labels, loss), gradient)


@LOSSES
@MAML
def test_maml_follows_the_slow_reference(shape, loss):
    episodes, step = maml_data(shape)
    w = normal(shape[0], shape[-1], seed=5).requires_grad_()
    value = reference.maml_loss(w, episodes, step, loss)
    close(maml_training_loss(w, episodes, step, loss), value)
    (gradient,) = torch.autograd.grad(value.sum(), w)
    close(maml_training_gradient(w, episodes, step, loss), gradient)


@NAL
def test_nal_is_the_least_squares_solution_of_all_samples(shape):
    inputs, labels = nal_data(shape)
    flat = inputs.reshape(shape[0], -1, shape[-1]), labels.reshape(shape[0], -1, 1)
    close(train_nal(inputs, labels), torch.linalg.lstsq(*flat).solution[..., 0])


@MAML
def test_maml_is_the_least_squares_solution_after_the_step(shape):
    episodes, step = maml_data(shape)
    w = train_maml(episodes, step)
    close(maml_training_gradient(w, episodes, step), torch.zeros(shape[0], shape[-1]))
    nearby = w + normal(*w.shape, seed=6) / 1000
    assert (maml_training_loss(nearby, episodes, step) >= maml_training_loss(w, episodes, step)).all()


def test_without_a_step_maml_is_nal_on_the_outer_samples():
    episodes, step = maml_data((2, 2, 2, 2, 1, 2))
    flat = episodes.outer_inputs.reshape(2, 2, 4, 2), episodes.outer_labels.reshape(2, 2, 4)
    close(train_maml(episodes, 0 * step), train_nal(*flat))


def test_noiseless_labels_of_one_task_are_learnt_exactly():
    inputs, optima = normal(2, 1, 3, 3), normal(2, 1, 3, seed=1)
    close(train_nal(inputs, labels_of(inputs, optima, 0 * inputs[..., 0])), optima[:, 0])


@MAML
def test_preconditioned_covariances_follow_the_slow_reference(shape):
    episodes, step = maml_data(shape)
    values = preconditioned_covariance(episodes, step)
    for place in np.ndindex(*shape[:3]):
        outer, inner = episodes.outer_inputs[place], episodes.inner_inputs[place]
        close(values[place], reference.preconditioned_covariance(outer, inner, step[place[0]]))


def test_the_expected_preconditioned_covariance_is_the_mean_of_many():
    root, step, generator = normal(1, 1, 2, 2) / 2, torch.tensor([0.5], dtype=torch.float64), torch.Generator().manual_seed(0)
    inner, outer = (
        torch.randn(1, 1, 200_000, 3, 2, generator=generator, dtype=torch.float64) @ root[0, 0].mT for _ in range(2)
    )
    many = preconditioned_covariance(Episodes(outer, outer[..., 0], inner, inner[..., 0]), step)[0, 0] / 3
    expected = expected_preconditioned_covariance(root, step, 3)[0, 0]
    assert (many.mean(dim=0) - expected).abs().max() < 5 * (many.std(dim=0) / 200_000**0.5).max()


def test_exact_numbers_agree_with_floats():
    inputs, labels = nal_data((2, 2, 2, 2))
    close(train_nal(inputs, labels), train_nal(to_exact(inputs), to_exact(labels)))
    episodes, step = maml_data((2, 2, 1, 1, 2, 2))
    exact = Episodes(*(to_exact(v) for v in vars(episodes).values()))
    close(train_maml(episodes, step), train_maml(exact, to_exact(step)))


def test_a_batch_is_its_instances_side_by_side():
    episodes, step = maml_data((3, 2, 2, 1, 3, 2))
    alone = [train_maml(Episodes(*(v[b : b + 1] for v in vars(episodes).values())), step[b : b + 1]) for b in range(3)]
    close(train_maml(episodes, step), torch.cat(alone))


def test_the_preconditioner_is_the_jacobian_of_the_step():
    episodes, step = maml_data((1, 1, 1, 1, 3, 2))
    close(
        preconditioner(episodes.inner_inputs, step)[0, 0, 0], torch.eye(2) - step * covariance(episodes.inner_inputs[0, 0, 0])
    )


def test_a_stationary_point_needs_a_regular_hessian():
    with pytest.raises(torch.linalg.LinAlgError):
        stationary_point(lambda w: 0 * w + 1, torch.zeros(1, 1, dtype=torch.float64))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: train_nal(normal(1, 2, 3), normal(1, 2)), r"inputs has shape \(1, 2, 3\)"),
        (lambda: train_nal(normal(1, 2, 3, 2), normal(1, 2, 2)), r"labels \(1, 2, 2\)"),
        (
            lambda: Episodes(normal(1, 1, 1, 2, 2), normal(1, 1, 1, 1), normal(1, 1, 1, 2, 2), normal(1, 1, 1, 2)),
            "outer_labels",
        ),
        (
            lambda: Episodes(normal(1, 1, 2, 2, 2), normal(1, 1, 2, 2), normal(1, 1, 1, 2, 2), normal(1, 1, 1, 2)),
            "inner_inputs",
        ),
        (lambda: labels_of(normal(1, 2, 3, 2), normal(1, 3, 2), normal(1, 2, 3)), r"optima has shape \(1, 3, 2\)"),
        (lambda: nal_training_loss(normal(1, 2), normal(1, 1, 1, 2), normal(1, 1, 1), "median"), "loss is 'median'"),
    ],
)
def test_misfits_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_empty_batch_gives_empty_models():
    assert train_nal(*nal_data((0, 2, 3, 2))).shape == (0, 2)
    assert nal_training_loss(normal(0, 2), *nal_data((0, 2, 3, 2))).shape == (0,)
    episodes, step = maml_data((0, 1, 1, 2, 2, 2))
    assert train_maml(episodes, step).shape == (0, 2)
