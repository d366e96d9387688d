"""Serials: a scheme for each kind of assets, defined once; and the next serial for who registers one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from twin.domain import fields
from twin.domain.actor import Actor, Permission
from twin.domain.history import Document, Draft
from twin.domain.serials import PLACEHOLDER, SerialScheme, SerialStyle
from twin.errors import InvalidInput, Refused, SerialsExhausted, shown
from twin.services import audiences
from twin.services.commits import Clock
from twin.store import Store
from twin.store.paging import Page, PageRequest

TRIES = 20


class Serials:
    """What callers do with serial numbers.

    Args:
        store: where schemes and identifiers are.
        secret: what random serials are made with.
        clock: tells the time, in UTC.
    """

    def __init__(self, store: Store, secret: bytes, clock: Clock) -> None:
        self._store = store.serials
        self._identifiers = store.identifiers
        self._secret = secret
        self._clock = clock

    async def define(
        self, actor: Actor, *, kind: str, style: SerialStyle, prefix: str, length: int, used: int = 0
    ) -> Document:
        """Define how the serials of a kind are written, once and for ever: so that none can come back.

        The same scheme again is a repeat, which may raise `used` and never lowers it. That is for numbers that this
        database does not know of: those given before there was a scheme, and, after an older backup was restored, those
        given since that backup.

        Args:
            actor: needs `serials:define`.
            kind: the kind of assets.
            style: sequential or random.
            prefix: what each begins with.
            length: characters after it.
            used: how many of the scheme's numbers are used, at least; up to all of them.

        Returns:
            The scheme, and how many of its numbers are used.

        Raises:
            Refused: the kind has another scheme.
            InvalidInput: anything that breaks a rule.
        """
        actor.require(Permission.DEFINE_SERIALS)
        scheme = SerialScheme(kind, style, prefix, length)
        if not 0 <= used <= scheme.capacity:
            raise InvalidInput(
                f"used: expected 0 to {scheme.capacity}, which are all that there are, found {used}.", path=("used",)
            )
        born = {"defined_by": actor.id, "created": {"recorded_at": fields.moment(None, now=self._clock())}}
        document = await self._store.define(scheme.as_document(), born, used)
        stands = SerialScheme.from_document(document)
        if stands != scheme:
            raise Refused(
                f"The serials of {shown(kind)} are {_words(stands)} for ever; "
                f"expected the same again, found {_words(scheme)}."
            )
        return audiences.serial_scheme(actor, document)

    async def page(self, actor: Actor, request: PageRequest, *, kinds: Iterable[str] | None = None) -> Page:
        """A page of the schemes, newest first.

        Args:
            actor: needs `twins:read`.
            request: which part.
            kinds: only those of one of these.
        """
        actor.require(Permission.READ_TWINS)
        page = await self._store.page(request, kinds=kinds)
        visible = [audiences.serial_scheme(actor, document) for document in page.documents]
        return Page(visible, page.has_next, page.has_previous)

    async def count(self, actor: Actor, *, kinds: Iterable[str] | None = None) -> int:
        """How many schemes there are in all."""
        actor.require(Permission.READ_TWINS)
        return await self._store.count(kinds=kinds)

    async def numbered(self, kind: str, draft: Callable[[str], Draft]) -> Draft:
        """The registration with the next serial of its kind that makes no identifier which is taken.

        A number is used from here on, whatever becomes of the draft. So what can be refused with any serial is refused
        before one is taken.

        Args:
            kind: the kind of the asset.
            draft: from a serial to the registration, or a refusal.

        Raises:
            InvalidInput: the kind has no scheme.
            SerialsExhausted: it has no more serials.
            Refused: too many of them in a row are taken.
        """
        scheme = await self._scheme(kind)
        fixed = set(draft(scheme.sample).change["identifiers"])
        for _ in range(TRIES):
            number = await self._store.take(kind, scheme.capacity)
            if number is None:
                raise SerialsExhausted(kind, scheme.capacity)
            found = draft(scheme.serial(number, self._secret))
            if not await self._identifiers.holders(set(found.change["identifiers"]) - fixed):
                return found
        raise Refused(
            f"The next {TRIES} serials of {shown(kind)} stand in identifiers that are taken, up to number {number}; "
            "expected a free one. Say with defineSerialScheme how many are used."
        )

    async def _scheme(self, kind: str) -> SerialScheme:
        found = await self._store.find(fields.field_name(kind, path=("kind",)))
        if found is None:
            raise InvalidInput(
                f"kind: {PLACEHOLDER} stands for the next serial of a kind, and {shown(kind)} has no scheme; "
                "expected one that defineSerialScheme has defined.",
                path=("kind",),
            )
        return SerialScheme.from_document(found)


def _words(scheme: SerialScheme) -> str:
    return f"{scheme.style} with the prefix {shown(scheme.prefix)} and {scheme.length} characters"
