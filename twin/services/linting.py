"""Linting: what is wrong with a label, or with one that is about to be issued, before it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from twin.domain.actor import Actor, Audience, Permission
from twin.domain.approval import BUILTIN, TemplateId, TemplateVersion
from twin.domain.history import Document
from twin.domain.lint import Finding, lint, lint_layout
from twin.domain.profiles import profile
from twin.domain.template import Template
from twin.errors import InvalidInput
from twin.services.labels import Labels
from twin.services.templates import Templates

DPI_RANGE = 72, 2_400


class Linting:
    """Lints labels, in the words of `twin.domain.lint`.

    Args:
        templates: what they are printed from.
        labels: to find what the asset of a draft is called.
    """

    def __init__(self, templates: Templates, labels: Labels) -> None:
        self._templates = templates
        self._labels = labels

    async def of_label(
        self, actor: Actor, label: Document, asset: Document | None, *, template: str | None, dpi: int | None
    ) -> tuple[Finding, ...] | None:
        """What is wrong with a label, printed from a template.

        Args:
            actor: sees internal fields: a finding may quote any of them.
            label: the label's document, as the actor sees it.
            asset: that of its asset, if it has one.
            template: name and version, in whatever state; None: what came with the profile.
            dpi: dots per inch of the printer, 72 to 2,400; None where nothing is known of dots.

        Returns:
            The findings; None for an actor who may not see them.

        Raises:
            NotFound: no such template.
            InvalidInput: it is for other labels, or no printer has such dots.
        """
        if Audience.INTERNAL not in actor.audiences:
            return None
        head = label["head"]
        identifiers = () if asset is None else asset["head"].get("identifiers", ())
        layout = await self._layout(actor, head["profile"], template)
        return lint(profile(head["profile"]), head.get("face", {}), identifiers, layout=layout, dpi=_dots(dpi))

    async def of_draft(
        self,
        actor: Actor,
        profile_name: str,
        face: Mapping[str, str | None],
        *,
        asset: str | None,
        template: str | None,
        dpi: int | None,
    ) -> tuple[dict[str, str], tuple[Finding, ...]]:
        """What a label would say if it were issued, and what is wrong with it.

        Args:
            actor: needs `labels:issue`.
            profile_name: which kind of label.
            face: printed fields, by name.
            asset: a text that names the asset; None: one that has no identifiers.
            template: as in `of_label`.
            dpi: as in `of_label`.

        Returns:
            The face with what the asset's identifiers and the other fields make, and the findings.

        Raises:
            InvalidInput: an unknown profile or field, or what `of_label` refuses.
            NotFound: no such asset, or no such template.
        """
        actor.require(Permission.ISSUE_LABELS)
        actor.require_profile(profile_name)
        kind = profile(profile_name)
        kind.require_known(face)
        identifiers: Sequence[str] = () if asset is None else await self._labels.identifiers(asset)
        drafted = kind.drafted_face(face, identifiers)
        layout = await self._layout(actor, profile_name, template)
        return drafted, lint(kind, drafted, identifiers, layout=layout, dpi=_dots(dpi))

    async def of_template(self, actor: Actor, template: str, *, dpi: int | None) -> tuple[Finding, ...]:
        """What is wrong with a template, whatever its labels say: what an approver wants to know.

        Args:
            actor: needs `twins:read`.
            template: name and version, in whatever state.
            dpi: as in `of_label`.

        Raises:
            NotFound: no such template.
            InvalidInput: no printer has such dots.
        """
        version = TemplateVersion.from_document(await self._templates.find(actor, template))
        return lint_layout(profile(version.template.profile), version.template, dpi=_dots(dpi))

    async def _layout(self, actor: Actor, profile_name: str, template: str | None) -> Template:
        named = template or str(TemplateId(profile_name, BUILTIN))
        version = TemplateVersion.from_document(await self._templates.find(actor, named))
        version.require_for(profile_name)
        return version.template


def _dots(dpi: int | None) -> int | None:
    low, high = DPI_RANGE
    if dpi is not None and not low <= dpi <= high:
        raise InvalidInput(f"dpi: expected {low} to {high}, found {dpi}.", path=("dpi",))
    return dpi
