"""Which data a run is trained on."""

from pydantic import Field

from made.base.fields import Section, Seed


class DataConfig(Section):
    dataset: str = Field(
        "rings",
        title="Dataset",
        description="What is learned: a joint of two variables, images, rows, or data of your own.",
    )
    num_samples: int = Field(
        100_000,
        ge=1_000,
        le=10_000_000,
        title="Samples",
        description="Samples drawn from a 2-D joint: 80 % train, 10 % validate, 10 % test.",
    )
    grid_size: int = Field(
        200,
        ge=2,
        le=1000,
        title="Grid size K",
        description="Values per variable of a generated 2-D joint.",
    )
    data_seed: Seed = Field(
        0, title="Data seed", description="Seed of the samples drawn from a joint."
    )
