"""Whatever a link says: the page stands, shows its words letter by letter, and costs little.

The long form tries hundreds of links on each page:

    python -m pytest -m long tests/pages/test_fuzz_links.py
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hostile import OTHERS, SIGNS, TOOLS, Hostile, filled, obeyed, open_page, visits
from hypothesis import given, settings
from hypothesis import strategies as st
from looks import told

from made.base.fields import options_of
from made.setups.config import FIELDS, ExperimentConfig, field
from made.setups.links import read_link

PAGES = ("train", "explore", "compare", "learn", "data")
MOST_SECONDS = 1.0  # of the processor

# No number of its kind, one that asks for too much, and one that asks for as much as there may be.
NUMBERS = ("-1", "0", "1e300", "-inf", "NaN", "0x10", "1_000", "٣", "9" * 5000, "65536", "4096")
LONG = ("a" * 100_000, "," * 100_000, "65536," * 10_000, "../" * 1000, "%00" * 1000, "\n" * 1000)
# Words that some page knows, each of which may also stand where it makes no sense.
KNOWN = sorted(
    {str(value) for value in ExperimentConfig().flat().values()}
    | {str(option) for name in FIELDS for option in options_of(field(name)) or ()}
    | {*TOOLS, "true", "joint", "pictures", "masks", "encodings", "shipped-rings", "200, 200"}
)
KEYS = st.sampled_from([*FIELDS, *OTHERS]) | st.text(max_size=10)
WORDS = st.one_of(
    st.sampled_from(KNOWN),
    st.sampled_from(SIGNS),
    st.sampled_from(NUMBERS),
    st.sampled_from(LONG),
    st.text(max_size=40),
)
LINKS = st.dictionaries(KEYS, WORDS, max_size=8)


# What is set up once for all of them is set up on one worker.
pytestmark = pytest.mark.xdist_group("hostile")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    """Runs with hostile names, and pages that have been opened once: what is loaded is loaded."""
    with filled(tmp_path_factory.mktemp("runs")) as found:
        for name, links in visits(found).items():
            open_page(name, links[0])
        yield found


def visit(name: str, link: dict[str, str]) -> None:
    shown = {key: value[:60] for key, value in link.items()}
    with told(f"{name} {shown}", bounded=True, seconds=MOST_SECONDS):
        page = open_page(name, link)
    assert not obeyed(page), link
    assert not any("not foreseen" in error.value for error in page.error), link


@given(LINKS)
def test_a_link_is_a_set_up_and_sentences(link: dict[str, str]) -> None:
    with told(str(link)[:500], bounded=True, seconds=MOST_SECONDS):
        config, corrections = read_link(link)
    assert ExperimentConfig.from_flat(config.flat()) == config
    assert all(len(said) < 500 for said in corrections)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_stands_whatever_its_link_says(hostile: Hostile, name: str) -> None:
    @settings(max_examples=12)
    @given(link=LINKS)
    def each(link: dict[str, str]) -> None:
        visit(name, link)

    each()


@pytest.mark.long
@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("name", PAGES)
def test_long_a_page_stands_whatever_its_link_says(hostile: Hostile, name: str) -> None:
    runs = st.sampled_from([*hostile.runs, hostile.study])

    @settings(max_examples=500)
    @given(link=st.dictionaries(KEYS, WORDS | runs, max_size=8))
    def each(link: dict[str, str]) -> None:
        visit(name, link)

    each()
