"""Tuned kernels against the text they stand beside; the ones for meta-gradients are with their tasks."""

from __future__ import annotations

from math import inf

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from impl import fo_anil_kernel, reptile
from impl.fo_anil import SubspaceTasks, infinite_task_run
from impl.fo_anil_kernel import infinite_task_end


def problem(batch: int, d: int, k: int, width: int, seed: int):
    g = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(batch, *shape, generator=g, dtype=torch.float64)

    frame, root = torch.linalg.qr(normal(d, d))[0], normal(k, k)
    law = SubspaceTasks(frame[..., :k], frame[..., k:], root @ root.mT, normal().abs())
    rates = dict(alpha=normal().abs() / 8, beta=normal().abs() / 8)
    return normal(d, width) / 2, normal(width) / 2, law, rates


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 4), st.sampled_from([1, 2, 30, inf]), st.integers(0, 12), st.data())
def test_the_recursion_ends_where_its_text_does(batch, d, width, m_in, steps, data):
    k = data.draw(st.integers(1, d))
    B, w, law, rates = problem(batch, d, k, width, data.draw(st.integers(0, 1000)))
    *_, expected = infinite_task_run(B, w, law, **rates, m_in=m_in, steps=steps)
    for got, want in zip(infinite_task_end(B, w, law, **rates, m_in=m_in, steps=steps), expected, strict=True):
        scale = max(1.0, float(want.abs().max()))
        torch.testing.assert_close(got, want, rtol=1e-10, atol=1e-10 * scale)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(0, 3), st.sampled_from([1, 30, inf]), st.integers(0, 12), st.data())
def test_instances_one_by_one_end_where_the_group_does(batch, d, wider, m_in, steps, data):
    k = data.draw(st.integers(1, d))
    B, w, law, rates = problem(batch, d, k, d + wider, data.draw(st.integers(0, 1000)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fo_anil_kernel, "_alone", lambda *_: True)
        one_by_one = infinite_task_end(B, w, law, **rates, m_in=m_in, steps=steps)
        patch.setattr(fo_anil_kernel, "_alone", lambda *_: False)
        together = infinite_task_end(B, w, law, **rates, m_in=m_in, steps=steps)
    for got, want in zip(one_by_one, together, strict=True):
        scale = max(1.0, float(want.abs().max()))
        torch.testing.assert_close(got, want, rtol=1e-10, atol=1e-10 * scale)


def test_a_single_instance_leaves_its_start_alone_and_keeps_its_type():
    B, w, law, rates = problem(1, 3, 2, 3, 0)
    before = B.clone(), w.clone()
    end = infinite_task_end(B, w, law, **rates, m_in=4, steps=5)
    assert torch.equal(B, before[0])
    assert torch.equal(w, before[1])
    law32 = SubspaceTasks(*(part.float() for part in (law.basis, law.complement, law.covariance, law.noise)))
    rates32 = {name: rate.float() for name, rate in rates.items()}
    for single, double in zip(infinite_task_end(B.float(), w.float(), law32, **rates32, m_in=4, steps=5), end, strict=True):
        assert single.dtype is torch.float32
        torch.testing.assert_close(single.double(), double, rtol=1e-4, atol=1e-4)


def test_groups_of_instances_do_not_matter(monkeypatch):
    B, w, law, rates = problem(5, 3, 2, 2, 0)
    at_once = infinite_task_end(B, w, law, **rates, m_in=4, steps=20)
    monkeypatch.setattr(fo_anil_kernel, "LARGEST_GROUP", 2 * 3 * 3 * 2)
    for a, b in zip(infinite_task_end(B, w, law, **rates, m_in=4, steps=20), at_once, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)
    assert B.data_ptr() != at_once[0].data_ptr()
    none = [part[:0] for part in (law.basis, law.complement, law.covariance, law.noise)]
    rates = {name: rate[:0] for name, rate in rates.items()}
    assert infinite_task_end(B[:0], w[:0], SubspaceTasks(*none), **rates, m_in=4, steps=2)[0].shape == (0, 3, 2)


def test_misfits_are_named():
    B, w, law, rates = problem(2, 3, 1, 2, 0)
    with pytest.raises(ValueError, match=r"w has shape \(2, 1\)"):
        infinite_task_end(B, w[:, :1], law, **rates, m_in=4, steps=1)
    with pytest.raises(ValueError, match="steps is -1"):
        infinite_task_end(B, w, law, **rates, m_in=4, steps=-1)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("tasks", [0, 3, 16, 32, 37])
def test_the_compiled_recursion_agrees_with_its_text(tasks, wide, monkeypatch):
    # Compiling takes half a minute; the benchmark runs the compiled kernel and stops where its numbers differ.
    monkeypatch.setattr(reptile, "_fused", lambda: reptile._steps)
    monkeypatch.setattr(reptile, "_fused_wide", lambda: reptile._wide_steps)
    monkeypatch.setattr(reptile, "_has_wide_steps", lambda a: wide)
    signs = torch.randint(0, 2, (16, tasks), generator=torch.Generator().manual_seed(0)).double() * 2 - 1
    a, tau = torch.linspace(0.01, 3, 16, dtype=torch.float64), torch.linspace(0.01, 0.9, 16, dtype=torch.float64)
    start = a.clone()
    compiled = reptile.reptile_coefficients_compiled(a, a / 2, signs, tau=tau)
    *_, expected = reptile.reptile_coefficients(a, a / 2, signs, tau=tau)
    for got, want in zip(compiled, expected, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-11, atol=1e-11)
    assert torch.equal(a, start)


@pytest.mark.parametrize("largest", [1.0, 10.0, 128.0])
def test_the_steps_without_a_division_are_exact_as_far_as_they_are_taken(largest):
    a = largest * torch.linspace(0.01, 1, 200, dtype=torch.float64)
    assert reptile._has_wide_steps(a)
    assert not reptile._has_wide_steps(2 * 128 * a)
    assert not reptile._has_wide_steps(a.float())
    assert not reptile._has_wide_steps(a[:0])
    signs = torch.randint(0, 2, (40, 200), generator=torch.Generator().manual_seed(1)).double() * 2 - 1
    tau = torch.full_like(a, 0.7)
    got = reptile._wide_steps(a, 0 * a, signs, tau, torch.ones(1, dtype=torch.bfloat16))
    *_, expected = reptile.reptile_coefficients(a, 0 * a, signs.mT, tau=tau)
    for found, want in zip(got, expected, strict=True):
        torch.testing.assert_close(found, want, rtol=1e-12, atol=1e-13)
