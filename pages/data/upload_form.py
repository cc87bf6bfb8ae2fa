"""Data of one's own: choose a file, say what it is, look at what became of it, delete it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from made import datasets
from made.base.errors import MadeError
from made.datasets.uploads.reading import ReadUpload
from made.views import bins, data_views, upload_views
from made.views.pictures import Picture
from pages.data.reading import forget_file, read_file
from pages.shared.deleted import deleted_menu
from pages.shared.person import why_not
from pages.shared.pictures import show_picture
from pages.shared.plain_text import plain
from pages.shared.session import shown_errors

CHOSEN = "data_dataset"
_SERIAL = "upload_serial"
_NOTICE, _FAILURE = "upload_notice", "upload_failure"
_NEW = "upload_new"
_PLACE = "upload"
_SHAPES = {"guess": "Guess", "yes": "Pictures", "no": "Not pictures"}


def choose_file() -> Any | None:
    """The file of one's own that is looked at now; None where there is none."""
    serial = st.session_state.setdefault(_SERIAL, 0)
    file = st.file_uploader(
        "Your own data",
        upload_views.endings(),
        key=f"upload_file_{serial}",
        help="A joint: a K × K table (.npy). Rows: integers, one example a row (.npy, .npz, "
        ".csv). A picture: its darkness or brightness becomes a joint.",
    )
    if file is None:
        forget_file(_PLACE)
    return file


def upload_form(file: Any) -> None:
    """What the file is taken for, what it becomes, and the button that adds it.

    A refused file stays chosen, so nothing is lost.
    """
    st.markdown(f"**{plain(file.name)}**, not added yet")
    upload = read_file(file, _PLACE)
    serial = st.session_state[_SERIAL]
    options_place, preview_place = st.columns([2, 3], gap="medium")
    with options_place:
        chosen = _options(upload, f"{serial}_{file.file_id}")
    if chosen is None:
        return
    with preview_place, shown_errors():
        show_picture(_picture(file.file_id, tuple(chosen.items()), upload))


def _options(upload: ReadUpload, key: str) -> dict[str, Any] | None:
    """The kind that it is taken for, and how; None where it will not do."""
    refusals = upload.refusals
    kinds = list(refusals)
    kind = st.segmented_control(
        "What it is",
        kinds,
        format_func=upload_views.KIND_TITLES.__getitem__,
        default=next((kind for kind in kinds if refusals[kind] is None), kinds[0]),
        required=True,
        key=f"upload_kind_{key}",
        width="stretch",
        help="A joint is a table of masses; rows are examples, one a line.",
    )
    if refusal := refusals[kind]:
        st.error(plain(refusal), icon=":material/error:")
        return None
    label = st.text_input(
        "Name", upload_views.label_of(upload.filename), max_chars=80, key=f"upload_label_{key}"
    )
    options = {"picture": _picture_options, "rows": _row_options}.get(kind, dict)()
    refused = why_not("upload")
    if st.button(
        "Add this dataset",
        type="primary",
        icon=":material/add:",
        width="stretch",
        disabled=refused is not None,
        help=refused,
    ):
        _add(upload, label, {"kind": kind, **options})
    return {"kind": kind, **options}


@st.cache_data(max_entries=4, show_spinner="Drawing the data …")
def _picture(file_id: str, options: tuple[tuple[str, Any], ...], _upload: ReadUpload) -> Picture:
    """options: what `upload_views.preview` takes, in a form that can be a key."""
    return upload_views.preview(_upload, **dict(options))


def _picture_options() -> dict[str, Any]:
    mass = st.segmented_control(
        "Mass from",
        ["darkness", "brightness"],
        format_func=str.capitalize,
        default="darkness",
        required=True,
        key="upload_mass",
        width="stretch",
        help="Which parts of the picture are likely: the dark or the bright ones.",
    )
    grid_size = st.number_input(
        "Grid size K",
        2,
        1000,
        200,
        key="upload_grid_size",
        help="The square in the middle is averaged down to K × K cells.",
    )
    return {"mass": mass, "grid_size": grid_size}


def _row_options() -> dict[str, Any]:
    choice = st.segmented_control(
        "Rows are",
        list(_SHAPES),
        format_func=_SHAPES.__getitem__,
        default="guess",
        required=True,
        key="upload_shape",
        width="stretch",
        help="Guess: square pictures where the number of columns is a square above 9.",
    )
    if choice != "yes":
        return {"image_shape": "guess" if choice == "guess" else None}
    with st.container(horizontal=True):
        height = st.number_input("Height", 1, 10_000, 28, key="upload_height")
        width = st.number_input("Width", 1, 10_000, 28, key="upload_width")
    return {"image_shape": (height, width)}


def _add(upload: ReadUpload, label: str, options: dict[str, Any]) -> None:
    """options: what `ReadUpload.keep` takes beside the label."""
    try:
        with st.spinner("Storing the data …"):
            name, was_there = upload_views.kept(
                lambda label: upload.keep(label=label, **options), label
            )
    except MadeError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    forget_file(_PLACE)
    added(name, was_there)
    st.session_state[_SERIAL] += 1
    st.rerun()


def added(name: str, was_there: bool) -> None:
    """Show data that were just kept, say what they are, and offer to train on them next."""
    st.session_state[CHOSEN] = name
    st.session_state[_NOTICE] = upload_views.welcome(name, was_there)
    st.session_state[_NEW] = name


def is_new(name: str) -> bool:
    """Whether a dataset is the one added last, whose next step is a training."""
    return st.session_state.get(_NEW) == name


def say_notice() -> None:
    """What the last upload, deletion or restoring did, once."""
    if notice := st.session_state.pop(_NOTICE, None):
        st.success(plain(notice), icon=":material/check_circle:")
    if failure := st.session_state.pop(_FAILURE, None):
        st.error(plain(failure), icon=":material/error:")


def say_later(done: str) -> None:
    """What was done, to be said when the page is drawn again."""
    st.session_state[_NOTICE] = done


def refuse_later(refused: str) -> None:
    """What could not be done, likewise."""
    st.session_state[_FAILURE] = refused


def deleted_data() -> None:
    """Data that were deleted within a day, and the way back."""
    deleted_menu(bins.UPLOADS, say_later, refuse_later)


def delete_button(name: str) -> None:
    """Delete an upload, with a question first."""
    question, is_allowed = upload_views.deletion(name)
    with st.popover("Delete", icon=":material/delete:", width="stretch"):
        st.markdown(plain(question))
        st.button(
            "Yes, delete it",
            icon=":material/delete:",
            key=f"delete_{name}",
            disabled=not is_allowed,
            on_click=_delete,
            args=(name, data_views.title_of(name)),
        )


def _delete(name: str, title: str) -> None:
    try:
        datasets.delete_upload(name)
        say_later(f"“{title}” is deleted; for a day “Deleted” brings it back.")
    except MadeError as error:
        refuse_later(str(error))
    datasets.clear_cache()
    st.session_state[CHOSEN] = None
