"""Puts one API process together."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

import httpx2
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from temporalio.client import Client

from api import documentation
from api.auth import Asking
from api.body_cap import BodyCap
from api.console import (
    account,
    actions,
    board,
    deciding,
    editor,
    files,
    incident,
    login,
    model_texts,
    preferences,
    provider,
    report,
    resuming,
    versions,
)
from api.console import addresses as contact_pages
from api.console import channels as channel_pages
from api.console import help as help_pages
from api.console import notices as notice_pages
from api.console import policies as policy_pages
from api.console import registers as register_pages
from api.console import statistics as statistic_pages
from api.console import tasks as my_tasks
from api.console.language import chosen
from api.console.rendering import page
from api.console.session import HOME, Interrupted, SentElsewhere, redirect_first
from api.drafts import Draft
from api.faults import faults_of
from api.headers import StandingHeaders
from api.measures import Measures
from api.parts import Parts
from api.problems import Problem, Refused, Trouble, render, render_refusal, said
from api.process import Process
from api.routes import (
    access,
    anchors,
    attachments,
    codec,
    commands,
    documents,
    events,
    evidence,
    health,
    incidents,
    notices,
    public,
    reference,
    referrals,
    registers,
    releases,
    seals,
    tasks,
    timeline,
)
from api.watch import Watch
from db.readiness import OUTAGES, is_outage
from db.session import make_engine, make_sessions
from domain.commands import COMMANDS
from runtime import temporal
from runtime.attachments.store import AttachmentStore, StoreAway
from runtime.clock import Clock, SystemClock
from runtime.identity_provider import IdentityProvider
from runtime.metrics_listener import serving_metrics
from runtime.passwords import Passwords
from runtime.settings import Settings

if TYPE_CHECKING:
    from runtime.spans import Tracing

_HTTP_TROUBLES = {
    400: Trouble.FORM_MALFORMED,
    404: Trouble.NOT_FOUND,
    405: Trouble.METHOD_NOT_ALLOWED,
    413: Trouble.TOO_LARGE,
}
_ROUTERS = (
    incidents,
    commands,
    documents,
    evidence,
    seals,
    releases,
    attachments,
    referrals,
    timeline,
    events,
    tasks,
    notices,
    reference,
    registers,
    public,
    anchors,
    health,
    access,
    login,
    account,
    provider,
    codec,
    preferences,
    files,
    board,
    incident,
    my_tasks,
    deciding,
    resuming,
    actions,
    register_pages,
    contact_pages,
    notice_pages,
    channel_pages,
    policy_pages,
    statistic_pages,
    help_pages,
    report,
    editor,
    versions,
    model_texts,
)


def create_app(
    settings: Settings,
    clock: Clock | None = None,
    connect: Callable[[], Awaitable[Client]] | None = None,
    passwords: Passwords | None = None,
    sdk_url: str | None = None,
    tracing: "Tracing | None" = None,
) -> FastAPI:
    """The API. It starts, and serves reads, whether or not Temporal answers.

    `sdk_url` is where Temporal's runtime of this process serves its metrics.
    """
    # No patience: whoever waits for the process is told to come again.
    interceptors = [tracing.interceptor] if tracing else []
    connecting = connect or partial(temporal.connect, settings, within=timedelta(), interceptors=interceptors)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        engine = make_engine(settings.database_url)
        if tracing:
            tracing.watch(engine)
        process = Process(connecting, settings.task_queue)
        store = AttachmentStore(settings.attachments_url)
        async with httpx2.AsyncClient(follow_redirects=False) as http:
            app.state.parts = parts = Parts(
                settings,
                clock or SystemClock(),
                make_sessions(engine),
                process,
                store,
                passwords or Passwords(),
                IdentityProvider(settings, http) if settings.oidc_issuer else None,
            )
            async with serving_metrics(settings, sdk_url, Measures(parts).gather):
                yield
        await engine.dispose()

    app = FastAPI(
        title="Huiying",
        summary="A county government's public-opinion incidents, from report to published result",
        version="1",
        lifespan=lifespan,
        # Their pages load scripts from elsewhere.
        docs_url=None,
        openapi_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=6),
            Middleware(StandingHeaders, encrypted=settings.public_url.startswith("https://")),
            Middleware(Watch),
            Middleware(codec.CodecOrigin, origin=settings.temporal_ui_origin),
            Middleware(BodyCap),
        ],
    )
    app.add_api_route("/", _to_bulletin, include_in_schema=False)
    for module in _ROUTERS:
        app.include_router(module.router)
    app.add_api_route("/openapi.json", _describe_api, include_in_schema=False)
    _handle_failures(app)
    app.openapi = documentation.describe(app, (Draft, *registers.BODIES, *notices.BODIES, *COMMANDS.values()))  # type: ignore[method-assign]  # FastAPI's own way to extend it.
    return app


async def _to_bulletin() -> Response:
    return RedirectResponse("/public")


async def _describe_api(request: Request, _caller: Asking) -> Response:
    """Only the public pages are for everybody."""
    return JSONResponse(request.app.openapi())


def _handle_failures(app: FastAPI) -> None:
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(SentElsewhere, _on_sent_elsewhere)
    app.add_exception_handler(Interrupted, resuming.on_interrupted)
    app.add_exception_handler(Refused, _on_refusal)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(StoreAway, _on_store_away)
    app.add_exception_handler(RequestValidationError, _on_validation)
    for outage in OUTAGES:
        app.add_exception_handler(outage, _on_outage)


async def _on_problem(request: Request, error: Exception) -> Response:
    return _answer(request, cast("Problem", error))


def _answer(request: Request, problem: Problem) -> Response:
    """As a problem for programs, and as a page in the console."""
    if not request.url.path.startswith(HOME):
        return render(request, problem)
    answer = _page(request, problem)
    answer.headers.update(problem.headers)
    return answer


def _page(request: Request, raised: Problem | Refused) -> Response:
    status, title, detail = said(chosen(request), raised)
    return page(request, None, "problem.html", status, title=title, detail=detail)


async def _on_sent_elsewhere(request: Request, error: Exception) -> Response:
    return redirect_first(request, cast("SentElsewhere", error))


async def _on_refusal(request: Request, error: Exception) -> Response:
    refused = cast("Refused", error)
    return _page(request, refused) if request.url.path.startswith(HOME) else render_refusal(request, refused)


async def _on_http(request: Request, error: Exception) -> Response:
    """What the framework itself raises: no such route, no such method, a form that is none."""
    raised = cast("HTTPException", error)
    if isinstance(raised.__cause__, Problem):
        # What reading a form has raised; the framework takes it for a form that cannot be read.
        return _answer(request, raised.__cause__)
    if raised.status_code not in _HTTP_TROUBLES:
        raise raised
    return _answer(request, Problem(_HTTP_TROUBLES[raised.status_code], headers=raised.headers))


async def _on_validation(request: Request, error: Exception) -> Response:
    """A wrong query or path parameter."""
    raised = cast("RequestValidationError", error)
    return _answer(request, Problem(Trouble.INVALID, faults_of(raised.errors(), skip=1)))


async def _on_store_away(request: Request, _error: Exception) -> Response:
    return _answer(request, Problem(Trouble.STORE_AWAY))


async def _on_outage(request: Request, error: Exception) -> Response:
    if not is_outage(error):
        raise error
    return _answer(request, Problem(Trouble.DATABASE_AWAY))
