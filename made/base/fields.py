"""Fields of a configuration: frozen sections whose fields say their title, help and bounds once."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import AfterValidator, BaseModel, Field
from pydantic.fields import FieldInfo

from made.base.registry import Registry

Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Section(BaseModel, frozen=True, extra="forbid"):
    """A frozen part of a configuration; every field has a title and explains itself in one line."""


@dataclass(frozen=True)
class OneOf:
    """A name out of some collections, as they stand when it is asked for."""

    names: tuple[Collection[str], ...]

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(name for some in self.names for name in some)

    def __call__(self, value: str) -> str:
        if value in self.options:
            return value
        registry = next((some for some in self.names if isinstance(some, Registry)), None)
        known = ", ".join(self.options)
        if registry is None:
            raise ValueError(f"should be one of {known}")
        raise ValueError(f"{registry.unknown(value)}, or choose one of {known}")


def one_of(*names: Collection[str]) -> AfterValidator:
    """The validator of a field that takes one of these names."""
    return AfterValidator(OneOf(names))


def options_of(field: FieldInfo) -> tuple[str, ...] | None:
    """The names that a field may take, or None where it is no choice."""
    if collections := _collections(field):
        return OneOf(collections).options
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else None


def bounds_of(field: FieldInfo) -> tuple[float, float]:
    """The least and the greatest value that a number may have; infinite where there is none."""
    low, high = -math.inf, math.inf
    for part in field.metadata:
        low, high = getattr(part, "ge", low), getattr(part, "le", high)
        if hasattr(part, "gt"):
            low = part.gt + 1 if field.annotation is int else math.nextafter(part.gt, math.inf)
        if hasattr(part, "lt"):
            high = math.nextafter(part.lt, -math.inf)
    return low, high


def titles(**names: str) -> dict[str, Any]:
    """What options of a field are called that would not read well by their names alone."""
    return {"titles": names}


def option_title(field: FieldInfo, option: str) -> str:
    """What an option is called: as the field says, as the thing itself says, else by its name."""
    extra = field.json_schema_extra
    said = extra.get("titles") if isinstance(extra, dict) else None
    if isinstance(said, dict) and option in said:
        return str(said[option])
    for some in _collections(field):
        if isinstance(some, Mapping) and hasattr(some.get(option), "title"):
            return some[option].title
    return option[:1].upper() + option[1:]


def _collections(field: FieldInfo) -> tuple[Collection[str], ...]:
    """Where the names of a field come from, if it is one of some collections."""
    for part in field.metadata:
        if isinstance(part, AfterValidator) and isinstance(part.func, OneOf):
            return part.func.names
    return ()


def zero(meaning: str) -> dict[str, Any]:
    """What 0 stands for in a field whose other values are numbers; see `zero_of`."""
    return {"zero": meaning}


def zero_of(field: FieldInfo) -> str | None:
    """What 0 stands for in a field, such as "fresh"; None where it is a number like any other."""
    extra = field.json_schema_extra
    return str(extra["zero"]) if isinstance(extra, dict) and "zero" in extra else None
