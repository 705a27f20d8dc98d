"""Files are whole or not there; JSON is strict; text is UTF-8 with or without a mark."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from lunar_antenna.common.files import json_text, make_folder, read_text, write_bytes, write_json
from lunar_antenna.errors import FileFormatError, InputError


def refuse(name):
    pytest.fail(f"{name} in JSON")


def test_json_is_strict_whatever_is_in_it(tmp_path):
    value = {
        1: (math.nan, -math.inf, np.float64(0.1), np.float32(0.5), np.int64(3), np.bool_(True)),
        "z": np.array([[1 + 2j, np.nan]]),
        "text": "εᵣ",
        "path": tmp_path,
    }
    path = write_json(tmp_path / "x.json", value)
    assert json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse) == {
        "1": [None, None, 0.1, 0.5, 3, True],
        "z": [[[1.0, 2.0], [None, 0.0]]],
        "text": "εᵣ",
        "path": str(tmp_path),
    }
    assert json_text([1.0]) == "[1.0]"


def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch):
    path = write_bytes(tmp_path / "x", b"old")
    monkeypatch.setattr(
        "pathlib.Path.replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
    )
    with pytest.raises(InputError, match="cannot write"):
        write_bytes(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="of Linux")
def test_a_file_has_no_name_until_it_is_whole(tmp_path, monkeypatch):
    """So that a process killed while it writes leaves nothing behind, not even an empty file."""
    seen = []
    link = os.link

    def named(source, target, **how):
        seen.append([item.name for item in tmp_path.iterdir()])
        link(source, target, **how)
        seen.append(Path(target).read_bytes())

    monkeypatch.setattr(os, "link", named)
    path = write_bytes(tmp_path / "x", b"whole")
    monkeypatch.setattr(os, "link", lambda *_, **__: (_ for _ in ()).throw(OSError(95, "none")))
    assert write_bytes(tmp_path / "y", b"elsewhere").read_bytes() == b"elsewhere"
    assert (seen, path.read_bytes()) == ([[], b"whole"], b"whole")
    assert sorted(item.name for item in tmp_path.iterdir()) == ["x", "y"]


def test_a_folder_is_tried_before_the_work(tmp_path):
    assert make_folder(tmp_path / "a" / "b")
    assert not make_folder(tmp_path / "a" / "b")
    write_bytes(tmp_path / "file", b"")
    with pytest.raises(InputError, match=r"--out .*file is a file"):
        make_folder(tmp_path / "file")
    with pytest.raises(InputError, match=r"--out /proc/nowhere cannot be made: "):
        make_folder(Path("/proc/nowhere"))
    with pytest.raises(InputError, match=r"--there /proc is not writable: .*; choose another"):
        make_folder(Path("/proc"), "--there")


def test_where_nothing_can_be_written(tmp_path):
    for path, said in ((tmp_path, "is a folder"), (tmp_path / "no" / "x", "does not exist")):
        with pytest.raises(InputError, match=said):
            write_bytes(path, b"")


def test_text_with_and_without_a_mark(tmp_path):
    path = tmp_path / "x.svg"
    for content in (b"a", b"\xef\xbb\xbfa"):
        path.write_bytes(content)
        assert read_text(path) == "a"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(FileFormatError, match=r"x\.svg is not UTF-8"):
        read_text(path)
    with pytest.raises(FileFormatError, match="cannot be read"):
        read_text(tmp_path / "absent.svg")
