"""Rows out of NDJSON and CSV, however the bytes are cut, and what is wrong with those that cannot be read."""

from __future__ import annotations

import json
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.domain.imports import LARGEST_ROW, row_of
from twin.errors import InvalidInput, TooLarge
from twin.exchange.rows import Reader, Row, RowFormat

HEAD = "kind,name,identifier,identifier,attributes.colour,profile,face.tag,labelAttributes.line"


def read(content: bytes, form: RowFormat = RowFormat.CSV, size: int = 7) -> list[Row]:
    reader = Reader(form)
    parts = (content[at : at + size] for at in range(0, len(content), size))
    return [*chain.from_iterable(map(reader.feed, parts)), *reader.end()]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_csv_says_what_ndjson_says(end: str, mark: bytes) -> None:
    lines = [HEAD, 'tool,"A ""big"" drill, blue",a:1,a:2,blue,ASSET_TAG,7,3', "tool,Hämmer,,,,,,", ""]
    found = read(mark + end.join(lines).encode())
    label = {"profile": "ASSET_TAG", "face": {"tag": "7"}, "attributes": {"line": "3"}}
    rows: list[dict[str, object]] = [
        {
            "kind": "tool",
            "name": 'A "big" drill, blue',
            "identifiers": ["a:1", "a:2"],
            "attributes": {"colour": "blue"},
        },
        {"kind": "tool", "name": "Hämmer"},
    ]
    rows[0]["label"] = label
    assert found == [Row(1, 2, row_of(rows[0])), Row(2, 3, row_of(rows[1]))]
    written = mark + end.join(json.dumps(row) for row in rows).encode()
    assert [row.said for row in read(written, RowFormat.NDJSON)] == [row.said for row in found]


@given(st.integers(1, 300))
def test_rows_are_the_same_however_the_bytes_are_cut(size: int) -> None:
    content = ("kind,name\r\n" + "tool,Ä drill\r\n\r\n" * 9 + "tool,last").encode()
    assert [(row.number, row.line) for row in read(content, size=size)] == [
        *((at + 1, 2 * at + 2) for at in range(9)),
        (10, 20),
    ]
    assert all(row.error is None for row in read(content, size=size))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("tool", "expected 2 cells, found 1"),
        ("tool,a,b", "expected 2 cells, found 3"),
        ('tool,"a', "unexpected end of data"),
        ('tool,"a"b', "expected after"),
        ('tool,"two', "unexpected end of data"),
        (",a", "kind: expected a text, found None"),
        ("tool,\xa0", "name: expected a text"),
        ("tool," + "x" * LARGEST_ROW, "at most"),
    ],
)
def test_a_line_that_is_no_row_spoils_no_other(line: str, found: str) -> None:
    rows = read(f"kind,name\n{line}\ntool,after\n".encode(), size=5000)
    assert [row.number for row in rows] == [1, 2]
    assert rows[0].error is not None
    assert found in rows[0].error.message
    assert rows[0].said is None
    assert rows[1].said == row_of({"kind": "tool", "name": "after"})


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("kind,nam", "'nam'"),
        ("kind", "expected name among them"),
        ("kind,name,name", "'name' twice"),
        ("kind;name", "'kind;name'"),
        ("kind,name,face.", "'face.'"),
        ("kind,name,face", "'face'"),
        ('kind,"name', "unexpected end"),
    ],
)
def test_columns_that_are_not_known_are_refused_before_any_row(head: str, found: str) -> None:
    with pytest.raises(InvalidInput, match=found):
        read(f"{head}\ntool,a\n".encode())


def test_a_label_without_a_profile_is_refused() -> None:
    [row] = read(b"kind,name,profile,face.tag\ntool,a,,7\n")
    assert row.error is not None
    assert row.error.path == ("label", "profile")


@pytest.mark.parametrize("content", [b"", b"\n\r\n", b"kind,name\n", b"\xef\xbb\xbf"])
def test_a_file_without_rows_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="at least one row"):
        read(content)


def test_a_line_without_an_end_takes_no_memory() -> None:
    reader = Reader(RowFormat.NDJSON)
    for _ in range(100):
        assert list(reader.feed(b"x" * LARGEST_ROW)) == []
        assert len(reader._rest) <= LARGEST_ROW
    [row] = reader.end()
    assert isinstance(row.error, TooLarge)


@pytest.mark.parametrize("line", [b"{", b"[]", b"1", b'"a"', b"\xff", b'{"kind": NaN}', b"[" * 5000, b"{}\x00"])
def test_a_broken_line_of_ndjson_is_a_row_with_its_error(line: bytes) -> None:
    rows = read(line + b'\n{"kind": "tool", "name": "after"}\n', RowFormat.NDJSON)
    assert rows[0].error is not None
    assert rows[1].error is None
