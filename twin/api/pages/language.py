"""The languages of the pages: gettext catalogues through Babel, chosen by what the request says.

What the pages say is written in English, in `words.py`, the profiles and the templates. `locale/{tag}.po` says it in
another language: another file is another language.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from twin.domain.resolution import language_fit, preferences

CATALOGUES: Final = Path(__file__).parent / "locale"
_DATE: Final = "yMMMd"


@dataclass(frozen=True, slots=True)
class Language:
    """One language that the pages come in.

    Args:
        tag: as BCP 47 and the `lang` attribute have it.
        locale: how it writes dates and numbers.
        catalogue: what it says instead of the English.
    """

    tag: str
    locale: Locale
    catalogue: NullTranslations

    @property
    def name(self) -> str:
        """What the language calls itself."""
        name = self.locale.get_language_name(self.locale) or self.tag
        return name[:1].upper() + name[1:]

    def told(self, text: str) -> str:
        """One of our own words in this language; what the catalogue does not know stays as it is.

        Examples:
            >>> ENGLISH.told("Void"), LANGUAGES["de"].told("Void"), LANGUAGES["de"].told("4711")
            ('Void', 'Ungültig', '4711')
        """
        return self.catalogue.gettext(text) if text else ""

    def moment(self, at: datetime) -> str:
        """The moment for people.

        Examples:
            >>> at = datetime(2026, 3, 1, 8, 5, tzinfo=UTC)
            >>> ENGLISH.moment(at), LANGUAGES["de"].moment(at)
            ('1 Mar 2026, 08:05 UTC', '1. März 2026, 08:05 UTC')
        """
        return _moment(self.locale, at.astimezone(UTC).replace(second=0, microsecond=0))


@lru_cache(maxsize=4_096)
def _moment(locale: Locale, utc: datetime) -> str:
    return f"{locale.datetime_skeletons[_DATE].apply(utc, locale)}, {utc:%H:%M} UTC"


def _read(path: Path) -> Language:
    with path.open(encoding="utf-8") as file:
        catalogue = read_po(file, locale=path.stem, abort_invalid=True)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(path.stem, Locale.parse(path.stem), Translations(compiled))


ENGLISH: Final = Language("en", Locale("en", "GB"), NullTranslations())

LANGUAGES: Final[Mapping[str, Language]] = {
    language.tag: language for language in (ENGLISH, *map(_read, sorted(CATALOGUES.glob("*.po"))))
}


def wanted(header: str, asked: str | None = None) -> Language:
    """The language that fits a request best; English where none does.

    Args:
        header: its Accept-Language.
        asked: the tag that its link asks for, which counts more.

    Examples:
        >>> wanted("fr, de-CH;q=0.8, en;q=0.5").tag, wanted("de", asked="en").tag, wanted("fr").tag
        ('de', 'en', 'en')
    """
    if asked is not None and asked in LANGUAGES:
        return LANGUAGES[asked]
    ranges = preferences(header)
    return max(LANGUAGES.values(), key=lambda language: language_fit(ranges, (language.tag,)))
