"""What is kept beside the arrays of an upload, and what of a stranger's file is taken for it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from made.base.files import parse_object

MOST_CATEGORIES, MOST_VARIABLES = 65_536, 10_000_000
Count = Annotated[int, Field(ge=1, le=10**12)]
Text = Annotated[str, Field(max_length=10_000)]


class Description(BaseModel):
    """The fields that are read; others are let be."""

    model_config = ConfigDict(extra="allow", strict=True)

    kind: Literal["joint", "rows", "picture"]
    hash: Text
    file: Text
    label: Text
    description: Text = ""
    num_variables: Annotated[int, Field(ge=1, le=MOST_VARIABLES)]
    num_categories: Annotated[int, Field(ge=2, le=MOST_CATEGORIES)]
    image_shape: Annotated[list[Count], Field(min_length=2, max_length=2)] | None = None
    sizes: Annotated[list[Count], Field(min_length=3, max_length=3)] | None = None
    has_truth: bool = False

    @model_validator(mode="after")
    def _fits(self) -> Description:
        if self.kind == "rows" and self.sizes is None:
            raise ValueError("rows have sizes")
        if self.kind != "rows" and self.num_variables != 2:
            raise ValueError("a joint has two variables")
        if self.image_shape and self.image_shape[0] * self.image_shape[1] != self.num_variables:
            raise ValueError("the pictures have another size")
        return self


def parse_description(content: bytes) -> dict[str, Any]:
    """The description of an upload, as it was written. Raises ValueError."""
    found = parse_object(content)
    Description.model_validate(found)
    return found
