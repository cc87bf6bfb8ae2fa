"""The seven sets of binary rows that Germain et al. (2015) report beside MNIST."""

from __future__ import annotations

from typing import TYPE_CHECKING

from made.datasets.base import Dataset, DatasetInfo, Family
from made.datasets.binary import read_splits
from made.datasets.download import Progress, RemoteFile, fetch

if TYPE_CHECKING:
    from made.datasets.settings import DataConfig

HOME = "https://raw.githubusercontent.com/mgermain/MADE/HEAD/datasets/"
DNA_HASHES = (
    "e1033c4821cac2fcf2044f13fa1a6130f8935390123ca15a16ba9ccde7d4c632",
    "468e4c35be33e7c014cc37bcf49a85f6e8d0912aed94ad1a6d882a29380a0905",
    "1cf7544018e47407cf867662bf0d55f0de17b37d23cda5a74f445a97eecad8ce",
)


class UciRows(Family):
    """Binary rows (N, D) in the split of the paper.

    sizes: rows of train, validation and test. hashes: as in `read_splits`, where known.
    """

    file: RemoteFile

    def __init__(
        self,
        name: str,
        title: str,
        description: str,
        sizes: tuple[int, int, int],
        num_variables: int,
        hashes: tuple[str, ...] | None = None,
        image_shape: tuple[int, int] | None = None,
    ) -> None:
        self.name = name
        self.title = title
        self.description = description
        self.sizes = sizes
        self.num_variables = num_variables
        self.hashes = hashes
        self.image_shape = image_shape
        self.file = RemoteFile(name=f"{name}.npz", url=f"{HOME}{name}.npz", max_bytes=256 << 20)

    def info(self, config: DataConfig) -> DatasetInfo:
        num_train, num_validation, num_test = self.sizes
        return DatasetInfo(
            name=self.name,
            title=self.title,
            description=self.description,
            num_variables=self.num_variables,
            num_categories=2,
            image_shape=self.image_shape,
            num_train=num_train,
            num_validation=num_validation,
            num_test=num_test,
            needs_download=not self.is_available(),
        )

    def load(self, config: DataConfig, progress: Progress | None = None) -> Dataset:
        read = read_splits(self.sizes, self.num_variables, self.hashes)
        train, validation, test = fetch(self.file, read, progress)
        return Dataset(info=self.info(config), train=train, validation=validation, test=test)


FAMILIES = (
    UciRows(
        "adult",
        "Adult",
        "Census records as 123 yes-or-no attributes.",
        (5000, 1414, 26147),
        123,
    ),
    UciRows(
        "connect4",
        "Connect 4",
        "Positions of the game Connect 4 as 126 bits: each of 42 squares free or whose.",
        (16000, 4000, 47557),
        126,
    ),
    UciRows(
        "dna",
        "DNA",
        "Stretches of DNA around splice junctions: 60 bases of three bits each.",
        (1400, 600, 1186),
        180,
        DNA_HASHES,
    ),
    UciRows(
        "mushrooms",
        "Mushrooms",
        "Mushrooms described by 112 yes-or-no attributes.",
        (2000, 500, 5624),
        112,
    ),
    UciRows(
        "nips",
        "NIPS papers",
        "Which of 500 words occur in each paper of the first NIPS volumes.",
        (400, 100, 1240),
        500,
    ),
    UciRows(
        "ocr_letters",
        "OCR letters",
        "Handwritten letters of 16 × 8 black or white pixels.",
        (32152, 10000, 10000),
        128,
        image_shape=(16, 8),
    ),
    UciRows(
        "web",
        "Web pages",
        "Which of 300 keywords occur in each web page.",
        (14000, 3188, 32561),
        300,
    ),
)
