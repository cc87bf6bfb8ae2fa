"""Data: what each dataset looks like, its splits and its entropy; bring your own."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from made import datasets
from made.datasets import Dataset
from made.datasets.settings import DataConfig
from made.views import data_views, upload_views
from made.views.data_views import OWN
from pages.data import draw_joint, draw_pictures
from pages.data.facts import show_facts
from pages.data.saving import KIND, take_to_train
from pages.data.upload_form import (
    CHOSEN,
    choose_file,
    delete_button,
    deleted_data,
    is_new,
    say_notice,
    upload_form,
)
from pages.shared.fields import field_words, number_field
from pages.shared.frame import (
    Places,
    is_large,
    is_narrow,
    is_presenting,
    places,
    write_link,
)
from pages.shared.person import why_not
from pages.shared.pictures import show_picture
from pages.shared.plain_text import plain
from pages.shared.session import shown_errors
from pages.shared.setup import PREFIX

MEANS_HEIGHT = 240  # pixels


class Way(NamedTuple):
    """A kind of data that are drawn: the button that leads to it, and what shows it."""

    title: str
    icon: str
    show: Callable[[Places], None]


DRAWINGS = {
    "joint": Way("Draw a joint", ":material/brush:", draw_joint.show),
    "pictures": Way("Draw digits", ":material/edit:", draw_pictures.show),
}


def begin() -> None:
    """Once a session: show what the link names, or else what the Train page is set to."""
    if CHOSEN in st.session_state:
        return
    values = st.query_params.to_dict()
    if (kind := values.pop("draw", None)) in DRAWINGS:
        st.session_state[KIND] = kind
    if not values and PREFIX + "dataset" in st.session_state:
        values = {name: str(st.session_state[PREFIX + name]) for name in DataConfig.model_fields}
    config, st.session_state["data_corrections"] = data_views.first_config(values)
    st.session_state.update({f"data_{name}": value for name, value in config})


def choose_group() -> None:
    names = data_views.members(st.session_state["data_group"])
    st.session_state[CHOSEN] = names[0] if names else None


def choose() -> None:
    st.session_state[CHOSEN] = st.session_state["data_choice"]


def chooser() -> str | None:
    """The group and the dataset in it; None in a group without any."""
    chosen = st.session_state[CHOSEN]
    st.session_state["data_group"] = OWN if chosen is None else data_views.group_of(chosen)
    group = st.segmented_control(
        "Datasets",
        data_views.GROUPS,
        key="data_group",
        required=True,
        on_change=choose_group,
        width="stretch",
    )
    assert group is not None  # a choice is required, and there was one before
    names = data_views.members(group)
    if chosen not in names:
        chosen = st.session_state[CHOSEN] = names[0] if names else None
    if chosen is not None:
        st.session_state["data_choice"] = chosen
        st.radio(
            group,
            names,
            format_func=lambda name: plain(data_views.title_of(name)),
            key="data_choice",
            on_change=choose,
            label_visibility="collapsed",
        )
    return chosen


def settings(name: str) -> tuple[DataConfig, str | None]:
    """The settings that change this dataset, and the split to show; None for a 2-D joint."""
    values = {"dataset": name}
    for field in datasets.settings(name):
        values[field] = number_field(field, key=f"data_{field}", **field_words(field))
    config = DataConfig(**values)
    info = datasets.info(config)
    return config, None if info.is_joint or info.needs_download else choose_split()


def use_button(config: DataConfig) -> None:
    """Take the dataset, with its settings, to the Train page."""
    if st.button(
        "Use on the Train page",
        type="primary" if is_new(config.dataset) else "secondary",
        icon=":material/play_circle:",
    ):
        take_to_train(config, datasets.settings(config.dataset))


def download(config: DataConfig) -> None:
    """Offer to fetch what is not at hand; without network the error says which file goes where."""
    st.info("These data are not on this machine yet.", icon=":material/cloud_download:")
    refused = why_not("download")
    pressed = st.button(
        "Download",
        type="primary",
        icon=":material/download:",
        disabled=refused is not None,
        help=refused,
    )
    if not pressed or refused:
        return
    bar = st.progress(0.0, "Asking for the file")
    try:
        datasets.load(
            config, lambda done, total: bar.progress(*data_views.download_share(done, total))
        )
    finally:
        bar.empty()
    st.rerun()


def show_joint(dataset: Dataset) -> None:
    """The joint with its marginals, and beside it what was drawn for training."""
    figure, alt, title = data_views.joint_figure(dataset, joint_height())
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.plotly_chart(figure, width="content", alt=alt)
        st.caption(title)
    with right:
        picture = data_views.sampled_picture(dataset)
        if picture is not None:
            show_picture(picture)


def joint_height() -> int:
    """In pixels: its width follows from it, and is that of a phone at most."""
    if is_narrow():
        return 330
    return 600 if is_large() else 400


def choose_split() -> str:
    return st.segmented_control(
        "Split shown",
        list(data_views.SPLITS),
        default="train",
        format_func=str.capitalize,
        key="data_split",
        required=True,
        persist_state="session",
        width="stretch",
    )


def show_examples(dataset: Dataset, split: str) -> None:
    """Examples of a split, and what they are on average."""
    facts = data_views.truth_facts(dataset)
    if dataset.image_shape is None:
        show_picture(data_views.examples(dataset, split))
        left, right = st.columns([5, 2], gap="medium")
        figure, alt = data_views.means_figure(dataset, split, MEANS_HEIGHT)
        left.plotly_chart(figure, alt=alt)
        with right:
            show_facts(facts)
        return
    left, right = st.columns([5, 2], gap="medium")
    with left:
        show_picture(data_views.examples(dataset, split))
    with right:
        show_picture(data_views.mean_example(dataset, split))
        show_facts(facts)


def show(config: DataConfig, split: str | None, head: DeltaGenerator) -> None:
    """One dataset: what it is, its figures, its pictures.

    split: None for a 2-D joint. head: the row for what it is.
    """
    info = datasets.info(config)
    with head:
        st.markdown(f"**{plain(info.title)}** · {plain(info.description)}", width="stretch")
        use_button(config)
    show_facts(data_views.size_facts(info))
    if info.needs_download:
        download(config)
        return
    with st.spinner("Loading the data …"):
        dataset = datasets.load(config)
        seen = data_views.seen_line(dataset)
    if seen:
        st.caption(seen)
    if split is None:
        show_facts(data_views.truth_facts(dataset))
        show_joint(dataset)
    else:
        show_examples(dataset, split)


def draw_buttons() -> None:
    """The ways to data that are drawn."""
    with st.container(horizontal=True):
        for kind, (title, icon, _) in DRAWINGS.items():
            st.button(title, icon=icon, key=f"draw_{kind}", on_click=draw, args=(kind,))


def draw(kind: str) -> None:
    st.session_state[KIND] = kind


def browse(place: Places) -> None:
    """The datasets there are, and a file of one's own."""
    config = split = None
    with place.controls:
        name = chooser()
        if name is not None:
            with shown_errors():
                config, split = settings(name)
        if st.session_state["data_group"] == OWN:
            if name is not None:
                delete_button(name)
            deleted_data()
        draw_buttons()
        file = choose_file()
    with place.picture, shown_errors():
        if corrections := st.session_state.pop("data_corrections", None):
            st.warning("\n\n".join(map(plain, corrections)), icon=":material/link_off:")
        say_notice()
        if config is not None:
            write_link(data_views.link_query(config))
        if file is not None:
            upload_form(file)
        elif name is None:
            st.info(
                "Nothing here yet: bring data of your own, or draw them.", icon=":material/upload:"
            )
            st.markdown(upload_views.GUIDE)
        elif config is not None:
            is_row = is_presenting()  # the head of the page, beside the menu of what is folded
            head = (
                place.head if is_row else st.container(horizontal=True, vertical_alignment="center")
            )
            show(config, split, head)


begin()
kind = st.session_state.get(KIND)
if kind is None:
    browse(places("Datasets"))
else:
    write_link({"draw": kind})
    DRAWINGS[kind].show(places("Drawing"))
