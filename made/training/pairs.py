"""Large minibatches of two variables, which hold fewer different inputs than examples.

The outputs of a MADE of two variables see the first one alone, and that has K values. So a
minibatch of more than K pairs needs K forward passes rather than one an example: with c(a, b) how
often x_s(0) = a and x_s(1) = b stand together in it,

    loss = -1/B sum_ab c(a, b) (log p(x_s(0) = a) + log p(x_s(1) = b | x_s(0) = a)),

the same number as the mean over the examples, and so are its gradients. Where that applies says
`made/setups/repeats.py`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from made.training.steps import TrainingStep


class PairStep(TrainingStep):
    """Counts the pairs of a minibatch and asks the network once for each first value."""

    def loss(self, rows: Tensor, mask_set: int) -> Tensor:
        num_categories, head = self.model.num_categories, self.model.head
        if len(rows) <= num_categories:
            return super().loss(rows, mask_set)
        first, second = self.model.bank.mask_set(mask_set).ordering.sequence.tolist()
        cells = rows[:, first] * num_categories + rows[:, second]
        counts = cells.bincount(minlength=num_categories**2).view(num_categories, num_categories)
        values = torch.arange(num_categories, device=rows.device)
        inputs = values.unsqueeze(1).expand(-1, 2)
        parameters = self.model(inputs, mask_set)
        each_first = head.log_probs(parameters[0, first])
        each_second = head.log_probs(parameters[:, second])
        total = (counts.sum(dim=1) * each_first).sum() + (counts * each_second).sum()
        return -total / len(rows)
