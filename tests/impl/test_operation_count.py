from __future__ import annotations

import torch

from impl.operation_count import operations


def test_each_kind_of_operation() -> None:
    a, b = torch.ones(2, 3, 4), torch.ones(2, 4, 5)
    assert operations(lambda: a + 1) == 24
    assert operations(a.sum) == 24
    assert operations(lambda: torch.bmm(a, b)) == 2 * 3 * 4 * 5
    assert operations(lambda: a[0] @ b[0]) == 3 * 4 * 5
    assert operations(lambda: a[0] @ b[0, :, 0]) == 12
    assert operations(lambda: a.mT.reshape(-1)[:0]) == 24
    assert operations(lambda: a.expand(2, 3, 4)[0].mT) == 0


def test_back_propagation_counts() -> None:
    x = torch.ones(10, requires_grad=True)
    forward = 20
    assert operations(lambda: torch.sum(x * x)) == forward
    assert operations(lambda: torch.autograd.grad((x * x).sum(), x)) >= 2 * forward
