"""Files that people might upload, good and bad, made in memory for the tests."""

import io
import struct
import zipfile

import numpy as np
from PIL import Image

ROWS = np.random.default_rng(0).integers(0, 3, (50, 6))
TABLE = np.random.default_rng(1).random((12, 12))


def npy(array, **options):
    content = io.BytesIO()
    np.save(content, array, **options)
    return content.getvalue()


def npz(save=np.savez, **arrays):
    content = io.BytesIO()
    save(content, **arrays)
    return content.getvalue()


def png(levels, mode=None, kind="PNG"):
    content = io.BytesIO()
    picture = Image.fromarray(np.asarray(levels, np.uint8))
    (picture.convert(mode) if mode else picture).save(content, kind)
    return content.getvalue()


def header_only(shape, dtype="<f8"):
    """A .npy file of the given header and no data."""
    text = repr({"descr": dtype, "fortran_order": False, "shape": shape}).encode()
    text += b" " * (117 - len(text)) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def bomb():
    """A gigabyte of zeros in a zip of about one megabyte."""
    content = io.BytesIO()
    with (
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("rows.npy", "w", force_zip64=True) as member,
    ):
        member.write(header_only((1 << 20, 1 << 10), "|u1"))
        for _ in range(1 << 10):
            member.write(bytes(1 << 20))
    return content.getvalue()


def lying_archive():
    """The zip declares 1,000 bytes for a member that unpacks to far more."""
    content = npz(np.savez_compressed, rows=np.zeros((100_000, 10), np.uint8))
    size = struct.pack("<I", 100_000 * 10 + 128)
    assert content.count(size) >= 1
    return content.replace(size, struct.pack("<I", 1000))
