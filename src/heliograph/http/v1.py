"""The v1 task API: submit, poll, be called back. Every answer is an envelope (spec: v1/README)."""

from starlette.requests import Request
from starlette.responses import Response

from heliograph import command
from heliograph.errors import NotSubscribed, Problem, QuotaUsed, TooManyTasks
from heliograph.http import bodies, v3
from heliograph.http.envelopes import NO_QUOTA, TOO_MANY, envelope, task_object
from heliograph.http.state import base_url, state
from heliograph.service import tasks

PREFIX = "/midjourney/v1"


def refusal(sentence: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """What is wrong with a request, or with the server."""
    return v3.answer(envelope(None, status, sentence), status, headers)


async def submit_jobs(request: Request) -> Response:
    """Takes a task, which waits in the queue for its turn; answers with its id."""
    try:
        user = await _user_of(request, subscribed=True)
        asked = v3.keyed(request, command.task(await bodies.fields(request)))
        made, new = await state(request).tasks.submit(user, asked)
    except (QuotaUsed, NotSubscribed) as problem:
        return _not_taken(NO_QUOTA, problem)
    except TooManyTasks as problem:
        return _not_taken(TOO_MANY, problem)
    headers = {} if new else {"Idempotent-Replay": "true"}
    return v3.answer(envelope({"taskId": made.id}), 200, headers)


async def job_status(request: Request) -> Response:
    """Shows up to 50 tasks; ids that are nobody's, or another's, are left out."""
    user = await _user_of(request)
    ids = command.task_ids(await bodies.fields(request))
    found = await state(request).tasks.find(user, ids)
    base = base_url(request)
    shown = [task_object(known, tasks.echo_of(known.job), base) for known in found]
    return v3.answer(envelope(shown))


def _not_taken(status: int, problem: Problem) -> Response:
    return v3.answer(envelope(None, status, str(problem)))


async def _user_of(request: Request, *, subscribed: bool = False) -> int:
    """The caller, by `API-KEY: …` or as in v3. Raises Unauthorized or NotSubscribed."""
    key = request.headers.get("api-key", "").strip()
    if not key:
        return await v3.user_of(request, subscribed=subscribed)
    return await state(request).people.user_of(key, subscribed=subscribed)
