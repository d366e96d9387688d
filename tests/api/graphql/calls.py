"""Operations that several tests send."""

from __future__ import annotations

import uuid
from typing import Any, Protocol

ERRORS = """errors { __typename code message path
  ... on RevisionConflict { expectedRevision actualRevision }
  ... on IllegalMove { state legalMoves } }"""

REGISTER = f"""mutation($input: RegisterAssetInput!) {{ registerAsset(input: $input) {{
  asset {{ id revision name identifiers }} clientMutationId {ERRORS} }} }}"""

ISSUE = f"""mutation($input: IssueLabelsInput!) {{ issueLabels(input: $input) {{
  labels {{ id linkId revision state payload face {{ name value }} }} clientMutationId {ERRORS} }} }}"""


class Ask(Protocol):
    """What the `query` fixture is."""

    async def __call__(self, document: str, **variables: Any) -> dict[str, Any]: ...


def move(name: str, input_type: str = "LabelInput") -> str:
    """The mutation of one label by that name."""
    return f"""mutation($input: {input_type}!) {{ {name}(input: $input) {{
      label {{ id revision state outcome }} clientMutationId {ERRORS} }} }}"""


async def registered(query: Ask, **more: Any) -> dict[str, Any]:
    """A new asset."""
    given = {"kind": "vehicle", "name": f"Test {uuid.uuid4().hex[:6]}", **more}
    payload = (await query(REGISTER, input=given))["registerAsset"]
    assert payload["errors"] == []
    return dict(payload["asset"])


async def issued(query: Ask, **more: Any) -> dict[str, Any]:
    """A new asset tag on a new asset."""
    asset = await registered(query)
    order = {"asset": asset["id"], "profile": "ASSET_TAG", "face": [{"name": "tag", "value": "T-1"}], **more}
    payload = (await query(ISSUE, input={"labels": [order]}))["issueLabels"]
    assert payload["errors"] == []
    return {**payload["labels"][0], "asset": asset["id"]}
