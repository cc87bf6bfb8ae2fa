"""Uploads: good data are kept once under their hash; bad data get one clear sentence."""

import io
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from upload_files import ROWS, TABLE, bomb, header_only, lying_archive, npy, npz, png

from made import datasets
from made.base.errors import MadeError
from made.datasets import delete_upload, save_upload
from made.datasets.settings import DataConfig
from made.datasets.uploads import readers as upload_readers
from made.datasets.uploads import store as upload


def stored():
    folder = datasets.uploads_folder()
    return sorted(path.name for path in folder.glob("[!.]*")) if folder.is_dir() else []


def load(name, **options):
    return datasets.load(DataConfig(dataset=name, **options))


@pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "int32", "uint8", "bool", ">f8"]
)
def test_a_joint_of_any_number_type_is_normalised(dtype):
    table = (TABLE * 3).astype(dtype)
    dataset = load(save_upload("joint.npy", npy(table), kind="joint"), num_samples=1000)
    np.testing.assert_allclose(dataset.joint, table / table.sum(dtype=float), rtol=1e-3)
    assert abs(dataset.joint.sum() - 1) < 1e-12
    assert dataset.train.shape == (800, 2)
    assert dataset.info.has_truth
    assert dataset.num_categories == 12


def test_a_joint_of_huge_masses_does_not_overflow():
    dataset = load(save_upload("joint.npy", npy(np.full((4, 4), 1e308)), kind="joint"))
    np.testing.assert_allclose(dataset.joint, 1 / 16)


def test_a_joint_stored_column_by_column_is_not_transposed():
    name = save_upload("joint.npy", npy(np.asfortranarray(TABLE)), kind="joint")
    np.testing.assert_allclose(load(name).joint, TABLE / TABLE.sum())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "TIFF", "GIF"])
def test_a_picture_becomes_a_joint_of_its_darkness_or_brightness(kind):
    levels = np.full((40, 60), 255)
    levels[:20] = 0
    content = png(levels, kind=kind)
    ending = f"picture.{kind.lower()}"
    dark = load(save_upload(ending, content, kind="picture", grid_size=20)).joint
    bright = load(save_upload(ending, content, kind="picture", mass="brightness")).joint
    assert dark.shape == (20, 20)
    assert bright.shape == (40, 40)
    assert dark[:10].sum() > 0.99
    assert bright[20:].sum() > 0.99


def test_the_transparent_part_of_a_picture_has_no_mass():
    levels = np.zeros((8, 8, 4))
    levels[:4, :, 3] = 255
    joint = load(save_upload("logo.png", png(levels), kind="picture")).joint
    np.testing.assert_allclose(joint[:4], 1 / 32)
    assert not joint[4:].any()


def test_a_picture_of_16_bits_keeps_its_shades():
    content = io.BytesIO()
    Image.fromarray(np.outer(np.ones(8), np.arange(8) * 8000).astype(np.uint16)).save(
        content, "PNG"
    )
    name = save_upload("deep.png", content.getvalue(), kind="picture", mass="brightness")
    np.testing.assert_allclose(load(name).joint[0] * 8, np.arange(8) / 28, atol=0.003)


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("rows.npy", npy(ROWS)),
        ("rows.NPY", npy(ROWS.astype(float))),
        ("rows.npy", npy(ROWS.astype(">i2"))),
        ("rows.npz", npz(anything=ROWS)),
        ("rows.npz", npz(np.savez_compressed, anything=ROWS)),
        ("rows.csv", "\n".join(",".join(map(str, row)) for row in ROWS).encode()),
        ("rows.csv", "\r\n".join(";".join(map(str, row)) for row in ROWS).encode("utf-8-sig")),
        (
            "rows.csv",
            b"a,b,c,d,e,f\n" + b"\n".join(b",".join(b"%d.0" % v for v in r) for r in ROWS),
        ),
        ("rows.csv", b"0,1,2,3,4,5\r" + b"\r".join(b",".join(b"%d" % v for v in r) for r in ROWS)),
    ],
    ids=["npy", "floats", "big-endian", "npz", "packed", "csv", "semicolons", "header", "numbered"],
)
def test_rows_without_splits_are_dealt_by_the_seed(filename, content):
    dataset = load(save_upload(filename, content, kind="rows"))
    assert [len(s) for s in (dataset.train, dataset.validation, dataset.test)] == [40, 5, 5]
    assert dataset.train.dtype == np.uint8
    assert dataset.num_categories == 3
    together = np.concatenate([dataset.train, dataset.validation, dataset.test])
    np.testing.assert_array_equal(np.sort(together, axis=0), np.sort(ROWS, axis=0))
    assert save_upload(filename, content, kind="rows", seed=0) == dataset.name
    assert save_upload(filename, content, kind="rows", seed=1) != dataset.name


@pytest.mark.parametrize(
    "names",
    [
        ("train_data", "valid_data", "test_data"),
        ("train", "validation", "test"),
        ("train", "valid", "test"),
    ],
)
def test_rows_with_splits_keep_them(names):
    parts = dict(zip(names, (ROWS[:30], ROWS[30:40], ROWS[40:]), strict=True))
    dataset = load(save_upload("rows.npz", npz(**parts, inputsize=np.int64(6)), kind="rows"))
    np.testing.assert_array_equal(dataset.train, ROWS[:30])
    np.testing.assert_array_equal(dataset.validation, ROWS[30:40])
    np.testing.assert_array_equal(dataset.test, ROWS[40:])


def test_many_categories_need_a_larger_type():
    rows = np.arange(1024).reshape(256, 4)
    dataset = load(save_upload("rows.npy", npy(rows), kind="rows"))
    assert dataset.train.dtype == np.uint16
    assert dataset.num_categories == 1024


def test_the_image_shape_is_guessed_given_or_none():
    square, flat = npy(np.eye(20, 16, dtype=np.uint8)), npy(ROWS)
    assert load(save_upload("a.npy", square, kind="rows")).image_shape == (4, 4)
    wide = save_upload("a.npy", square, kind="rows", image_shape=(2, 8))
    assert load(wide).image_shape == (2, 8)
    none = save_upload("a.npy", square, kind="rows", image_shape=None)
    assert load(none).image_shape is None
    assert load(save_upload("b.npy", flat, kind="rows")).image_shape is None
    with pytest.raises(MadeError, match="do not make 3 × 3 pixels"):
        save_upload("b.npy", flat, kind="rows", image_shape=(3, 3))


def test_the_same_upload_is_one_dataset_with_its_newest_label():
    first = save_upload("one.npy", npy(TABLE), kind="joint", label="First")
    second = save_upload("two.npy", io.BytesIO(npy(TABLE)), kind="joint", label="Second")
    assert first == second
    assert datasets.upload_names() == [first]
    assert datasets.names()[-1] == first
    assert datasets.info(DataConfig(dataset=first)).title == "Second"
    assert datasets.settings(first) == ("num_samples", "data_seed")


def test_a_deleted_upload_is_gone_and_says_so():
    name = save_upload("rows.npy", npy(ROWS), kind="rows")
    load(name)
    delete_upload(name)
    assert stored() == []
    assert name not in datasets.names()
    for action in (load, delete_upload):
        with pytest.raises(MadeError, match="There is no upload"):
            action(name)


def test_a_changed_or_truncated_stored_file_is_refused():
    name = save_upload("joint.npy", npy(TABLE), kind="joint")
    path = datasets.uploads_folder() / f"{name.removeprefix('upload-')}.npz"
    path.write_bytes(npz(joint=TABLE))
    with pytest.raises(
        MadeError, match=r"was changed after it was uploaded.*upload the data again"
    ):
        load(name)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(MadeError, match="truncated or damaged"):
        load(name)
    path.with_suffix(".json").write_text("{}")
    with pytest.raises(MadeError, match="damaged description"):
        datasets.info(DataConfig(dataset=name))


@pytest.mark.parametrize("filename", ["../../evil.npy", "/etc/passwd.npy", "..\\a\0b\n.npy"])
def test_a_file_name_never_becomes_a_path(filename, tmp_path):
    name = save_upload(filename, npy(TABLE), kind="joint", label="../../x")
    assert upload.NAME.fullmatch(name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["uploads"]
    assert stored() == [f"{name[7:]}.json", f"{name[7:]}.npz"]


@pytest.mark.parametrize("name", ["upload-../../../etc", "upload-0123", "upload-" + "g" * 16])
def test_a_made_up_upload_name_reaches_no_file(name):
    with pytest.raises(MadeError):
        delete_upload(name)
    with pytest.raises(MadeError):
        datasets.info(DataConfig(dataset=name))


@pytest.mark.parametrize(
    ("filename", "kind"),
    [("a.npz", "joint"), ("a.txt", "rows"), ("a.png", "rows"), ("a.npy", "picture"), ("a", "rows")],
)
def test_a_wrong_ending_is_refused(filename, kind):
    with pytest.raises(MadeError, match=r"bring one of \."):
        save_upload(filename, npy(ROWS), kind=kind)


def negative(table):
    return np.where(np.eye(len(table)), -0.5, table)


BAD = {
    "empty": ("joint", "a.npy", b"", "is empty"),
    "not-npy": ("joint", "a.npy", b"hello", "does not begin as a .npy file"),
    "picture-as-npy": ("joint", "a.npy", png(np.ones((9, 9))), "does not begin as a .npy file"),
    "pickle": ("joint", "a.npy", pickle.dumps([1]), "is a pickle"),
    "objects": ("joint", "a.npy", npy(np.array([[{}]]), allow_pickle=True), "pickled Python"),
    "object-rows": ("rows", "a.npy", npy(np.array([None]), allow_pickle=True), "pickled Python"),
    "npz-objects": ("rows", "a.npz", npz(a=np.array([None])), "pickled Python"),
    "text": ("joint", "a.npy", npy(np.array([["a"]])), "not plain numbers"),
    "complex": ("joint", "a.npy", npy(np.ones((3, 3), complex)), "not plain numbers"),
    "structured": ("rows", "a.npy", npy(np.zeros(3, "i4,i4")), "not plain numbers"),
    "truncated": ("joint", "a.npy", npy(TABLE)[:-1], "is truncated"),
    "cut-header": ("joint", "a.npy", npy(TABLE)[:40], "truncated or damaged"),
    "version": ("joint", "a.npy", b"\x93NUMPY\x09\x00" + npy(TABLE)[8:], "truncated|version"),
    "huge-header": ("joint", "a.npy", header_only((1 << 40, 1 << 20)), "would unpack to"),
    "no-data": ("rows", "a.npy", header_only((1000, 1000)), "is truncated"),
    "minus-size": ("rows", "a.npy", header_only((-1, 5)), "negative size"),
    "vector": ("joint", "a.npy", npy(np.ones(9)), "not a square table"),
    "oblong": ("joint", "a.npy", npy(np.ones((3, 4))), "not a square table"),
    "colours": ("joint", "a.npy", npy(np.ones((4, 4, 3))), "not a square table"),
    "one-cell": ("joint", "a.npy", npy(np.ones((1, 1))), "table of 1 × 1 cells"),
    "too-fine": ("joint", "a.npy", npy(np.ones((1001, 1001))), "table of 1001 × 1001 cells"),
    "negative": ("joint", "a.npy", npy(negative(TABLE)), "holds a negative mass"),
    "nan": ("joint", "a.npy", npy(TABLE * np.nan), "not finite"),
    "infinite": ("joint", "a.npy", npy(TABLE + np.inf), "not finite"),
    "no-mass": ("joint", "a.npy", npy(TABLE * 0), "no mass at all"),
    "fractions": ("rows", "a.npy", npy(ROWS + 0.5), "not a whole number"),
    "missing": ("rows", "a.npy", npy(ROWS * np.nan), "NaN or infinity"),
    "minus-one": ("rows", "a.npy", npy(ROWS - 1), "negative value -1"),
    "categories": ("rows", "a.npy", npy(ROWS + 1024), "too many categories"),
    "flat": ("rows", "a.npy", npy(ROWS[0]), "not a table of rows"),
    "deep": ("rows", "a.npy", npy(ROWS[None]), "not a table of rows"),
    "few": ("rows", "a.npy", npy(ROWS[:9]), "has 9 rows: bring at least 10"),
    "no-rows": ("rows", "a.npy", npy(ROWS[:0]), "has no rows"),
    "one-column": ("rows", "a.npy", npy(ROWS[:, :1]), "has D = 1 columns"),
    "wide": ("rows", "a.npy", npy(np.zeros((10, 10_001), np.uint8)), "has D = 10,001 columns"),
    "not-zip": ("rows", "a.npz", npy(ROWS), "is not a .npz file"),
    "cut-zip": ("rows", "a.npz", npz(a=ROWS)[:-30], "is not a .npz file"),
    "flipped": ("rows", "a.npz", npz(a=ROWS).replace(npy(ROWS)[200:280], bytes(80)), "damaged"),
    "no-arrays": ("rows", "a.npz", npz(), "holds 0 arrays"),
    "which": ("rows", "a.npz", npz(a=ROWS, b=ROWS), "holds the arrays 'a', 'b'"),
    "no-test": ("rows", "a.npz", npz(train=ROWS, valid=ROWS), "holds the arrays 'train', 'valid'"),
    "widths": (
        "rows",
        "a.npz",
        npz(train=ROWS, valid=ROWS[:, 1:], test=ROWS),
        "splits of different widths",
    ),
    "empty-split": (
        "rows",
        "a.npz",
        npz(train=ROWS, valid=ROWS[:0], test=ROWS),
        "has no rows in 'valid'",
    ),
    "bad-split": ("rows", "a.npz", npz(train=ROWS, valid=ROWS, test=-ROWS), "negative.*'test'"),
    "lying-zip": ("rows", "a.npz", lying_archive(), "truncated|damaged"),
    "latin": ("rows", "a.csv", "größe\n1\n".encode("latin-1"), "not text in UTF-8"),
    "utf-16": ("rows", "a.csv", "a,b\n1,2\n".encode("utf-16"), "not text in UTF-8"),
    "zero-bytes": ("rows", "a.csv", b"1,2\0\n", "zero bytes"),
    "blank": ("rows", "a.csv", b"\n \n", "is empty"),
    "header-only": ("rows", "a.csv", b"a,b\n", "no row of numbers"),
    "words": ("rows", "a.csv", b"a,b\n1,0\n1,cat\n", r"not a number in line 3 \('cat'\)"),
    "gap": ("rows", "a.csv", b"a,b\n1,\n1,2\n", "not a number in line 2"),
    "ragged": ("rows", "a.csv", b"1,0\n1,0,1\n", "3 cells in line 2 instead of 2"),
    "index": (
        "rows",
        "a.csv",
        b",x,y\n" + b"".join(b"%d,0,1\n" % i for i in range(20)),
        "only counts the rows",
    ),
    "csv-fraction": ("rows", "a.csv", b"1,0.5\n" * 20, "holds 0.5, which is not a whole number"),
    "not-picture": ("picture", "a.png", b"hello", "not a readable picture"),
    "cut-picture": ("picture", "a.png", png(TABLE * 255)[:100], "not a readable picture"),
    "postscript": ("picture", "a.png", b"%!PS-Adobe-3.0 EPSF-3.0\n", "not a readable picture"),
    "white": ("picture", "a.png", png(np.full((9, 9), 255)), "let brightness be the mass"),
    "dot": ("picture", "a.png", png(np.zeros((1, 9))), "picture of 9 × 1 pixels"),
}


@pytest.mark.parametrize(("kind", "filename", "content", "problem"), BAD.values(), ids=BAD)
def test_bad_input_gets_one_clear_sentence_and_stores_nothing(kind, filename, content, problem):
    with pytest.raises(MadeError, match=problem) as caught:
        save_upload(filename, content, kind=kind)
    message = str(caught.value)
    assert message.startswith(f"'{filename}' ")
    assert message.endswith(".")
    assert ": " in message
    assert "\n" not in message
    assert stored() == []


def test_a_gigabyte_in_a_zip_of_a_megabyte_is_refused_before_it_is_unpacked(monkeypatch):
    content = bomb()
    assert len(content) < 2 << 20
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    with pytest.raises(MadeError, match=r"'rows\.npz' would unpack to 1\.07 GB"):
        save_upload("rows.npz", content, kind="rows")
    assert stored() == []


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(monkeypatch):
    content = png(np.zeros((40, 40)))
    monkeypatch.setattr(upload_readers, "MAX_PIXELS", 1000)
    with pytest.raises(MadeError, match="picture of more than"):
        save_upload("a.png", content, kind="picture")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(MadeError, match="picture of more than"):
        save_upload("a.png", content, kind="picture")


def test_an_upload_above_the_limit_is_refused_without_reading_it_all(monkeypatch):
    monkeypatch.setattr(upload, "MAX_UPLOAD_BYTES", 1 << 20)
    stream = io.BytesIO(bytes(10 << 20))
    with pytest.raises(MadeError, match="larger than 1 MB"):
        save_upload("a.npy", stream, kind="rows")
    assert stream.tell() == (1 << 20) + 1


def test_a_table_too_long_to_hold_is_refused_before_it_is_parsed(monkeypatch):
    monkeypatch.setattr("made.datasets.uploads.csv.MAX_BYTES", 500)
    with pytest.raises(MadeError, match="is too long"):
        save_upload("a.csv", b"1,0\n" * 200, kind="rows")


@settings(deadline=None, max_examples=200)
@given(start=st.integers(0, 300), junk=st.binary(min_size=1, max_size=12), packed=st.booleans())
def test_no_damage_to_a_file_raises_anything_but_a_made_error(start, junk, packed):
    content = bytearray(npz(np.savez_compressed, a=ROWS) if packed else npy(ROWS))
    content[start : start + len(junk)] = junk
    try:
        splits, num_categories = upload_readers.read_rows(
            bytes(content), upload.Source("a", "mend it"), ".npz" if packed else ".npy"
        )
    except MadeError:
        return
    assert all(split.max() < num_categories for split in splits)
