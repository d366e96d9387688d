r"""GS1 identification keys: GTIN, SSCC, GRAI, GIAI and the rest, with what symbols carry beside them.

Whatever form a key comes in (an element string with separators, in brackets, a Digital Link URI, bare digits), it has
one canonical form, which is the path of a Digital Link: `gs1:01/09506000134352/21/SER42`. A GTIN of 8, 12 or 13 digits
is the one of 14 with zeros in front.

Not read: coupons of North America. A compressed Digital Link is what `decompressed` makes of it. The key of
made-to-order items (03) leads no Digital Link, and so names nothing here. The length of a company prefix needs a table
that GS1 does not give away, so that a prefix of four digits is all that is looked for.

Examples:
    >>> for found in read("(01)09506000134352(17)261231(10)ABC(21)SER42"):
    ...     print(found.canonical, found.granularity)
    gs1:01/09506000134352/21/SER42 ITEM
    >>> read("0109506000134352\x1d21SER42", "]d2")[0].canonical
    'gs1:01/09506000134352/21/SER42'
    >>> parse("https://brand.example/01/09506000134352/10/ABC?17=261231").canonical
    'gs1:01/09506000134352/10/ABC'
"""

from twin.identity.gs1._compressed import CODE, compressed, decompressed
from twin.identity.gs1._key import GS1, SCHEME
from twin.identity.gs1._level import PRIMARY_KEYS, Level
from twin.identity.gs1._linters import COUNTRIES
from twin.identity.gs1._reader import parse, read

__all__ = [
    "CODE",
    "COUNTRIES",
    "GS1",
    "PRIMARY_KEYS",
    "SCHEME",
    "TITLE",
    "Level",
    "compressed",
    "decompressed",
    "parse",
    "read",
]

TITLE = "GS1 identification key"
