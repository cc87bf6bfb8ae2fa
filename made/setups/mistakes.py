"""What is wrong with a value of the configuration, in words that someone can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from made.base.errors import MadeError

# By pydantic's name of the mistake. What is not here is said in pydantic's own words.
_REASONS = {
    "int_parsing": "should be a whole number",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "int_parsing_size": "should be a whole number of fewer digits",
    "float_parsing": "should be a number",
    "float_type": "should be a number",
    "finite_number": "should be a finite number",
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "greater_than": "should be greater than {gt:.10g}",
    "greater_than_equal": "should be at least {ge:.10g}",
    "less_than": "should be less than {lt:.10g}",
    "less_than_equal": "should be at most {le:.10g}",
    "literal_error": "should be {expected}",
    # The one field with a pattern is the device.
    "string_pattern_mismatch": "should be auto, cpu or a GPU such as cuda:0",
}


class SettingError(MadeError):
    """A value that a configuration cannot have. name: its field, None where several disagree."""

    def __init__(self, error: ValidationError) -> None:
        first = error.errors(include_url=False)[0]
        self.name = next((str(part) for part in first["loc"][1:2]), None)
        is_part = len(first["loc"]) > 2
        self.reason = f"{'each ' if is_part else ''}{_reason(first)}."
        super().__init__(self.about(self.name or "The configuration"))

    def about(self, name: str | None) -> str:
        """The sentence, with the field called so; what is wrong with several names them itself."""
        if name is None:
            return self.reason[:1].upper() + self.reason[1:]
        return f"{name}: {self.reason}"


def _reason(mistake: Mapping[str, Any]) -> str:
    """Why a value will not do, without the name of its field and without a full stop."""
    words = _REASONS.get(mistake["type"])
    if words is not None:
        return words.format(**mistake.get("ctx", {}))
    reason = mistake["msg"].removeprefix("Value error, ").rstrip(".")
    return reason[:1].lower() + reason[1:]
