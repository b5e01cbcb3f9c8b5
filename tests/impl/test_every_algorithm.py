"""What all algorithms have in common: batches, both number systems, devices, and arguments refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from exactarray import arithmetic, is_exact, to_exact, to_float
from tests.impl.algorithms import ALGORITHMS, Algorithm, Draw

EXACT = [name for name, algorithm in ALGORITHMS.items() if algorithm.exact]
every = pytest.mark.parametrize("name", ALGORITHMS)


def results(algorithm: Algorithm, arrays: dict[str, Any]) -> list[Any]:
    returned = algorithm.call(**arrays)
    return list(returned) if isinstance(returned, tuple) else [returned]


@every
def test_a_batch_is_its_instances_side_by_side(name: str) -> None:
    algorithm = ALGORITHMS[name]
    arrays = algorithm.arrays(Draw(3))
    together = results(algorithm, arrays)
    for b in range(3):
        alone = results(algorithm, {key: array[b : b + 1] for key, array in arrays.items()})
        for one, all_ in zip(alone, together, strict=True):
            assert one.dtype == torch.float64
            torch.testing.assert_close(one[0], all_[b], rtol=1e-10, atol=1e-10)


@every
def test_an_empty_batch_gives_empty_results(name: str) -> None:
    algorithm = ALGORITHMS[name]
    full, empty = (results(algorithm, algorithm.arrays(Draw(batch))) for batch in (1, 0))
    assert [result.shape for result in empty] == [(0, *result.shape[1:]) for result in full]


@pytest.mark.parametrize("name", EXACT)
def test_the_same_text_runs_on_exact_numbers(name: str) -> None:
    algorithm = ALGORITHMS[name]
    arrays = algorithm.arrays(Draw(2))
    floats = results(algorithm, arrays)
    with arithmetic(128):
        exact = results(algorithm, {key: to_exact(array) for key, array in arrays.items()})
    for number, certain in zip(floats, exact, strict=True):
        assert is_exact(certain)
        size = max(1.0, float(number.abs().max()) if number.numel() else 0.0)
        np.testing.assert_allclose(number.numpy(), to_float(certain), rtol=1e-10, atol=1e-10 * size)


@every
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_cpu_and_cuda_agree_to_a_billionth(name: str) -> None:
    algorithm = ALGORITHMS[name]
    arrays = algorithm.arrays(Draw(3))
    here = results(algorithm, arrays)
    there = results(algorithm, {key: array.to("cuda") for key, array in arrays.items()})
    for cpu, cuda in zip(here, there, strict=True):
        assert cuda.device.type == "cuda"
        torch.testing.assert_close(cuda.cpu(), cpu, rtol=1e-9, atol=1e-9)


spoiled = pytest.mark.parametrize("name", [name for name, algorithm in ALGORITHMS.items() if algorithm.spoil != ""])


@spoiled
def test_integers_for_floats_are_refused_by_name(name: str) -> None:
    algorithm = ALGORITHMS[name]
    arrays = algorithm.arrays(Draw(2))
    first = algorithm.spoil or next(iter(arrays))
    with pytest.raises(ValueError, match=r"shape \(.*torch.int64"):
        algorithm.call(**{**arrays, first: arrays[first].long()})


@spoiled
def test_a_batch_that_does_not_fit_is_refused_with_its_shape(name: str) -> None:
    algorithm = ALGORITHMS[name]
    arrays = algorithm.arrays(Draw(3))
    first = algorithm.spoil or next(iter(arrays))
    with pytest.raises(ValueError, match=r"shape \("):
        algorithm.call(**{**arrays, first: arrays[first][:2]})
