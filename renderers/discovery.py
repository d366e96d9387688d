"""Files that are found by their names: nobody registers them."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from renderers.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

__all__ = ["discovered", "named"]


@cache
def discovered(package: ModuleType) -> Mapping[str, ModuleType]:
    """The modules of a package, by their names, in alphabetical order.

    Args:
        package: such as `renderers.symbologies`.

    Examples:
        >>> from renderers import writers
        >>> list(discovered(writers))
        ['pdf', 'png', 'svg', 'zpl', 'zplnative']
    """
    names = sorted(name for _, name, _ in pkgutil.iter_modules(package.__path__))
    return {name: import_module(f"{package.__name__}.{name}") for name in names}


def named(what: str, package: ModuleType, name: object) -> ModuleType:
    """The module of a package that has this name.

    Args:
        what: what the package has files of, for the refusal.
        package: such as `renderers.symbologies`.
        name: the candidate.

    Raises:
        RenderError: there is none.

    Examples:
        >>> from renderers import writers
        >>> named("format", writers, "gif")
        Traceback (most recent call last):
        renderers.errors.RenderError: format: expected pdf or png or svg or zpl or zplnative, found 'gif'
    """
    known = discovered(package)
    if not isinstance(name, str) or name not in known:
        raise RenderError(what, name, expected=" or ".join(known))
    return known[name]
