"""What is asked for of recalls."""

from __future__ import annotations

from datetime import datetime

import strawberry

from twin.api.graphql.enums import RecallProgress
from twin.api.graphql.mutations import CommandInput
from twin.api.graphql.nodes import (
    AsOf,
    FieldInput,
    texts_of,
)
from twin.domain.recall import Criteria


@strawberry.input(description="What a recall starts from: all that any of these names.")
class RecallCriteriaInput:
    """The criteria."""

    assets: list[strawberry.ID] = strawberry.field(
        default_factory=list,
        description="Lots, serials or components: ids, identifiers or carriers' texts; 500 at most.",
    )
    part_of: list[str] = strawberry.field(
        default_factory=list, description="Identifiers of lots or products: all that is registered as of them."
    )
    made: list[FieldInput] = strawberry.field(
        default_factory=list,
        description="What one production fact says: site, line, workOrder, machine, process; all of it must hold.",
    )
    made_from: datetime | None = strawberry.field(default=None, description="Only what was made then or later.")
    made_until: datetime | None = strawberry.field(default=None, description="Only what was made before then.")

    def criteria(self) -> Criteria:
        """As the services take it."""
        made = {name: value or "" for name, value in texts_of(self.made, "made").items()}
        return Criteria(tuple(self.assets), tuple(self.part_of), made, self.made_from, self.made_until)


@strawberry.input(description="A new recall.")
class OpenRecallInput(CommandInput):
    """What `openRecall` asks for."""

    title: str = strawberry.field(description="What people call it; 120 characters at most.")
    notice: str = strawberry.field(description="What the public is told: what is wrong, and what to do.")
    criteria: RecallCriteriaInput | None = strawberry.field(default=None, description="What it starts from.")
    like: strawberry.ID | None = strawberry.field(
        default=None, description="A recall whose criteria are asked again, in the place of others."
    )
    url: str | None = strawberry.field(default=None, description="Where more of it is: an address with https.")
    as_of: AsOf | None = strawberry.field(
        default=None, description="When things count as affected, and as it was known when; null means now."
    )


@strawberry.input(description="A recall whose set you have looked at.")
class PublishRecallInput(CommandInput):
    """What `publishRecall` asks for."""

    recall: strawberry.ID = strawberry.field(description="The recall's id.")
    digest: str = strawberry.field(description="The digest of what is frozen.")


@strawberry.input(description="A recall, and why it ends.")
class EndRecallInput(CommandInput):
    """What `withdrawRecall` and `closeRecall` ask for."""

    recall: strawberry.ID = strawberry.field(description="The recall's id.")


@strawberry.input(description="How far the work on one thing has come.")
class WorkRecallInput(CommandInput):
    """What `workRecall` asks for."""

    recall: strawberry.ID = strawberry.field(description="The recall's id.")
    item: str = strawberry.field(description="What was scanned: a label's link, an identifier, or the asset's id.")
    progress: RecallProgress = strawberry.field(description="How far; not OPEN.")
    place: str | None = strawberry.field(default=None, description="Roughly where; 120 characters at most.")
