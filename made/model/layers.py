"""Masked layers that multiply next to nothing by zero.

A mask follows from degrees: row k sees column j if degree[k] >= degree[j], or > for an output. With
rows and columns sorted by degree it is a staircase: each row sees a prefix of the columns.
`Staircase` keeps the weights below it as a few blocks of rows, for a mask set that is used for
ever; `Lookup` does so for a one-hot input, whose product is a sum of columns; `Shared` keeps the
whole weight, which the mask sets of a cycle share, and makes each mask when it is needed.

Whatever anyone writes to a parameter, a hidden weight stays hidden: products mask what they
multiply, and so does what is stored. Only the training step, whose gradients are masked already,
says that it may be trusted and saves that time.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from made.model.triangles import Triangle, treads_of
from made.model.weights import MaskedWeight


class Blocks(MaskedWeight):
    """A weight (rows, columns) as one parameter for each block of rows of a staircase.

    column_dim: which dimension of a stored block the columns are.
    """

    column_dim = 1

    def __init__(self, weight: Tensor, triangle: Triangle, worth: float):
        super().__init__()
        self.triangle = triangle
        self.shape = weight.shape
        self.treads = treads_of(triangle.ends, worth)
        for index, (tread, block) in enumerate(zip(self.treads, self._cut(weight), strict=True)):
            corner = torch.from_numpy(triangle.corner(tread)).to(weight.dtype)
            self.register_parameter(f"block{index}", nn.Parameter(block))
            self.register_buffer(f"corner{index}", self._stored(corner), persistent=False)

    @property
    def blocks(self) -> list[Tensor]:
        return cast("list[Tensor]", list(self._parameters.values()))

    @property
    def corners(self) -> list[Tensor]:
        """The masks of the columns that only some rows of a block see, as the block is stored."""
        return cast("list[Tensor]", list(self._buffers.values()))

    @staticmethod
    def _stored(block: Tensor) -> Tensor:
        """A block (rows, columns) in the layout of its parameter, and back."""
        return block

    def visible(self) -> list[Tensor]:
        """The blocks as they are stored, with zeros where the mask is; differentiable."""
        return [
            _masked(block, corner, tread.full, self.column_dim)
            for tread, corner, block in zip(self.treads, self.corners, self.blocks, strict=True)
        ]

    @torch.no_grad()
    def hide(self) -> None:
        """Set to zero what the mask hides, in place."""
        for tread, corner, block in zip(self.treads, self.corners, self.blocks, strict=True):
            hidden_part = tread.width - tread.full
            block.narrow(self.column_dim, tread.full, hidden_part).mul_(corner)

    @torch.no_grad()
    def _cut(self, weight: Tensor) -> list[Tensor]:
        along = weight.cpu()[self.triangle.row_order][:, self.triangle.column_order]
        blocks = []
        for tread in self.treads:
            block = along[tread.first : tread.last, : tread.width].clone()
            block[:, tread.full :].mul_(
                torch.from_numpy(self.triangle.corner(tread)).to(block.dtype)
            )
            blocks.append(self._stored(block).contiguous())
        return blocks

    @torch.no_grad()
    def load(self, weight: Tensor) -> None:
        for block, values in zip(self.blocks, self._cut(weight), strict=True):
            block.copy_(values)

    @torch.no_grad()
    def along(self) -> Tensor:
        """The whole weight with rows and columns along the staircase."""
        whole = self.blocks[0].new_zeros(tuple(self.shape))
        for tread, corner, block in zip(self.treads, self.corners, self.blocks, strict=True):
            rows = whole[tread.first : tread.last]
            rows[:, : tread.width] = self._stored(block)
            rows[:, tread.full : tread.width].mul_(self._stored(corner))
        return whole

    def whole(self) -> Tensor:
        weight = self.along()
        for dim, order in enumerate((self.triangle.row_order, self.triangle.column_order)):
            if (np.diff(order) < 0).any():
                back = torch.from_numpy(np.argsort(order)).to(weight.device)
                weight = weight.index_select(dim, back)
        return weight


def _masked(block: Tensor, corner: Tensor, full: int, column_dim: int) -> Tensor:
    """A block whose columns from number `full` on are multiplied by their mask."""
    hidden_part = block.shape[column_dim] - full
    if not hidden_part:
        return block
    seen = block.narrow(column_dim, 0, full)
    return torch.cat([seen, block.narrow(column_dim, full, hidden_part) * corner], column_dim)


class Staircase(Blocks):
    """x W^T + b for x with columns along the staircase; rows come out along it, too."""

    def forward(
        self,
        x: Tensor,
        bias: Tensor | None = None,
        rows: Tensor | None = None,
        columns: Tensor | None = None,
        *,
        is_trusted: bool = False,
    ) -> Tensor:
        if is_trusted:
            return StaircaseProduct.apply(self, x, bias, *self.blocks)
        blocks = self.visible()
        if not (torch.is_grad_enabled() or torch.is_autocast_enabled(x.device.type)):
            return StaircaseProduct.apply(self, x, bias, *blocks)
        parts = [
            functional.linear(x[:, : tread.width], block.to(x.dtype))
            for tread, block in zip(self.treads, blocks, strict=True)
        ]
        output = torch.cat(parts, dim=1)
        return output if bias is None else (output + bias).to(x.dtype)


class StaircaseProduct(torch.autograd.Function):
    """The product block by block. x: (B, columns), bias: (rows,). Returns (B, rows) as x's type.

    Weights that are zero where their mask is stay so if their gradient is masked. It can be
    differentiated once.
    """

    @staticmethod
    def forward(
        context: Any, layer: Staircase, x: Tensor, bias: Tensor | None, *blocks: Tensor
    ) -> Tensor:
        output = x.new_empty((len(x), layer.shape[0]))
        factors = [block.to(x.dtype) for block in blocks]
        for tread, block in zip(layer.treads, factors, strict=True):
            torch.mm(x[:, : tread.width], block.t(), out=output[:, tread.first : tread.last])
        if bias is not None:
            output.add_(bias)
        context.layer, context.has_bias = layer, bias is not None
        context.save_for_backward(x, *factors)
        return output

    @staticmethod
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        layer, (x, *blocks) = context.layer, context.saved_tensors
        to_x = None
        to_blocks: list[Tensor] = []
        # The last block is the widest: it writes what the others add to.
        for tread, corner, block in reversed(
            [*zip(layer.treads, layer.corners, blocks, strict=True)]
        ):
            rows = gradient[:, tread.first : tread.last]
            to_block = (rows.t() @ x[:, : tread.width]).to(corner.dtype)
            if tread.full < tread.width:
                to_block[:, tread.full :].mul_(corner)
            to_blocks.insert(0, to_block)
            if not context.needs_input_grad[1]:
                continue
            if to_x is None:
                to_x = torch.empty_like(x)
                to_x[:, tread.width :].zero_()
                torch.mm(rows, block, out=to_x[:, : tread.width])
            else:
                to_x[:, : tread.width].addmm_(rows, block)
        to_bias = gradient.sum(dim=0, dtype=corner.dtype) if context.has_bias else None
        return None, to_x, to_bias, *to_blocks


class Lookup(Blocks):
    """The first layer under a one-hot input: the columns of the values, added up.

    A block is kept as (columns, rows), so that a value finds its numbers next to each other.
    """

    column_dim = 0

    def __init__(self, weight: Tensor, triangle: Triangle, worth: float, num_categories: int):
        super().__init__(weight, triangle, worth)
        self.num_categories = num_categories

    @staticmethod
    def _stored(block: Tensor) -> Tensor:
        return block.t()

    def forward(
        self,
        x: Tensor,
        bias: Tensor | None,
        rows: Tensor | None = None,
        columns: Tensor | None = None,
        *,
        is_trusted: bool = False,
    ) -> Tensor:
        """x: int64 (B, D) along the ordering, bias: (rows,). Returns (B, rows)."""
        columns = x + self.num_categories * torch.arange(x.shape[1], device=x.device)
        sums = [
            _columns_added(block, columns[:, : tread.width // self.num_categories])
            for tread, block in zip(
                self.treads, self._kept_masked() if is_trusted else self.visible(), strict=True
            )
        ]
        output = torch.cat(sums, dim=1)
        return output if bias is None else output + bias

    def _kept_masked(self) -> list[Tensor]:
        """The blocks, which are masked already and whose gradients will be."""
        return [
            KeptMasked.apply(block, corner, tread.full) if tread.full < tread.width else block
            for tread, corner, block in zip(self.treads, self.corners, self.blocks, strict=True)
        ]


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
    @once_differentiable
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

    def forward(
        self,
        x: Tensor,
        bias: Tensor | None,
        rows: Tensor | None = None,
        columns: Tensor | None = None,
        *,
        is_trusted: bool = False,
    ) -> Tensor:
        # Only a weight with one mask for ever does without degrees.
        assert rows is not None
        assert columns is not None
        mask = self.mask(rows, columns)
        if is_trusted:
            return SharedProduct.apply(x, self.weight, mask, bias)
        output = functional.linear(x, (self.weight * mask).to(x.dtype))
        return output if bias is None else (output + bias).to(x.dtype)

    def mask(self, rows: Tensor, columns: Tensor) -> Tensor:
        """Zeros and ones (rows, columns), of the weight's type. One comparison is cheaper than any
        storage, and torch multiplies by float32 faster than by bool."""
        mask = torch.empty_like(self.weight, requires_grad=False)
        return self.compare(rows[:, None], columns, out=mask)

    @torch.no_grad()
    def load(self, weight: Tensor) -> None:
        self.weight.copy_(weight)

    def whole(self) -> Tensor:
        return self.weight.detach()


class SharedProduct(torch.autograd.Function):
    """x (W * M)^T + b, with the gradient of W masked in place. It can be differentiated once."""

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
    @once_differentiable
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, visible, mask = context.saved_tensors
        to_x = gradient @ visible if context.needs_input_grad[0] else None
        to_weight = (gradient.t() @ x).to(mask.dtype).mul_(mask)
        to_bias = gradient.sum(dim=0, dtype=mask.dtype) if context.has_bias else None
        return to_x, to_weight, None, to_bias
