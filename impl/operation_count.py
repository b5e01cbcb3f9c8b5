"""How much arithmetic a computation on tensors takes, counted while it runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

_aten = torch.ops.aten


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.count = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing is compiled here; to skip the compiler, torch would first load it, which takes a second."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        tensors = [t for t in tree_leaves((args, kwargs, result)) if isinstance(t, torch.Tensor)]
        if func.overloadpacket in (_aten.mm, _aten.bmm):
            self.count += args[0].numel() * args[1].shape[-1]
        elif func.overloadpacket is _aten.mv:
            self.count += args[0].numel()
        elif not _is_view(func):
            self.count += max((t.numel() for t in tensors), default=0)
        return result


def _is_view(func: Any) -> bool:
    aliases = any(r.alias_info is not None and not r.alias_info.is_write for r in func._schema.returns)
    return aliases or func.overloadpacket is _aten._unsafe_view


def operations(computation: Callable[[], Any]) -> int:
    """Number of entries that a computation on torch tensors works on, back propagation included.

    An elementwise operation or a sum counts the entries of its largest tensor, a product of matrices its multiplications, and a
    view nothing: arithmetic up to a constant factor per entry.
    """
    with _Counter() as counter:
        computation()
    return counter.count
