"""What all masked weights are to the module that holds them: stored whole, under their own name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn


class MaskedWeight(nn.Module):
    """A weight (rows, columns) whose layout is its own affair; it is stored whole under its name.

    Its key among stored weights is the name of the module itself, as if it were a parameter.
    """

    shape: torch.Size

    def forward(
        self,
        x: Tensor,
        bias: Tensor | None,
        rows: Tensor | None = None,
        columns: Tensor | None = None,
        *,
        is_trusted: bool = False,
    ) -> Tensor:
        """x W^T + b under a mask. Returns (B, rows) of x's type.

        x: (B, columns), bias: (rows,); rows, columns: float32 degrees of both, which a weight with
        one mask for ever does not ask for. is_trusted: nobody has written to the parameters but an
        optimiser fed with the gradients of this very product, so what the mask hides is zero.
        """
        raise NotImplementedError

    def whole(self) -> Tensor:
        """The weight (rows, columns), in the order of variables and units."""
        raise NotImplementedError

    def load(self, weight: Tensor) -> None:
        """Take over a whole weight."""
        raise NotImplementedError

    def _save_to_state_dict(
        self, destination: dict[str, Any], prefix: str, keep_vars: bool
    ) -> None:
        destination[prefix[:-1]] = self.whole().detach()

    def _load_from_state_dict(self, *_: Any) -> None:
        """Left to the module that holds this one: torch hands on only keys with a dot."""


class HoldsWeights(nn.Module):
    """A module with masked weights among its children, which it loads by their names."""

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Tensor],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        unknown: list[str] = []
        super()._load_from_state_dict(
            state_dict, prefix, local_metadata, strict, missing_keys, unknown, error_msgs
        )
        unexpected_keys += [key for key in unknown if key.removeprefix(prefix) not in self._modules]
        for child, weight in self._modules.items():
            if not isinstance(weight, MaskedWeight):
                continue
            name = prefix + child
            if name not in state_dict:
                missing_keys.append(name)
            elif state_dict[name].shape != weight.shape:
                shapes = f"{tuple(state_dict[name].shape)}, not {tuple(weight.shape)}"
                error_msgs.append(f"{name} has the shape {shapes}.")
            else:
                weight.load(state_dict[name])


class MaskedWeights(HoldsWeights, nn.ModuleList):
    """A list of masked weights."""

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[MaskedWeight]: ...
