"""Previews: what a label would look like, on screen and on paper, before anything is printed."""

from __future__ import annotations

import asyncio

from twin.domain.actor import Actor, Permission
from twin.domain.approval import BUILTIN, TemplateId, TemplateState, TemplateVersion
from twin.domain.builtin import sample
from twin.domain.history import Document
from twin.services import printing
from twin.services.filling import marked
from twin.services.labels import Labels
from twin.services.printing import Image
from twin.services.templates import Templates

COMMANDS = frozenset({"zpl", "zplnative"})
"""The formats that a printer obeys: whoever sends one prints."""


class Previews:
    """Draws templates with a label of theirs, or with a sample.

    Args:
        templates: where templates are.
        labels: where labels are.
    """

    def __init__(self, templates: Templates, labels: Labels) -> None:
        self._templates = templates
        self._labels = labels

    async def draw(self, actor: Actor, template: str | None, *, label: str | None, format_name: str, dpi: int) -> Image:
        """A template as a label of it would look. One that is not approved is marked as such in a margin.

        Args:
            actor: needs `twins:read`; what it may not see of the label is not drawn.
            template: name and version, a name for its current version, or None for the one of the label's profile.
            label: the label's id or link id; None draws a sample, which needs a template.
            format_name: one of `printing.formats()`.
            dpi: dots per inch, where the format has dots.

        Raises:
            NotFound: no such template, or no such label.
            InvalidInput: they are of different profiles, or what the renderer refuses.
            Refused: a format that printers obey, of a template that nothing prints from.
        """
        actor.require(Permission.READ_TWINS)
        document: Document | None = None if label is None else await self._labels.find(actor, label)
        if template is None and document is not None:
            template = str(TemplateId(document["head"]["profile"], BUILTIN))
        version = TemplateVersion.from_document(await self._templates.find(actor, template or ""))
        if format_name in COMMANDS:
            version.require_approved()
        profile = version.template.profile
        shown: Document = {"head": sample(profile)} if document is None else document
        version.require_for(shown["head"]["profile"])
        epc = await self._epc(version, shown) if format_name in COMMANDS else None
        return await asyncio.to_thread(self._drawn, version, shown, epc, format_name, dpi)  # some hundred milliseconds

    async def _epc(self, version: TemplateVersion, label: Document) -> str | None:
        """What the label's tag would say; a sample has nothing to say there."""
        tag, asset = version.template.tag, label["head"].get("asset")
        if tag is None or "_id" not in label:
            return None
        return tag.epc_of(await self._labels.identifiers(asset) if asset else ())

    def _drawn(self, version: TemplateVersion, label: Document, epc: str | None, format_name: str, dpi: int) -> Image:
        page = printing.page_of(version.template, label, self._labels.payload(label), epc)
        if version.state is not TemplateState.APPROVED:
            page = marked(page, f"PREVIEW: {version.id} is {version.state}. Not for use.")
        return printing.draw_page(page, format_name, dpi=dpi)
