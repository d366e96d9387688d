"""Images that were drawn, kept for whoever asks for the same again: those asked for last, in so many bytes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

__all__ = ["Image", "Kept"]

OVERHEAD = 1024
"""What an image of few bytes takes all the same, its key included."""


@dataclass(frozen=True, slots=True)
class Image:
    """A drawn symbol or label.

    Args:
        content: the bytes; the same input always gives the same.
        media_type: such as `image/svg+xml`.
        sha256: of the bytes, hexadecimal.
    """

    content: bytes
    media_type: str
    sha256: str

    @classmethod
    def of(cls, content: bytes, media_type: str) -> Image:
        """The image of these bytes."""
        return cls(content, media_type, hashlib.sha256(content).hexdigest())


class Kept:
    """The images that were asked for last. Threads may ask at once.

    Args:
        most: bytes in all.
        largest: bytes of one image; one that is larger is not kept, so that it does not drive many others out.
    """

    def __init__(self, most: int, largest: int) -> None:
        self._most = most
        self._largest = largest
        self._size = 0
        self._images: OrderedDict[Hashable, Image] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Image | None:
        """The image of that key, if it is still there."""
        with self._lock:
            image = self._images.get(key)
            if image is not None:
                self._images.move_to_end(key)
            return image

    def put(self, key: Hashable, image: Image) -> None:
        """Keep an image, and forget those that nobody has asked for the longest where there is no more room."""
        if len(image.content) > self._largest:
            return
        with self._lock:
            self._forget(key)
            self._images[key] = image
            self._size += OVERHEAD + len(image.content)
            while self._size > self._most:
                self._forget(next(iter(self._images)))

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._images.clear()
            self._size = 0

    def _forget(self, key: Hashable) -> None:
        image = self._images.pop(key, None)
        if image is not None:
            self._size -= OVERHEAD + len(image.content)
