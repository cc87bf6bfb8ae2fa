"""Masked layers: the products of the textbook, without the multiplications by zero."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from made.model.layers import Lookup, Shared, Staircase
from made.model.triangles import Tread, Triangle, treads_of

staircases = st.lists(st.integers(0, 30), min_size=1, max_size=40).map(sorted).map(np.array)


@given(ends=staircases, worth=st.integers(0, 60))
def test_blocks_cover_every_row_once_and_all_that_it_sees(ends: np.ndarray, worth: int) -> None:
    treads = treads_of(ends, worth)
    assert [tread.first for tread in treads] == [0, *(tread.last for tread in treads[:-1])]
    assert treads[-1].last == len(ends)
    for tread in treads:
        assert (tread.full, tread.width) == (ends[tread.first], ends[tread.last - 1])


@given(ends=staircases)
def test_blocks_that_cost_nothing_leave_no_product_with_a_hidden_weight(ends: np.ndarray) -> None:
    treads = treads_of(ends, 0)
    assert sum((tread.last - tread.first) * tread.width for tread in treads) == ends.sum()
    assert treads_of(ends, np.inf) == [Tread(0, len(ends), int(ends[0]), int(ends[-1]))]


def test_no_cut_saves_more_than_a_block_is_worth() -> None:
    ends = np.arange(100)
    for tread in treads_of(ends, 200):
        inner = np.arange(tread.first + 1, tread.last)
        assert ((inner - tread.first) * (tread.width - ends[inner - 1])).max(initial=0) <= 200


def dense(rows: np.ndarray, columns: np.ndarray, strict: bool) -> torch.Tensor:
    """The mask of the paper, equations 13 and 14."""
    above, below = torch.from_numpy(rows)[:, None], torch.from_numpy(columns)
    return (above > below if strict else above >= below).float()


@pytest.fixture(params=[False, True], ids=["not strict", "strict"])
def masked(request) -> tuple[np.ndarray, np.ndarray, bool, torch.Tensor, torch.Tensor]:
    """Degrees of rows and columns in no order, whether the mask is strict, a weight, a bias."""
    generator = np.random.default_rng(0)
    rows, columns = generator.integers(1, 9, 23), generator.integers(1, 9, 17)
    torch.manual_seed(0)
    return rows, columns, request.param, torch.randn(23, 17), torch.randn(23)


@pytest.mark.parametrize("is_trusted", [False, True])
@pytest.mark.parametrize("worth", [0, 20, 1e9])
def test_a_staircase_is_the_masked_product_and_so_are_its_gradients(
    masked, worth: float, is_trusted: bool
) -> None:
    rows, columns, strict, weight, bias = masked
    triangle = Triangle(rows, columns, strict=strict)
    layer = Staircase(weight, triangle, worth)
    x, to_output = torch.randn(5, 17), torch.randn(5, 23)

    whole = weight.clone().requires_grad_()
    inputs, offset = (value.clone().requires_grad_() for value in (x, bias))
    mask = dense(rows, columns, strict)
    expected = functional.linear(inputs, whole * mask, offset)
    (expected * to_output).sum().backward()

    along = x[:, triangle.column_order].clone().requires_grad_()
    own_bias = bias[triangle.row_order].clone().requires_grad_()
    found = layer(along, own_bias, is_trusted=is_trusted)
    (found * to_output[:, triangle.row_order]).sum().backward()

    torch.testing.assert_close(found, expected[:, triangle.row_order])
    torch.testing.assert_close(along.grad, inputs.grad[:, triangle.column_order])
    torch.testing.assert_close(own_bias.grad, offset.grad[triangle.row_order])
    gradients = Staircase(torch.zeros(23, 17), triangle, worth)
    gradients.load(whole.grad)
    for block, gradient in zip(layer.blocks, gradients.blocks, strict=True):
        torch.testing.assert_close(block.grad, gradient.detach())


@pytest.mark.parametrize("worth", [0, 1e9])
def test_a_whole_weight_comes_back_without_what_is_hidden(masked, worth: float) -> None:
    rows, columns, strict, weight, _ = masked
    layer = Staircase(torch.zeros(23, 17), Triangle(rows, columns, strict=strict), worth)
    layer.load(weight)
    assert torch.equal(layer.whole(), weight * dense(rows, columns, strict))


@pytest.mark.parametrize("is_trusted", [False, True])
@pytest.mark.parametrize("worth", [0, 1e9])
def test_a_lookup_is_the_product_with_one_hot_features(worth: float, is_trusted: bool) -> None:
    num_variables, num_categories = 4, 5
    rows = np.random.default_rng(0).integers(1, 4, 11)
    columns = np.arange(1, num_variables + 1).repeat(num_categories)
    weight, bias = torch.randn(11, 20), torch.randn(11)
    triangle = Triangle(rows, columns, strict=False)
    lookup = Lookup(weight, triangle, worth, num_categories)
    staircase = Staircase(weight, triangle, worth)
    x = torch.randint(num_categories, (6, num_variables))
    features = functional.one_hot(x, num_categories).float().flatten(1)
    to_output = torch.randn(6, 11)
    outputs = [lookup(x, bias, is_trusted=is_trusted), staircase(features, bias)]
    torch.testing.assert_close(*outputs)
    for output in outputs:
        (output * to_output).sum().backward()
    for mine, other in zip(lookup.blocks, staircase.blocks, strict=True):
        torch.testing.assert_close(mine.grad.T, other.grad)
    assert torch.equal(lookup.whole(), staircase.whole())


@pytest.mark.parametrize("is_trusted", [False, True])
def test_a_shared_weight_is_masked_by_the_degrees_of_the_moment(masked, is_trusted: bool) -> None:
    rows, columns, strict, weight, bias = masked
    layer = Shared(weight, strict=strict)
    x = torch.randn(5, 17)
    for shift in (0, 3):
        moved = np.roll(rows, shift)
        whole = weight.clone().requires_grad_()
        expected = functional.linear(x, whole * dense(moved, columns, strict), bias)
        expected.square().sum().backward()
        layer.weight.grad = None
        degrees = [torch.from_numpy(values).float() for values in (moved, columns)]
        found = layer(x, bias, *degrees, is_trusted=is_trusted)
        found.square().sum().backward()
        torch.testing.assert_close(found, expected)
        torch.testing.assert_close(layer.weight.grad, whole.grad)


@pytest.mark.parametrize("is_trusted", [False, True])
def test_bfloat16_products_have_float32_gradients_close_to_the_exact_ones(
    masked, is_trusted: bool
) -> None:
    rows, columns, strict, weight, bias = masked
    triangle = Triangle(rows, columns, strict=strict)
    x = torch.randn(64, 17)
    exact, rounded = (Staircase(weight, triangle, 20) for _ in range(2))
    both = [(exact, x), (rounded, x.bfloat16())]
    outputs = [layer(value, bias, is_trusted=is_trusted) for layer, value in both]
    assert outputs[1].dtype == torch.bfloat16
    torch.testing.assert_close(outputs[1].float(), outputs[0], rtol=0.05, atol=0.1)
    for output in outputs:
        output.float().square().sum().backward()
    for mine, other in zip(rounded.blocks, exact.blocks, strict=True):
        assert mine.grad.dtype == torch.float32
        assert (mine.grad - other.grad).norm() <= 0.02 * other.grad.norm() + 1e-6


@pytest.mark.parametrize("kind", ["staircase", "lookup", "shared"])
def test_what_a_mask_hides_stays_hidden_whatever_is_written_to_the_parameters(kind: str) -> None:
    """Products, gradients and what is stored are those of the masked weight."""
    rows = np.random.default_rng(0).integers(1, 4, 11)
    columns = np.arange(1, 5).repeat(5)
    degrees = [torch.from_numpy(values).float() for values in (rows, columns)]
    weight, bias = torch.randn(11, 20), torch.randn(11)
    triangle = Triangle(rows, columns, strict=False)
    layer = {
        "staircase": lambda: Staircase(weight, triangle, 0),
        "lookup": lambda: Lookup(weight, triangle, 0, 5),
        "shared": lambda: Shared(weight, strict=False),
    }[kind]()
    x = torch.randint(5, (6, 4))
    fed = x if kind == "lookup" else functional.one_hot(x, 5).float().flatten(1)
    for parameter in layer.parameters():
        parameter.data.normal_()
    hidden = dense(rows, columns, strict=False) == 0
    if kind != "shared":
        assert (layer.whole()[hidden] == 0).all()
    before = layer(fed, bias, *degrees)
    before.square().sum().backward()
    gradients = [parameter.grad.clone() for parameter in layer.parameters()]
    if kind == "shared":
        layer.weight.data[hidden] = 7.0
    else:
        layer.load(layer.whole())
    layer.zero_grad()
    after = layer(fed, bias, *degrees)
    after.square().sum().backward()
    torch.testing.assert_close(before, after)
    for gradient, parameter in zip(gradients, layer.parameters(), strict=True):
        torch.testing.assert_close(gradient, parameter.grad)
    with torch.no_grad():
        torch.testing.assert_close(layer(fed, bias, *degrees), after)


@pytest.mark.parametrize("kind", ["staircase", "shared"])
def test_gradients_of_gradients_are_those_of_the_masked_product(masked, kind: str) -> None:
    rows, columns, strict, weight, bias = masked
    triangle = Triangle(rows, columns, strict=strict)
    x, mask = torch.randn(5, 17), dense(rows, columns, strict)
    layer = Shared(weight, strict=strict) if kind == "shared" else Staircase(weight, triangle, 20)
    degrees = [torch.from_numpy(values).float() for values in (rows, columns)]
    fed = x if kind == "shared" else x[:, triangle.column_order]
    own_bias = bias if kind == "shared" else bias[triangle.row_order]
    whole = weight.clone().requires_grad_()

    def second(output: torch.Tensor, parameters: list[torch.Tensor]) -> torch.Tensor:
        first = torch.autograd.grad(output.pow(3).sum(), parameters, create_graph=True)
        again = torch.autograd.grad(sum(g.pow(2).sum() for g in first), parameters)
        return sum(g.pow(2).sum() for g in again)

    found = second(layer(fed, own_bias, *degrees), list(layer.parameters()))
    expected = second(functional.linear(x, whole * mask, bias), [whole])
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=0)
    once = layer(fed, own_bias, *degrees, is_trusted=True).pow(3).sum()
    first = torch.autograd.grad(once, list(layer.parameters()), create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        sum(g.pow(2).sum() for g in first).backward()
