"""The setting that names the printers."""

from __future__ import annotations

import pytest

from twin.domain.printers import Address, printers_of
from twin.errors import InvalidInput


def test_printers_are_named_with_their_address() -> None:
    assert printers_of("") == {}
    assert printers_of(" line-3=10.0.0.7:9100 ,store.2=zebra.plant:6101,") == {
        "line-3": Address("10.0.0.7", 9100),
        "store.2": Address("zebra.plant", 6101),
    }
    assert printers_of("six=[::1]:9100") == {"six": Address("::1", 9100)}
    assert printers_of("lo=[fe80::1%eth0]:9100,d=line_3.plant.:9100") == {
        "lo": Address("fe80::1%eth0", 9100),
        "d": Address("line_3.plant.", 9100),
    }


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.7:9100",
        "line-3=10.0.0.7",
        "line-3=10.0.0.7:0",
        "line-3=10.0.0.7:65536",
        "line-3=10.0.0.7:x",
        "Line 3=10.0.0.7:9100",
        "line-3=http://10.0.0.7:9100",
        "line-3=:9100",
        "a=h:1,a=h:2",
        "a=h:1;b=h:2",
        "ä=h:1",
        "a=[]:9100",
        "a=[::1:9100",
        "a=]]:9100",
        "a=::1:9100",
        "a=..:9100",
        "a=x..y:9100",
        f"a={'x' * 64}.plant:9100",
        f"a={'x.' * 127}y:9100",
        "a=dr\u00fccker:9100",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="printers: expected"):
        printers_of(text)
