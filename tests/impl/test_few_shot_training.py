import pytest
import torch

from impl.few_shot_training import accuracy_after_step, adapt, logits, losses, make_world, train

SETTING = dict(ways=3, shots=2, queries=2)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_hard_tasks_have_one_group_and_easy_tasks_several():
    world = make_world(2, 5, 4, 2, 1.0, 0.0, seeded())
    world = type(world)(torch.arange(5.0, dtype=torch.float64)[None, :, None].expand(2, 5, 4), 0 * world.loadings, 0.0)
    hard = torch.tensor([[True, False], [False, True]])
    x, y, query_x, query_y = world.tasks(hard, 3, 2, 1, seeded(1))
    assert x.shape == (2, 2, 6, 4)
    assert query_x.shape == (2, 2, 3, 4)
    for run in range(2):
        for task in range(2):
            groups = {float(v) for v in x[run, task, :, 0]}
            assert len(groups) == (1 if hard[run, task] else 3)
            # Support and query samples of a class share its mean.
            assert all(float(x[run, task, 2 * k, 0]) == float(query_x[run, task, k, 0]) for k in range(3))
    assert y[0, 0].tolist() == [0, 0, 1, 1, 2, 2]
    assert query_y[0, 0].tolist() == [0, 1, 2]


def test_spread_keeps_the_size_of_the_loadings():
    sizes = [float((make_world(400, 3, 4, 2, s, 0.0, seeded()).loadings ** 2).mean()) for s in (0.0, 1.0, 5.0)]
    assert sizes == pytest.approx([1 / 4] * 3, rel=0.05)
    shared = make_world(2, 3, 4, 2, 0.0, 0.0, seeded()).loadings
    torch.testing.assert_close(shared[:, 0], shared[:, 1])


def test_adaptation_is_a_gradient_step_of_every_task_by_itself():
    world = make_world(2, 5, 4, 2, 1.0, 0.3, seeded())
    x, y, *_ = world.tasks(torch.tensor([[True, False, True]] * 2), generator=seeded(1), **SETTING)
    g = seeded(2)
    layers = tuple(torch.randn(2, 1, *s, generator=g, dtype=torch.float64, requires_grad=True) for s in ((4, 6), (6, 3)))
    moved = adapt(layers, x, y, 0.5, False)
    for run in range(2):
        for task in range(3):
            own = tuple(layer[run, 0].detach().clone().requires_grad_() for layer in layers)
            scores = torch.tanh(x[run, task] @ own[0]) @ own[1]
            loss = torch.nn.functional.cross_entropy(scores, y[run, task])
            torch.testing.assert_close(losses(layers, x, y)[run, task].detach(), loss.detach())
            torch.testing.assert_close(logits(layers, x)[run, task].detach(), scores.detach())
            for new, old, slope in zip(moved, own, torch.autograd.grad(loss, own), strict=True):
                torch.testing.assert_close(new[run, task].detach(), (old - 0.5 * slope).detach(), rtol=1e-10, atol=1e-12)


def test_training_lowers_the_objective_and_beats_chance():
    world = make_world(4, 6, 8, 3, 0.0, 0.1, seeded())
    more = dict(hidden=8, share_of_hard=0.0, batch=4, alpha=2.0, rate=0.5, generator=seeded(3), **SETTING)
    trained = train(world, maml=True, iterations=60, **more)
    found = accuracy_after_step(world, trained, hard=False, tasks=40, alpha=2.0, generator=seeded(4), **SETTING)
    assert found.shape == (4,)
    assert float(found.mean()) > 0.8


def test_a_negative_spread_is_refused():
    with pytest.raises(ValueError, match="spread is -1"):
        make_world(1, 2, 3, 1, -1.0, 0.1, seeded())
