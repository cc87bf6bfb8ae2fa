"""Masked layers that multiply next to nothing by zero.

A mask follows from degrees: row k sees column j if degree[k] >= degree[j], or > for an output. With
rows and columns sorted by degree it is a staircase: each row sees a prefix of the columns.
`Staircase` keeps the weights below it as a few blocks of rows, for a mask set that is used for
ever; `Lookup` does so for a one-hot input, whose product is a sum of columns; `Shared` keeps the
whole weight, which the mask sets of a cycle share, and makes each mask when it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

# Weights that must be saved, in a product with a minibatch, for one more product to pay.
WORTH_A_BLOCK = {torch.float32: 24_576, torch.bfloat16: 262_144}


@dataclass(frozen=True)
class Step:
    """Rows first … last-1 of a staircase; row `first` sees `full` columns, row last-1 `width`."""

    first: int
    last: int
    full: int
    width: int


def steps_of(ends: np.ndarray, worth: float) -> list[Step]:
    """Cut a staircase into blocks of rows, as long as a cut saves more than `worth` weights.

    ends: for each row how many of the first columns it sees; never falling.
    """
    steps: list[Step] = []

    def cut(first: int, last: int) -> None:
        middles = np.arange(first + 1, last)
        saved = (middles - first) * (ends[last - 1] - ends[middles - 1])
        if len(middles) and saved.max() > worth:
            middle = int(middles[saved.argmax()])
            cut(first, middle)
            cut(middle, last)
        elif last > first:
            steps.append(Step(first, last, int(ends[first]), int(ends[last - 1])))

    cut(0, len(ends))
    return steps


class Triangle:
    """The mask between two layers of degrees, rows and columns sorted.

    rows, columns: degrees, int64; strict: a row must have more than the degree of what it sees.
    row_order, column_order: which row or column comes first, second, … in the staircase.
    """

    def __init__(self, rows: np.ndarray, columns: np.ndarray, *, strict: bool):
        self.row_order = np.argsort(rows, kind="stable")
        self.column_order = np.argsort(columns, kind="stable")
        side = "left" if strict else "right"
        self.ends = np.searchsorted(columns[self.column_order], rows[self.row_order], side=side)

    def corner(self, step: Step) -> np.ndarray:
        """What the rows of a block see beyond the columns that all of them see; bool."""
        columns = np.arange(step.full, step.width)
        return columns < self.ends[step.first : step.last, None]


class MaskedWeight(nn.Module):
    """A weight (rows, columns) whose layout is its own affair; it is stored whole under its name.

    Its key among stored weights is the name of the module itself, as if it were a parameter.
    """

    def forward(
        self, x: Tensor, bias: Tensor | None, rows: Tensor | None, columns: Tensor | None
    ) -> Tensor:
        """x W^T + b under a mask. Returns (B, rows) of x's type.

        x: (B, columns), bias: (rows,); rows, columns: float32 degrees of both, which a weight with
        one mask for ever does not ask for.
        """
        raise NotImplementedError

    def whole(self) -> Tensor:
        """The weight (rows, columns), in the order of variables and units."""
        raise NotImplementedError

    def load(self, weight: Tensor) -> None:
        """Take over a whole weight."""
        raise NotImplementedError

    def _save_to_state_dict(self, destination: dict, prefix: str, keep_vars: bool) -> None:
        destination[prefix[:-1]] = self.whole().detach()

    def _load_from_state_dict(self, *_: Any) -> None:
        """Left to the module that holds this one: torch hands on only keys with a dot."""


class HoldsWeights(nn.Module):
    """A module with masked weights among its children, which it loads by their names."""

    def _load_from_state_dict(
        self,
        state_dict: dict[str, Tensor],
        prefix: str,
        local_metadata: dict,
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


class Blocks(MaskedWeight):
    """A weight (rows, columns) as one parameter for each block of rows of a staircase."""

    def __init__(self, weight: Tensor, triangle: Triangle, worth: float):
        super().__init__()
        self.triangle = triangle
        self.shape = weight.shape
        self.steps = steps_of(triangle.ends, worth)
        for index, (step, block) in enumerate(zip(self.steps, self._cut(weight), strict=True)):
            corner = torch.from_numpy(triangle.corner(step)).to(weight.dtype)
            self.register_parameter(f"block{index}", nn.Parameter(block))
            self.register_buffer(f"corner{index}", self._stored(corner), persistent=False)

    @property
    def blocks(self) -> list[Tensor]:
        return list(self._parameters.values())

    @property
    def corners(self) -> list[Tensor]:
        """The masks of the columns that only some rows of a block see, as the block is stored."""
        return list(self._buffers.values())

    @staticmethod
    def _stored(block: Tensor) -> Tensor:
        """A block (rows, columns) in the layout of its parameter, and back."""
        return block

    @torch.no_grad()
    def _cut(self, weight: Tensor) -> list[Tensor]:
        along = weight.cpu()[self.triangle.row_order][:, self.triangle.column_order]
        blocks = []
        for step in self.steps:
            block = along[step.first : step.last, : step.width].clone()
            block[:, step.full :].mul_(torch.from_numpy(self.triangle.corner(step)).to(block.dtype))
            blocks.append(self._stored(block).contiguous())
        return blocks

    @torch.no_grad()
    def load(self, weight: Tensor) -> None:
        for block, values in zip(self.blocks, self._cut(weight), strict=True):
            block.copy_(values)

    @torch.no_grad()
    def along(self) -> Tensor:
        """The whole weight with rows and columns along the staircase."""
        whole = self.block0.new_zeros(tuple(self.shape))
        for step, block in zip(self.steps, self.blocks, strict=True):
            whole[step.first : step.last, : step.width] = self._stored(block)
        return whole

    def whole(self) -> Tensor:
        weight = self.along()
        for dim, order in enumerate((self.triangle.row_order, self.triangle.column_order)):
            if (np.diff(order) < 0).any():
                back = torch.from_numpy(np.argsort(order)).to(weight.device)
                weight = weight.index_select(dim, back)
        return weight


class Staircase(Blocks):
    """x W^T + b for x with columns along the staircase; rows come out along it, too."""

    def forward(
        self,
        x: Tensor,
        bias: Tensor | None = None,
        rows: Tensor | None = None,
        columns: Tensor | None = None,
    ) -> Tensor:
        return StaircaseProduct.apply(self, x, bias, *self.blocks)


class StaircaseProduct(torch.autograd.Function):
    """The product block by block. x: (B, columns), bias: (rows,). Returns (B, rows) as x's type.

    Weights that are zero where their mask is stay so if their gradient is masked.
    """

    @staticmethod
    def forward(
        context: Any, layer: Staircase, x: Tensor, bias: Tensor | None, *blocks: Tensor
    ) -> Tensor:
        output = x.new_empty((len(x), layer.shape[0]))
        blocks = [block.to(x.dtype) for block in blocks]
        for step, block in zip(layer.steps, blocks, strict=True):
            torch.mm(x[:, : step.width], block.t(), out=output[:, step.first : step.last])
        if bias is not None:
            output.add_(bias)
        context.layer, context.has_bias = layer, bias is not None
        context.save_for_backward(x, *blocks)
        return output

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        layer, (x, *blocks) = context.layer, context.saved_tensors
        to_x = None
        to_blocks: list[Tensor] = []
        # The last block is the widest: it writes what the others add to.
        for step, corner, block in reversed(
            [*zip(layer.steps, layer.corners, blocks, strict=True)]
        ):
            rows = gradient[:, step.first : step.last]
            to_block = (rows.t() @ x[:, : step.width]).float()
            if step.full < step.width:
                to_block[:, step.full :].mul_(corner)
            to_blocks.insert(0, to_block)
            if not context.needs_input_grad[1]:
                continue
            if to_x is None:
                to_x = torch.empty_like(x)
                to_x[:, step.width :].zero_()
                torch.mm(rows, block, out=to_x[:, : step.width])
            else:
                to_x[:, : step.width].addmm_(rows, block)
        to_bias = gradient.sum(dim=0, dtype=torch.float32) if context.has_bias else None
        return None, to_x, to_bias, *to_blocks


class Lookup(Blocks):
    """The first layer under a one-hot input: the columns of the values, added up.

    A block is kept as (columns, rows), so that a value finds its numbers next to each other.
    """

    def __init__(self, weight: Tensor, triangle: Triangle, worth: float, num_categories: int):
        super().__init__(weight, triangle, worth)
        self.num_categories = num_categories

    @staticmethod
    def _stored(block: Tensor) -> Tensor:
        return block.t()

    def forward(
        self,
        x: Tensor,
        bias: Tensor,
        rows: Tensor | None = None,
        columns: Tensor | None = None,
    ) -> Tensor:
        """x: int64 (B, D) along the ordering, bias: (rows,). Returns (B, rows)."""
        columns = x + self.num_categories * torch.arange(x.shape[1], device=x.device)
        sums = []
        for step, corner, block in zip(self.steps, self.corners, self.blocks, strict=True):
            seen = columns[:, : step.width // self.num_categories]
            if step.full < step.width:
                block = KeptMasked.apply(block, corner, step.full)
            sums.append(_columns_added(block, seen))
        return torch.cat(sums, dim=1) + bias


def _columns_added(block: Tensor, seen: Tensor) -> Tensor:
    """The sum of the lines of a block that each row of seen, int64 (B, n), names."""
    if seen.shape[1] == 1:
        return functional.embedding(seen[:, 0], block)
    if seen.shape[1]:
        return functional.embedding_bag(seen, block, mode="sum")
    return block.sum(dim=0).expand(len(seen), -1)


class KeptMasked(torch.autograd.Function):
    """A block that is zero wherever its mask is: only its gradient is masked.

    corner: mask of all lines of the block but the first `full`, which are seen by all.
    """

    @staticmethod
    def forward(context: Any, block: Tensor, corner: Tensor, full: int) -> Tensor:
        context.corner, context.full = corner, full
        return block.view_as(block)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        gradient[context.full :].mul_(context.corner)
        return gradient, None, None


class Shared(MaskedWeight):
    """x (W * M)^T + b with a weight for all mask sets and the mask of one.

    A mask hides a weight, it never destroys it. Rows and columns keep the order of the weight.
    """

    def __init__(self, weight: Tensor, *, strict: bool):
        super().__init__()
        self.weight = nn.Parameter(weight)
        self.shape = weight.shape
        self.compare = torch.gt if strict else torch.ge

    def forward(self, x: Tensor, bias: Tensor | None, rows: Tensor, columns: Tensor) -> Tensor:
        return SharedProduct.apply(x, self.weight, self.mask(rows, columns), bias)

    def mask(self, rows: Tensor, columns: Tensor) -> Tensor:
        """float32 (rows, columns) of zeros and ones. One comparison is cheaper than any storage,
        and torch multiplies by float32 faster than by bool."""
        mask = torch.empty_like(self.weight, requires_grad=False)
        return self.compare(rows[:, None], columns, out=mask)

    @torch.no_grad()
    def load(self, weight: Tensor) -> None:
        self.weight.copy_(weight)

    def whole(self) -> Tensor:
        return self.weight.detach()


class SharedProduct(torch.autograd.Function):
    """x (W * M)^T + b, with the gradient of W masked in place."""

    @staticmethod
    def forward(
        context: Any, x: Tensor, weight: Tensor, mask: Tensor, bias: Tensor | None
    ) -> Tensor:
        visible = (weight * mask).to(x.dtype)
        context.has_bias = bias is not None
        context.save_for_backward(x, visible, mask)
        output = x @ visible.t()
        return output if bias is None else output.add_(bias)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, visible, mask = context.saved_tensors
        to_x = gradient @ visible if context.needs_input_grad[0] else None
        to_weight = (gradient.t() @ x).float().mul_(mask)
        to_bias = gradient.sum(dim=0, dtype=torch.float32) if context.has_bias else None
        return to_x, to_weight, None, to_bias
