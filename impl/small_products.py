"""Where numpy multiplies small matrices in less time than PyTorch: on the CPU, where a call costs as much as its arithmetic."""

from __future__ import annotations

from typing import Any

import torch
from torch.autograd.forward_ad import unpack_dual

# Numbers in all arrays together: products of more are worth PyTorch's threads.
LARGEST = 2**19


def on_numpy(*tensors: torch.Tensor) -> list[Any] | None:
    """The tensors as numpy arrays that share their memory, or None where PyTorch has to work with them.

    That is: on an accelerator, above ``LARGEST``, and where a derivative or a transformation follows the computation.
    """
    if tensors[0].device.type != "cpu" or sum(tensor.numel() for tensor in tensors) > LARGEST:
        return None
    if any(unpack_dual(tensor).tangent is not None for tensor in tensors):  # type: ignore[no-untyped-call]
        return None
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors):
        return None
    try:
        return [tensor.detach().numpy() for tensor in tensors]
    except (RuntimeError, TypeError):
        # A transformation of torch.func holds the numbers, or numpy has no such type.
        return None
