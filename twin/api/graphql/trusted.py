"""Documents that a deployment knows by their digest: a client sends the id, and others may be refused.

References:
    GraphQL over HTTP, appendix "Persisted Documents"
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from cross_web import HTTPException as RefusedRequest
from graphql import GraphQLError

from twin.errors import SetupError, shown

PREFIX = "sha256:"


class Trusted:
    """The documents.

    Args:
        documents: by id, which is `sha256:` and the digest of the text.
        only: whether nothing else is executed.
    """

    def __init__(self, documents: Mapping[str, str], *, only: bool) -> None:
        self._documents = documents
        self._texts = frozenset(documents.values())
        self._only = only

    @classmethod
    def read(cls, path: Path | None, *, only: bool) -> Trusted:
        """Those of a JSON file: an object of digests, with or without `sha256:`, and texts.

        Args:
            path: of the file; None knows no documents.
            only: whether nothing else is executed.

        Raises:
            SetupError: it cannot be read, or a text is not that of its digest.
        """
        if path is None:
            if only:
                raise SetupError("TWIN_TRUSTED_DOCUMENTS_ONLY needs TWIN_TRUSTED_DOCUMENTS, or nothing is answered.")
            return cls({}, only=False)
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise SetupError(f"TWIN_TRUSTED_DOCUMENTS: cannot read {shown(str(path))}: {error}") from error
        if not isinstance(found, dict):
            raise SetupError(f"TWIN_TRUSTED_DOCUMENTS: {shown(str(path))}: expected an object of digests and texts.")
        return cls({_checked(name, text): text for name, text in found.items()}, only=only)

    def text(self, document_id: object) -> str:
        """The text of the document by that id.

        Raises:
            HTTPException: there is none.
        """
        text = self._documents.get(document_id) if isinstance(document_id, str) else None
        if text is None:
            told = f"There is no trusted document {shown(document_id)}; expected sha256: and a digest."
            raise RefusedRequest(400, told)
        return text

    def refusal(self, query: str | None) -> GraphQLError | None:
        """Why a text is not executed; None when it may be."""
        if not self._only or query is None or query in self._texts:
            return None
        told = "This service executes trusted documents alone; send the documentId of one."
        return GraphQLError(told, extensions={"code": "INVALID_QUERY"})


def _checked(name: str, text: object) -> str:
    digest = name.removeprefix(PREFIX).lower()
    if not isinstance(text, str) or hashlib.sha256(text.encode()).hexdigest() != digest:
        raise SetupError(f"TWIN_TRUSTED_DOCUMENTS: {shown(name)} is not the SHA-256 of its text.")
    return PREFIX + digest


ANY = Trusted({}, only=False)
