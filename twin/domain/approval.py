"""The life of a version of a template: drawn, reviewed, and approved by somebody else before anything prints from it.

| step | from | to | asks for |
|---|---|---|---|
| draw | nothing, DRAFT | DRAFT | the layout |
| submit | DRAFT | IN_REVIEW | |
| refuse | IN_REVIEW | DRAFT | reason |
| approve | IN_REVIEW | APPROVED | the digest of the layout that was looked at; nobody who drew or submitted it |
| withdraw | any but WITHDRAWN | WITHDRAWN, for ever | reason |

What is approved never changes: another layout is another version. The newest approved version of a name is its current
one; older ones print where they are named with their version, until they are withdrawn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from twin.domain import fields
from twin.domain.history import Document
from twin.domain.template import Template
from twin.errors import InvalidInput, Refused, shown

BUILTIN: Final = "builtin"
"""What stands for the version of a template that came with its profile: approved by nature, and never changed here."""

MOST_VERSIONS: Final = 999_999
MOST_EVENTS: Final = 100
LONGEST_REASON: Final = 500

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,63}", re.ASCII)
_ID: Final = re.compile(rf"({_NAME.pattern})(?:@({BUILTIN}|[1-9][0-9]{{0,5}}))?", re.ASCII)


class TemplateState(StrEnum):
    """Where a version of a template stands."""

    DRAFT = "DRAFT"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    WITHDRAWN = "WITHDRAWN"


class TemplateAction(StrEnum):
    """What can happen to it."""

    DRAW = "DRAW"
    SUBMIT = "SUBMIT"
    REFUSE = "REFUSE"
    APPROVE = "APPROVE"
    WITHDRAW = "WITHDRAW"


_S, _A = TemplateState, TemplateAction


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: the states that it may start from, the one it leads to, whether it asks for a reason."""

    starts: frozenset[TemplateState]
    to: TemplateState
    reason: bool = False


STEPS: Final[Mapping[TemplateAction, Step]] = {
    _A.DRAW: Step(frozenset({_S.DRAFT}), _S.DRAFT),
    _A.SUBMIT: Step(frozenset({_S.DRAFT}), _S.IN_REVIEW),
    _A.REFUSE: Step(frozenset({_S.IN_REVIEW}), _S.DRAFT, reason=True),
    _A.APPROVE: Step(frozenset({_S.IN_REVIEW}), _S.APPROVED),
    _A.WITHDRAW: Step(frozenset({_S.DRAFT, _S.IN_REVIEW, _S.APPROVED}), _S.WITHDRAWN, reason=True),
}


@dataclass(frozen=True, slots=True)
class TemplateId:
    """A template's name and version; without a version, the current one is meant.

    Args:
        name: a letter in lower case, then letters in lower case, digits, `_` and `-`; 64 characters at most.
        version: 1, 2, 3…, `builtin`, or None.

    Examples:
        >>> TemplateId.parse("frame-plate@3")
        TemplateId(name='frame-plate', version=3)
        >>> str(TemplateId.parse("vin_plate@builtin")), str(TemplateId.parse("frame-plate"))
        ('vin_plate@builtin', 'frame-plate')
    """

    name: str
    version: int | str | None

    @classmethod
    def parse(cls, text: str) -> TemplateId:
        """The id that a text says.

        Raises:
            InvalidInput: it says none.
        """
        found = _ID.fullmatch(text)
        if found is None:
            raise InvalidInput(
                f"template: {shown(text)} is not the id of a template; expected a name and a version, such as "
                "frame-plate@3, or a name alone.",
                path=("template",),
            )
        name, version = found.groups()
        return cls(name, int(version) if version and version != BUILTIN else version)

    def __str__(self) -> str:
        return self.name if self.version is None else f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a version.

    Args:
        action: what.
        actor: who.
        at: when, in UTC.
        sha256: of the layout as it was after it.
        reason: why.
    """

    action: TemplateAction
    actor: str
    at: datetime
    sha256: str
    reason: str | None = None

    def as_document(self) -> dict[str, Any]:
        """As it is stored."""
        found = {"action": self.action.value, "actor": self.actor, "at": self.at, "sha256": self.sha256}
        return found if self.reason is None else {**found, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """One version of a template: its layout, where it stands, and who brought it there.

    Args:
        id: name and version.
        template: the layout.
        state: where it stands.
        events: what happened to it, oldest first; none for what came with its profile.

    Raises:
        InvalidInput: a name that is none.
    """

    id: TemplateId
    template: Template
    state: TemplateState
    events: tuple[Event, ...]

    @classmethod
    def drawn(cls, name: str, version: int, template: Template, *, actor: str, now: datetime) -> TemplateVersion:
        """The first draft of a version.

        Args:
            name: the template's.
            version: 1, 2, 3….
            template: the layout.
            actor: who drew it.
            now: when, in UTC.

        Raises:
            InvalidInput: a name that is none.
        """
        require_name(name)
        event = Event(TemplateAction.DRAW, actor, now, template.sha256)
        return cls(TemplateId(name, version), template, TemplateState.DRAFT, (event,))

    @classmethod
    def from_document(cls, document: Document) -> TemplateVersion:
        """The version that a document holds."""
        events = tuple(
            Event(TemplateAction(each["action"]), each["actor"], each["at"], each["sha256"], each.get("reason"))
            for each in document["events"]
        )
        template = Template.from_document(document["layout"])
        return cls(TemplateId.parse(document["_id"]), template, TemplateState(document["state"]), events)

    def as_document(self) -> dict[str, Any]:
        """As it is stored: one document for each version. `revision` counts its events."""
        return {
            "_id": str(self.id),
            "name": self.id.name,
            "version": self.id.version,
            "profile": self.template.profile,
            "state": self.state.value,
            "sha256": self.template.sha256,
            "revision": len(self.events),
            "layout": self.template.as_document(),
            "events": [event.as_document() for event in self.events],
        }

    def after(
        self,
        action: TemplateAction,
        *,
        actor: str,
        now: datetime,
        reason: str | None = None,
        template: Template | None = None,
        sha256: str | None = None,
    ) -> TemplateVersion:
        """The version after one more step.

        Args:
            action: what happens.
            actor: who does it.
            now: when, in UTC.
            reason: why.
            template: the other layout, for `DRAW`.
            sha256: that of the layout that was looked at, for `APPROVE`.

        Raises:
            InvalidInput: a reason is missing, or a layout of another profile.
            Refused: its state, or who drew or submitted it, forbids it; or it is not the layout that was looked at.
        """
        step = STEPS[action]
        reason = fields.optional_text(reason, path=("reason",), longest=LONGEST_REASON)
        if step.reason and reason is None:
            raise InvalidInput(f"reason: {action} asks for one, found none.", path=("reason",))
        self._require_start(action, step)
        if action is TemplateAction.APPROVE:
            self._require_another(actor)
            self._require_seen(sha256)
        layout = self.template if template is None else template
        self.require_for(layout.profile)
        event = Event(action, actor, now, layout.sha256, reason)
        return replace(self, template=layout, state=step.to, events=(*self.events, event))

    def followed(self, template: Template, *, actor: str, now: datetime) -> TemplateVersion:
        """The first draft of the version that follows this one, the newest of its name.

        Args:
            template: the layout.
            actor: who drew it.
            now: when, in UTC.

        Raises:
            InvalidInput: a layout of another profile.
            Refused: there are too many versions.
        """
        self.require_for(template.profile)
        number = self.id.version
        if not isinstance(number, int) or number >= MOST_VERSIONS:
            raise Refused(f"No version follows {self.id}: draw a template of another name.")
        return TemplateVersion.drawn(self.id.name, number + 1, template, actor=actor, now=now)

    def require_for(self, profile: str) -> None:
        """Let pass labels of the profile that the template is for.

        Raises:
            InvalidInput: they are of another.
        """
        if profile != self.template.profile:
            raise InvalidInput(
                f"profile: {self.id} is for labels of {self.template.profile}; expected that, found {shown(profile)}.",
                path=("profile",),
            )

    def require_approved(self) -> None:
        """Let pass what labels may be printed from.

        Raises:
            Refused: anything else.
        """
        if self.state is not TemplateState.APPROVED:
            raise Refused(f"Nothing prints from {self.id}: expected {TemplateState.APPROVED}, found {self.state}.")

    def _require_start(self, action: TemplateAction, step: Step) -> None:
        if self.id.version == BUILTIN:
            raise Refused(f"{self.id} came with its profile and never changes; draw a template of your own.")
        if self.state not in step.starts:
            legal = ", ".join(name for name, row in STEPS.items() if self.state in row.starts)
            raise Refused(
                f"{action} is not legal now: it needs {' or '.join(sorted(step.starts))}, found {self.state}. "
                f"Legal now: {legal or 'nothing'}."
            )
        if len(self.events) >= MOST_EVENTS and action is not TemplateAction.WITHDRAW:
            raise Refused(
                f"{self.id} has had {len(self.events)} steps, the most that there may be; draw a new version."
            )

    def _require_another(self, actor: str) -> None:
        own = next((each for each in self.events if each.actor == actor and each.action in _BY_OTHERS), None)
        if own is not None:
            raise Refused(
                f"APPROVE of {self.id} needs somebody else: expected an actor who neither drew nor submitted it, "
                f"found {actor}, whose {own.action} it has."
            )

    def _require_seen(self, sha256: str | None) -> None:
        if sha256 != self.template.sha256:
            raise Refused(
                f"{self.id} is not the layout that was looked at: expected the digest {self.template.sha256}, "
                f"found {shown(sha256)}. Look at it again."
            )


_BY_OTHERS: Final = frozenset({TemplateAction.DRAW, TemplateAction.SUBMIT})


def require_name(name: str) -> None:
    """Let pass the name of a template.

    Raises:
        InvalidInput: anything else.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"name: {shown(name)} is not the name of a template; expected a letter in lower case, then letters in "
            "lower case, digits, _ and -, 64 at most.",
            path=("name",),
        )
