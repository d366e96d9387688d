"""Recalls for people: the list, the page of each with what is to be done, and its set as CSV. Forms, no scripts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from twin.api.audited import note_done
from twin.api.auth import actor_of
from twin.api.pages import html, words
from twin.api.pages.forms import HEADERS, fields_of
from twin.api.pages.twin import friendly
from twin.domain.actor import Actor, Permission
from twin.domain.history import Command, Document
from twin.domain.recall import ENDS, Criteria, Progress, RecallState, Standing
from twin.errors import InvalidInput, Refused, shown
from twin.services import Services
from twin.services.recalls import Asked
from twin.store.paging import PageRequest

SHOWN, LISTED = 50, 50

Form = Mapping[str, str]
Do = Callable[[Services, Actor, str, Form], Awaitable[Document]]


def routes(services: Services) -> list[Route]:
    """`/recalls`, `/recalls/{id}`, its CSV, and what is done there."""

    async def index(request: Request) -> Response:
        actor = await actor_of(request, services)
        page = await services.recalls.page(actor, PageRequest(LISTED))
        may_open = actor.may(Permission.OPEN_RECALLS)
        return _page(request, "recalls.html", recalls=page.documents, may_open=may_open, trouble=None, form={})

    async def open_one(request: Request) -> Response:
        actor = await actor_of(request, services)
        actor.require(Permission.OPEN_RECALLS)
        await services.audit_log.room()
        form = await fields_of(request)
        try:
            recall = await services.recalls.open(actor, _asked(form), _command(form))
        except InvalidInput as error:
            page = await services.recalls.page(actor, PageRequest(LISTED))
            said = {"recalls": page.documents, "may_open": True, "trouble": error.message, "form": form}
            return html.answer(request, "recalls.html", 400, HEADERS, words=words, **said)
        note_done(services.audit_log, request, [(recall["_id"], recall["revision"])], None)
        return RedirectResponse(f"recalls/{recall['_id']}", 303)

    async def one(request: Request) -> Response:
        actor = await actor_of(request, services)
        return _page(request, "recall.html", **await _told(services, actor, request))

    async def export(request: Request) -> Response:
        actor, recall = await actor_of(request, services), request.path_params["recall"]
        await services.recalls.find(actor, recall)
        headers = {"Content-Disposition": f'attachment; filename="{recall}.csv"', "Cache-Control": "private, no-store"}
        return StreamingResponse(services.recall_files.csv(actor, recall), media_type="text/csv", headers=headers)

    def changing(permission: Permission, do: Do) -> Callable[[Request], Awaitable[Response]]:
        async def change(request: Request) -> Response:
            actor, recall = await actor_of(request, services), request.path_params["recall"]
            actor.require(permission)
            await services.audit_log.room()
            form = await fields_of(request)
            try:
                done = await do(services, actor, recall, form)
            except (InvalidInput, Refused) as error:
                said = await _told(services, actor, request)
                said |= {"trouble": error.message, "up": "../"}
                return html.answer(request, "recall.html", 409, HEADERS, words=words, **said)
            note_done(services.audit_log, request, [(recall, done.get("revision", 0))], None)
            told = f"?done={quote(done['asset'])}" if "asset" in done else ""
            return RedirectResponse(f"../{recall}{told}", 303)

        return friendly(change)

    return [
        Route("/recalls", friendly(index)),
        Route("/recalls", friendly(open_one), methods=["POST"]),
        Route("/recalls/{recall}.csv", friendly(export)),
        Route("/recalls/{recall}", friendly(one)),
        Route("/recalls/{recall}/publish", changing(Permission.PUBLISH_RECALLS, _publish), methods=["POST"]),
        Route("/recalls/{recall}/withdraw", changing(Permission.OPEN_RECALLS, _withdraw), methods=["POST"]),
        Route("/recalls/{recall}/work", changing(Permission.WORK_RECALLS, _work), methods=["POST"]),
        Route("/recalls/{recall}/close", changing(Permission.PUBLISH_RECALLS, _close), methods=["POST"]),
    ]


def _page(request: Request, template: str, **context: Any) -> Response:
    return html.answer(request, template, 200, HEADERS, words=words, **context)


async def _told(services: Services, actor: Actor, request: Request) -> dict[str, Any]:
    """What the page of a recall shows."""
    recalls, key = services.recalls, request.path_params["recall"]
    recall = await recalls.find(actor, key)
    progress = _progress(request.query_params.get("progress"))
    after = request.query_params.get("after")
    items = await recalls.items(actor, key, SHOWN, after, progress=progress)
    counts = await recalls.counts(actor, key)
    affected = {far: counts.get((Standing.AFFECTED, far), 0) for far in Progress}
    done = request.query_params.get("done")
    state = RecallState(recall["state"])
    opener = recall["events"][0]["actor"]
    return {
        "recall": recall,
        "people": await services.people.names(actor, {event["actor"] for event in recall["events"]}),
        "names": await services.recall_files.names(items[:SHOWN]),
        "rows": await services.recall_files.rows(actor, items[:SHOWN]),
        "after": items[SHOWN - 1]["asset"] if len(items) > SHOWN else None,
        "progress": progress,
        "progresses": list(Progress),
        "affected": affected,
        "exposed": sum(many for (standing, _), many in counts.items() if standing == Standing.EXPOSED),
        "ended": sum(affected[far] for far in ENDS),
        "total": sum(affected.values()),
        "notices": await services.notices.of(key),
        "done": await recalls.item(actor, key, done) if done else None,
        "may_publish": state is RecallState.FROZEN and actor.may(Permission.PUBLISH_RECALLS) and opener != actor.id,
        "waits_for_another": state is RecallState.FROZEN and opener == actor.id,
        "may_withdraw": state in {RecallState.FROZEN, RecallState.COMPUTING} and actor.may(Permission.OPEN_RECALLS),
        "may_work": state is RecallState.PUBLISHED and actor.may(Permission.WORK_RECALLS),
        "may_close": state is RecallState.PUBLISHED and actor.may(Permission.PUBLISH_RECALLS),
        "trouble": None,
        "up": "",
    }


async def _publish(services: Services, actor: Actor, recall: str, form: Form) -> Document:
    return await services.recalls.publish(actor, recall, digest=form.get("digest", ""), command=_command(form))


async def _withdraw(services: Services, actor: Actor, recall: str, form: Form) -> Document:
    return await services.recalls.withdraw(actor, recall, _command(form))


async def _close(services: Services, actor: Actor, recall: str, form: Form) -> Document:
    return await services.recalls.close(actor, recall, _command(form))


async def _work(services: Services, actor: Actor, recall: str, form: Form) -> Document:
    progress = _progress(form.get("progress")) or Progress.FOUND
    scanned, place = form.get("item", "").strip(), form.get("place") or None
    return await services.recalls.work(actor, recall, scanned, progress=progress, place=place, command=_command(form))


def _asked(form: Form) -> Asked:
    assets = tuple(line.strip() for line in form.get("assets", "").splitlines() if line.strip())
    return Asked(form.get("title", ""), Criteria(assets), form.get("notice", ""), form.get("url") or None)


def _command(form: Form) -> Command:
    return Command(reason=form.get("reason") or None, client_mutation_id=form.get("mutation") or None)


def _progress(text: str | None) -> Progress | None:
    if not text:
        return None
    if text not in set(Progress):
        raise InvalidInput(f"progress: expected one of {', '.join(Progress)}, found {shown(text)}.", path=("progress",))
    return Progress(text)
