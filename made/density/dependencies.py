"""What an output depends on: what its masks let it see, what it does see, and what it moves.

May see: the product of the masks has a path from the input to the output. Does see: the signed
sensitivity of the output to the input at one row, the Jacobian, which is exactly zero wherever no
path leads. Moves: how all conditionals change when the value of one variable is another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from made.model.conditionals import Conditionals, Sorted
    from made.model.masks import MaskSet
    from made.model.settings import ModelConfig


def may_see(model: ModelConfig, mask_set: MaskSet) -> np.ndarray:
    """bool (D, D): may output d see input j, whatever the weights are? Needs no torch.

    Marginals see nothing, and in the naive model the second variable sees the first.
    """
    if model.model == "marginals":
        return np.zeros((len(mask_set.ordering),) * 2, bool)
    return mask_set.paths(model.direct_connections or model.model == "naive")


def sensitivities(
    network: Conditionals, row: np.ndarray, variables: Sequence[int], mask_set: int = 0
) -> np.ndarray:
    """s[i, j] = d f_d / d x_j at a row, for d = variables[i], in nats per step of x_j.

    f_d is the logit log p(x_d = 1 | earlier) - log p(x_d = 0 | earlier) of a variable with two
    categories, and log p(x_d = its value | earlier) of one with more. x_j enters as the features
    phi(x_j) of its encoding, so that the derivative is taken along one step of its value,

        s = sum_f  d f_d / d phi_f  (phi_f(b) - phi_f(a)) / (b - a),   a, b = x_j - 1, x_j + 1,

    both kept in 0 … K-1. For raw and normalized values that is the derivative by x_j itself; with
    two categories it goes from 0 to 1. A network that has no such layout, as the naive model, is
    asked at a and b: the difference quotient itself.

    row: categories (D,). Returns float64 (len(variables), D).
    """
    import torch

    from made.density.modes import evaluating, full_precision

    x = torch.from_numpy(np.asarray(row, np.int64)).to(network.device)
    chosen = torch.as_tensor(variables, dtype=torch.int64, device=network.device)
    with evaluating(network), full_precision(network.device):
        along = network.sorted(mask_set)
        if along is None:
            return _quotients(network, x, chosen, mask_set)
        return _gradients(network, along, x, chosen)


def changed(
    network: Conditionals, row: np.ndarray, variable: int, value: int, mask_set: int = 0
) -> np.ndarray:
    """log p(x_d = k | earlier) of a row as it is, and with x_variable = value: float64 (2, D, K).

    What stands at or before the variable in the ordering is the same in both, bit for bit.
    """
    import torch

    from made.density.modes import evaluating, full_precision

    x = torch.from_numpy(np.asarray(row, np.int64)).to(network.device)
    other = x.clone()
    other[variable] = value
    with torch.no_grad(), evaluating(network), full_precision(network.device):
        # One pass each: side by side in a minibatch the same sums are rounded differently.
        each = [network.head.log_probs(network(rows[None], mask_set))[0] for rows in (x, other)]
        return np.asarray(torch.stack(each).double().cpu())


def _outcomes(network: Conditionals, parameters: Tensor, values: Tensor) -> Tensor:
    """f_d of parameters (n, P) and the values (n,) that the variables have; (n,)."""
    if network.num_categories == 2:
        log_probs = network.head.log_probs(parameters)
        return log_probs[:, 1] - log_probs[:, 0]
    return network.head.log_prob(parameters, values)


def _neighbours(x: Tensor, num_categories: int) -> tuple[Tensor, Tensor]:
    """One step below and one above each value, as far as there is one."""
    return (x - 1).clamp(min=0), (x + 1).clamp(max=num_categories - 1)


def _gradients(network: Conditionals, along: Sorted, x: Tensor, variables: Tensor) -> np.ndarray:
    import torch

    if along.output_weight is None and along.direct_weight is None:
        return np.zeros((len(variables), len(x)))
    sequence = torch.as_tensor(along.sequence, device=x.device)
    places = sequence.argsort()[variables]
    ordered = x[sequence]
    below, above = _neighbours(ordered, network.num_categories)
    width = network.encoding.width
    with torch.no_grad():
        rise = network.features(above) - network.features(below)
        steps = rise.view(-1, width) / (above - below).clamp(min=1).unsqueeze(1)
        start = network.features(ordered)
    # One copy of the row for each output, so that a single backward pass finds all gradients.
    features = start.repeat(len(variables), 1).requires_grad_()
    with torch.enable_grad():
        outcomes = _outcomes(network, _outputs(along, features, places), x[variables])
        (gradient,) = torch.autograd.grad(outcomes.sum(), features)
    slopes = (gradient.view(len(variables), -1, width) * steps).sum(dim=2).double()
    return slopes[:, sequence.argsort()].cpu().numpy()


def _outputs(along: Sorted, features: Tensor, places: Tensor) -> Tensor:
    """Parameters (n, P) of the output at places[i] for row i of features, (n, D x width)."""
    hidden = features
    for layer, (weight, bias) in enumerate(zip(along.weights, along.biases, strict=True)):
        below = hidden
        hidden = along.activation(below @ weight.T + bias.T)
        if along.is_residual and layer:
            hidden = hidden + below
    num_places = len(along.sequence)
    parameters = along.output_bias.view(num_places, -1)[places]
    for weights, seen in ((along.output_weight, hidden), (along.direct_weight, features)):
        if weights is not None:
            own = weights.view(num_places, -1, weights.shape[1])[places]
            parameters = parameters + (own @ seen.unsqueeze(2)).squeeze(2)
    return parameters


def _quotients(network: Conditionals, x: Tensor, variables: Tensor, mask_set: int) -> np.ndarray:
    import torch

    below, above = _neighbours(x, network.num_categories)
    each = torch.arange(len(x), device=x.device)
    ends = []
    for moved in (below, above):
        rows = x.repeat(len(x), 1)
        rows[each, each] = moved
        with torch.no_grad():
            parameters = network(rows, mask_set)[:, variables].flatten(0, 1)
        values = x[variables].repeat(len(x))
        ends.append(_outcomes(network, parameters, values).view(len(x), -1).double())
    slopes = (ends[1] - ends[0]) / (above - below).clamp(min=1).unsqueeze(1)
    return slopes.T.cpu().numpy()
