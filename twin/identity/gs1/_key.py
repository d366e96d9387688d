"""Elements that name something, and what they name.

References:
    GS1 General Specifications, 1.4 and 3 (identification keys); GS1 Digital Link Standard: URI Syntax (which keys lead,
    and what qualifies them)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from twin.errors import InvalidIdentifier, InvalidInput, shown
from twin.identity._convention import Finding, Granularity, Identifier, Part
from twin.identity.gs1._ais import AIS, Element
from twin.identity.gs1._digital_link import CANONICAL_BASE, path_and_query_of, path_of
from twin.identity.gs1._element_string import bracketed_of, element_string_of
from twin.identity.gs1._elements import associations, distinct, require_elements
from twin.identity.gs1._names import Name, names_of, parts_of
from twin.identity.link import public_url_of

SCHEME: Final = "gs1"


@dataclass(frozen=True, slots=True)
class GS1:
    """What GS1 elements name: an item, a lot, a product, a place, a document and so on.

    Each element is right by itself, none stands twice, and at least one is a primary key. What the elements ask of each
    other, and what had to be forgiven to read them, are findings; `of` asks for elements without.

    Args:
        elements: application identifiers and their values, all that the symbol carries, in its order.
        forgiven: what the reader forgave. It has no part in equality.

    Raises:
        InvalidIdentifier: a value that is not of its application identifier, or no primary key.
        InvalidInput: not elements.

    References:
        GS1 General Specifications, 3; GS1 Barcode Syntax Dictionary (format, linters)

    Examples:
        >>> key = GS1((("01", "09506000134352"), ("17", "261231"), ("10", "ABC"), ("21", "SER/42")))
        >>> key.canonical, [wider.canonical for wider in key.implied]
        ('gs1:01/09506000134352/21/SER%2F42', ['gs1:01/09506000134352/10/ABC', 'gs1:01/09506000134352'])
        >>> key.as_bracketed()
        '(01)09506000134352(17)261231(10)ABC(21)SER/42'
        >>> GS1((("01", "09506000134353"),))
        Traceback (most recent call last):
        twin.errors.InvalidIdentifier: '09506000134353' is not a GS1 (01) GTIN: expected the check digit 2, found '3' \
at position 14.
    """

    elements: tuple[Element, ...]
    forgiven: tuple[Finding, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.elements, tuple):
            raise InvalidInput(f"Expected a tuple of elements, found {type(self.elements).__name__}.")
        require_elements(self.elements)
        if not any(AIS[ai].primary_key for ai, _ in self.elements):
            found = shown(bracketed_of(self.elements)) if self.elements else "no elements"
            raise InvalidIdentifier(f"{found}: expected a GS1 identification key such as (01) among the elements.")

    @classmethod
    def of(cls, elements: Iterable[Element]) -> GS1:
        """The key of elements that are a whole message: strict, for what is issued.

        Args:
            elements: in the order in which they are to be encoded. An element that stands twice counts once.

        Raises:
            InvalidIdentifier: a value that is not of its application identifier, no primary key, or elements that lack
                another or exclude each other.
            InvalidInput: not elements.
            TooLarge: more elements than there are application identifiers.

        References:
            GS1 General Specifications, 4.13 (invalid and mandatory pairs); GS1 Syntax Dictionary, `req` and `ex`

        Examples:
            >>> GS1.of([("01", "09506000134352"), ("427", "AL")])
            Traceback (most recent call last):
            twin.errors.InvalidIdentifier: '(01)09506000134352(427)AL' is not a whole GS1 message: expected beside \
(427) one of 01 with 422, 02 with 422, 03 with 422, found none.
        """
        key = cls(distinct(elements))
        for finding in associations(key.elements):
            raise InvalidIdentifier(f"{shown(key.as_bracketed())} is not a whole GS1 message: {finding.message}")
        return key

    @property
    def _names(self) -> list[Name]:
        return names_of(self.elements)

    @property
    def canonical(self) -> str:
        """The unique form: `gs1:` and the path of the Digital Link that names the same thing and no more.

        An item is named by its key and serial number alone, whatever else its symbol carries; a lot by key and lot.

        Examples:
            >>> GS1((("01", "09506000134352"), ("22", "2A"), ("10", "ABC"))).canonical
            'gs1:01/09506000134352/10/ABC'
        """
        return f"{SCHEME}:{path_of(self._names[0][1])}"

    @property
    def granularity(self) -> Granularity | None:
        """Item, lot or product; None for places, parties, documents, shipments and service relations."""
        return self._names[0][0]

    @property
    def implied(self) -> tuple[Identifier, ...]:
        """What else the elements name, narrowest first: other keys of the item, its lot, its variant, its product.

        Examples:
            >>> key = GS1((("8006", "095060001343520102"), ("21", "S")))
            >>> [other.canonical for other in key.implied]
            ['gs1:8006/095060001343520102', 'gs1:01/09506000134352']
        """
        (main_level, ((main_key, _), *_)), *others = self._names
        # Documents and places that a label tells of besides are no names of the thing, nor of each other.
        return tuple(
            GS1(name) for level, name in others if (name[0][0] == main_key if main_level is None else level is not None)
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Remarks: what was forgiven, and `GS1_REQUIRED` and `GS1_EXCLUDED` for elements that do not go together.

        The latter need not be wrong: the rules are for all symbols of an item, and this may be one of several.

        Examples:
            >>> [finding.code for finding in GS1((("01", "09506000134352"), ("37", "5"))).findings]
            ['GS1_EXCLUDED', 'GS1_REQUIRED']
        """
        return self.forgiven + associations(self.elements)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every element, in order: what it is, and its value."""
        return parts_of(self.elements)

    def value_of(self, ai: str) -> str | None:
        """The value of an application identifier, if the elements have it."""
        return next((value for known, value in self.elements if known == ai), None)

    def as_element_string(self) -> str:
        r"""All elements as GS1-128, GS1 DataMatrix and the like hold them: GS where FNC1 is due, no leading FNC1.

        References:
            GS1 General Specifications, 7.8

        Examples:
            >>> GS1((("01", "09506000134352"), ("10", "ABC"), ("21", "SER"))).as_element_string()
            '010950600013435210ABC\x1d21SER'
        """
        return element_string_of(self.elements)

    def as_bracketed(self) -> str:
        r"""All elements as people read them.

        A value that holds an application identifier in brackets, as hardly any does, has a backslash before it.

        References:
            GS1 General Specifications, 4.14

        Examples:
            >>> GS1((("01", "09506000134352"), ("10", "A(21)B"))).as_bracketed()
            '(01)09506000134352(10)A\\(21)B'
        """
        return bracketed_of(self.elements)

    def as_digital_link(self, base: str = CANONICAL_BASE) -> str:
        """All elements as an uncompressed Digital Link URI.

        Args:
            base: what stands before the first slash of the Digital Link: a public URL, as `link.public_url_of` says,
                perhaps with a slash at the end.

        Raises:
            InvalidIdentifier: the elements do not all fit into one URI, as (8200) never does.
            InvalidInput: the base is no public URL.
            TooLarge: a base of more than 238 characters.

        References:
            GS1 Digital Link Standard: URI Syntax, 4

        Examples:
            >>> key = GS1((("17", "261231"), ("21", "SER"), ("01", "09506000134352")))
            >>> key.as_digital_link("https://brand.example/x/")
            'https://brand.example/x/01/09506000134352/21/SER?17=261231'
        """
        origin = public_url_of(base.removesuffix("/") if isinstance(base, str) else base)
        return f"{origin}/{path_and_query_of(self.elements)}"

    def as_canonical_digital_link(self) -> str:
        """The Digital Link URI at GS1's own host which names the thing and says no more, as EPCIS wants it.

        References:
            GS1 Digital Link Standard: URI Syntax (canonical URIs); EPCIS 2.0 and CBV 2.0 (identifiers)

        Examples:
            >>> GS1((("01", "09506000134352"), ("10", "ABC"), ("21", "SER"))).as_canonical_digital_link()
            'https://id.gs1.org/01/09506000134352/21/SER'
        """
        return f"{CANONICAL_BASE}/{path_of(self._names[0][1])}"
