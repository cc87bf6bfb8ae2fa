"""Which way a run computes: what decides its speed, in one line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class EnginePath:
    """How the minibatches of a run are computed.

    num_mask_sets: in a cycle; 0: a fresh one each time. is_sorted: units stand in the order of
    their degrees, so that only what lies below the staircase of a mask is multiplied. is_graph:
    a CUDA graph replays the minibatches. num_processes: how many share each of them.
    """

    device: str
    precision: str
    num_mask_sets: int
    is_sorted: bool
    is_graph: bool = False
    num_processes: int = 1

    def describe(self) -> str:
        """Such as "cpu · float32 · cycle of 4 mask sets · no graph"."""
        parts = [self.device, self.precision, self._products()]
        parts.append("CUDA graph" if self.is_graph else "no graph")
        if self.num_processes > 1:
            parts.append(f"{self.num_processes} processes")
        return " · ".join(parts)

    def _products(self) -> str:
        if self.num_mask_sets == 0:
            return "fresh mask sets"
        if self.num_mask_sets > 1:
            return f"cycle of {self.num_mask_sets} mask sets"
        if self.is_sorted:
            return "one mask set, products below the staircase only"
        return "no masks"
