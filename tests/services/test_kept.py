"""Images are kept in so many bytes, those asked for last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from twin.services.kept import OVERHEAD, Image, Kept


def image(size: int, letter: str = "a") -> Image:
    return Image(letter.encode() * size, "image/png", letter * 64)


def test_those_asked_for_last_stay() -> None:
    kept = Kept(most=3 * (OVERHEAD + 100), largest=100)
    for key in "abc":
        kept.put(key, image(100, key))
    assert kept.get("a") == image(100, "a")
    kept.put("d", image(100, "d"))
    assert [key for key in "abcd" if kept.get(key) is not None] == ["a", "c", "d"]


def test_what_is_large_is_not_kept_and_drives_nothing_out() -> None:
    kept = Kept(most=10_000, largest=100)
    kept.put("small", image(100))
    kept.put("large", image(101))
    assert (kept.get("large"), kept.get("small")) == (None, image(100))


def test_the_same_key_twice_takes_its_room_once() -> None:
    kept = Kept(most=2 * (OVERHEAD + 100), largest=100)
    kept.put("other", image(100))
    for _ in range(10):
        kept.put("same", image(100))
    assert kept.get("other") is not None
    kept.clear()
    assert (kept.get("same"), kept.get("other")) == (None, None)


def test_many_at_once() -> None:
    kept = Kept(most=20 * (OVERHEAD + 10), largest=10)

    def ask(number: int) -> bool:
        key = number % 50
        kept.put(key, image(10, str(key % 10)))
        found = kept.get(key)
        return found is None or found.content == str(key % 10).encode() * 10

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(5_000)))
    assert sum(kept.get(key) is not None for key in range(50)) == 20
