"""Why a weight of the small network is kept or removed, and what an output depends on, in words.

Mathematics stands between dollar signs, in TeX.
"""

from __future__ import annotations

from typing import NamedTuple

from made.lessons.small_network import Setting, SmallNetwork

PLACES = ("first", "second", "third")
COUNTS = ("no path", "one path", "two paths", "three paths", "four paths")


class Rule(NamedTuple):
    """kept: whether the weight stays; verdict: the same in a word. title: which weight it is;
    formula: the comparison with its numbers; words: what it means.
    """

    kept: bool
    verdict: str
    title: str
    formula: str
    words: str


def variable(index: int) -> str:
    return rf"$x_{index + 1}$"


def unit(index: int) -> str:
    return rf"$h_{index + 1}$"


def output(index: int) -> str:
    return rf"$\hat x_{index + 1}$"


def listed(names: list[str]) -> str:
    """a; a and b; a, b and c."""
    return " and ".join([*([", ".join(names[:-1])] if names[1:] else []), *names[-1:]])


def seen_by(setting: Setting, degree: int) -> list[int]:
    """The variables that a unit of a degree may see, in their order: its first `degree` ones."""
    return [int(index) for index in setting.mask_set().ordering.sequence[:degree]]


def rule_into_hidden(setting: Setting, k: int, j: int) -> Rule:
    """The weight from x_j to h_k (from 0): kept where m(k) >= d(j)."""
    title = rf"$x_{j + 1} \to h_{k + 1}$"
    if not setting.is_masked:
        words = f"{unit(k)} sees everything, {variable(j)} too, and passes it on to every output."
        return Rule(True, "No rule: every weight stays", title, "", words)
    degree, place = setting.degrees[k], setting.position[j] + 1
    formula = rf"$m({k + 1}) = {degree} \ge d = {place}$"
    may_see = "variable alone" if degree == 1 else "two variables"
    if degree >= place:
        words = (
            f"{unit(k)} may see the first {may_see}, and {variable(j)} is the {PLACES[place - 1]}."
        )
        return Rule(True, "Kept", title, formula, words)
    words = f"{unit(k)} may see the first {may_see}; {variable(j)} is the {PLACES[place - 1]}."
    return Rule(False, "Removed", title, f"{formula} does not hold", words)


def rule_into_output(setting: Setting, d: int, k: int) -> Rule:
    """The weight from h_k to x̂_d (from 0): kept where d > m(k)."""
    title = rf"$h_{k + 1} \to \hat x_{d + 1}$"
    if not setting.is_masked:
        words = (
            f"{unit(k)} has seen {variable(d)}: so {output(d)} copies its answer. The loss falls "
            "far below the entropy of the data, which no density can do."
        )
        return Rule(True, "No rule: every weight stays", title, "", words)
    place, degree = setting.position[d] + 1, setting.degrees[k]
    formula = rf"$d = {place} > m({k + 1}) = {degree}$"
    if place > degree:
        seen = listed([variable(index) for index in seen_by(setting, degree)])
        come = "comes" if degree == 1 else "come"
        words = f"{unit(k)} has seen only {seen}, which {come} before {variable(d)}."
        return Rule(True, "Kept", title, formula, words)
    words = (
        f"{unit(k)} has seen {variable(d)}. Through this weight {output(d)} would read its own "
        "answer."
    )
    return Rule(False, "Removed", title, f"{formula} does not hold", words)


def dependence(network: SmallNetwork, d: int) -> str:
    """What output d (from 0) is a function of, and by how many paths."""
    sees = network.depends(d)
    name = rf"\hat x_{d + 1}"
    if not network.setting.is_masked:
        inputs = ",\\ ".join(f"x_{j + 1}" for j in sees)
        return f"${name}$ sees ${inputs}$: itself too"
    if not sees:
        return f"${name} = p(x_{d + 1} = 1)$: no path, it sees nothing"
    given = ", ".join(f"x_{j + 1}" for j in sees)
    number = int(network.paths[d].sum())
    count = COUNTS[number] if number < len(COUNTS) else f"{number} paths"
    each = "both " if number == 2 else "all " if number > 2 else ""
    whence = listed([variable(j) for j in sees])
    return f"${name} = p(x_{d + 1} = 1 \\mid {given})$: {count}, {each}from {whence}"


def functions(network: SmallNetwork) -> str:
    """The three outputs, in the order of the variables, as functions of what they depend on."""
    parts = []
    for d in network.setting.mask_set().ordering.sequence:
        inputs = ", ".join(f"x_{j + 1}" for j in network.depends(int(d)))
        parts.append(rf"\hat x_{d + 1} = f_{d + 1}({inputs})")
    return "$" + r",\quad ".join(parts) + "$"
