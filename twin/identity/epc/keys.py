"""Between the components of an EPC and the element strings of a GS1 key.

References:
    GS1 EPC Tag Data Standard 2.3, 7 (correspondence between EPCs and GS1 keys)
"""

from __future__ import annotations

from collections.abc import Mapping

from twin.errors import InvalidIdentifier
from twin.identity.epc.schemes import SCHEMES, Key

__all__ = ["check_digit_of", "components_of", "elements_of"]


def elements_of(key: Key, components: tuple[str, ...]) -> list[tuple[str, str]]:
    """The element strings, by their application identifiers, that the components of an EPC make.

    Args:
        key: of the EPC's scheme.
        components: which the scheme has found right; without the last one for a type.

    References:
        TDS 7.3 to 7.18

    Examples:
        >>> elements_of(SCHEMES["sgtin"].key, ("0614141", "812345", "6789"))
        [('01', '80614141123458'), ('21', '6789')]
    """
    company_prefix, reference, *rest = components
    lead = 1 if key.leads else 0
    value = reference[:lead] + company_prefix + reference[lead:]
    if key.checked:
        value += check_digit_of(value)
    elements = [(key.ai, key.before + value + "".join(rest[: key.joined]))]
    elements += [(key.then, component) for component in rest[key.joined :] if component != key.without]
    return elements


def components_of(elements: Mapping[str, str], ai: str, length: int) -> tuple[str, tuple[str, ...]]:
    """The name of the EPC scheme that fits the element strings, and the components that they make.

    Args:
        elements: values by application identifier, whose check digits are right.
        ai: that of the key among them.
        length: of the GS1 Company Prefix, 6 to 12 digits: it cannot be told from the key.

    Raises:
        InvalidIdentifier: no EPC scheme has such a key.

    References:
        TDS 7.3 to 7.18
    """
    fitting = [(scheme, scheme.key) for scheme in SCHEMES.values() if scheme.key and scheme.key.ai == ai]
    if not fitting:
        raise InvalidIdentifier(f"Expected a key that an EPC can be, found ({ai}).")
    scheme, key = next((pair for pair in fitting if pair[1].then in elements), fitting[0])
    value = elements[key.ai].removeprefix(key.before)
    end = key.most if key.checked else len(value)
    lead = 1 if key.leads else 0
    components = [value[lead : lead + length], value[:lead] + value[lead + length : end]]
    joined = value[end + 1 :]
    if key.joined > 1:
        components += [joined[:2], joined[2:]]
    elif key.joined and joined:
        components.append(joined)
    if key.then in elements:
        components.append(elements[key.then])
    elif key.without:
        components.append(key.without)
    return scheme.name, tuple(components)


def check_digit_of(digits: str) -> str:
    """The check digit that GS1 puts after the digits.

    References:
        GS1 General Specifications, 7.9; TDS 7.3, step 3

    Examples:
        >>> check_digit_of("8061414112345")
        '8'
    """
    total = 3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))
    return str(-total % 10)
