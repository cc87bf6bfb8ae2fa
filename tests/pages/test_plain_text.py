"""Whatever a text is, `plain` leaves no sign in it that Markdown obeys."""

from __future__ import annotations

import re

import pytest
from hostile import OBEYED, SIGNS
from hypothesis import given
from hypothesis import strategies as st

from pages.shared.plain_text import JOINER, plain

MARKS = "\\`*_{}[]<>#|~$:&!"


@pytest.mark.parametrize("sign", SIGNS)
def test_no_sign_is_left_that_is_obeyed(sign: str) -> None:
    assert OBEYED.search(sign)
    assert not OBEYED.search(plain(sign))


@given(st.text(st.sampled_from(MARKS + "ab1.-+=()/@w \n\t\u202e\ud800"), max_size=30))
def test_every_mark_is_escaped_and_nothing_else_is_changed(text: str) -> None:
    said = plain(text)
    said.encode()
    assert "\n" not in said
    assert not re.search(r"(?<!\\)(?:\\\\)*[`*_{}\[\]<>#|~$:&!]", said)
    assert not re.match(r"\d+[.)]|[-+=]", said)
    bare = re.sub(r"\\(.)", r"\1", said.replace(JOINER, ""))
    assert bare == " ".join(re.sub("[\u202e\ud800]", "\ufffd", text).split())


@pytest.mark.parametrize("text", ["10.5 nats", "rings, one-hot (2)", "a@1", "w.w", "x = 1", "3"])
def test_usual_names_are_left_alone_but_for_escapes(text: str) -> None:
    assert plain(text).replace("\\", "") == text
