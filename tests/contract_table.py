"""The v3 pages as a table: how each status of each page is provoked, and what is not.

A request may hold names in braces; the state that a case runs in (`tests/integration/states.py`)
fills them in, making what they name.
"""

from dataclasses import dataclass, field
from typing import Any

V3 = "/v3/midjourney"
REPLY = {"replyUrl": "http://127.0.0.1:9/hook", "replyRef": "2025-10-24T18:11:04.335Z"}
SILENT = {**REPLY, "stream": False}
# The state in which a page's own request meets a status.
STATES = {401: "stranger", 402: "unpaid", 410: "aged", 429: "busy", 596: "locked"}


@dataclass(frozen=True)
class Asked:
    """A request. `repeated` is sent twice, and the second answer counts. `uploads` are the
    fields that are sent as files. `reworded`: why the example's sentence is not ours."""

    method: str
    path: str
    body: dict[str, Any] | None = None
    uploads: tuple[str, ...] = ()
    state: str | None = None
    repeated: bool = False
    reworded: str | None = None


@dataclass(frozen=True)
class Page:
    """A page: its usual request, and the statuses that need another one, or are never sent."""

    asked: Asked
    others: dict[int, Asked] = field(default_factory=dict)
    unsent: dict[int, str] = field(default_factory=dict)

    def case(self, status: int) -> Asked:
        return self.others.get(status, self.asked)

    def state(self, status: int) -> str:
        return self.case(status).state or STATES.get(status, "user")


def post(verb: str, body: dict[str, Any], *uploads: str, **rest: Any) -> Asked:
    return Asked("POST", f"{V3}/jobs/{verb}", body, uploads, **rest)


def get(path: str, **rest: Any) -> Asked:
    return Asked("GET", f"{V3}/{path}", **rest)


def delete(path: str, **rest: Any) -> Asked:
    return Asked("DELETE", f"{V3}/{path}", **rest)


def account(body: dict[str, Any], **rest: Any) -> Asked:
    return Asked("POST", f"{V3}/accounts", body, **rest)


def proxy(url: str, **rest: Any) -> Asked:
    return Asked("GET", f"/v1/proxy/cdn-midjourney/?cdnUrl={url}", **rest)


NAMED = "decision 9: the parent's channel is named, and its own error said"
SLIP = "decision 19: a slip of the page"
NO_JOB = "j1024181105489769750i-u1-c1234567890987654321-bot:midjourney"
CHANNELS = {"maxJobs": 3, "maxImageJobs": 3, "maxVideoJobs": 3, "replyUrl": REPLY["replyUrl"]}
NEW = {"discord": "{fresh_token}"} | CHANNELS
PARENT = {"jobId": "{parent}"} | SILENT
BLENDED = ("imageBlob_1", "imageBlob_2")


def _setting(verb: str, slip: str | None = None) -> Page:
    return Page(post(verb, SILENT), {400: post(verb, SILENT, state="several", reworded=slip)})


PAGES: dict[str, Page] = {
    "post-midjourney-accounts": Page(
        account(NEW),
        {
            200: account(NEW, state="keeper", repeated=True),
            201: account(NEW, state="keeper"),
            400: account(CHANNELS),
        },
        {409: "decision 18: it speaks of an older API of the vendor, of which there is none here"},
    ),
    "get-midjourney-accounts": Page(
        get("accounts"), {200: get("accounts", state="several"), 404: get("accounts", state="bare")}
    ),
    "get-midjourney-accounts-channel": Page(
        get("accounts/{channel}"), {404: get("accounts/1234567890123456789")}
    ),
    "delete-midjourney-accounts-channel": Page(
        delete("accounts/{channel}"),
        {
            204: delete("accounts/{fresh_channel}", state="keeper"),
            404: delete("accounts/1234567890123456789"),
        },
    ),
    "post-midjourney-accounts-reset": Page(
        Asked("POST", f"{V3}/accounts/reset/{{channel}}"),
        {404: Asked("POST", f"{V3}/accounts/reset/1234567890123456789")},
    ),
    "get-midjourney-jobs": Page(get("jobs"), {200: get("jobs", state="busy")}),
    "get-midjourney-jobs-jobid": Page(get("jobs/{parent}"), {404: get(f"jobs/{NO_JOB}")}),
    "delete-midjourney-jobs-jobid": Page(
        delete("jobs/{parent}"),
        {204: delete("jobs/{running}", state="busy"), 404: delete(f"jobs/{NO_JOB}")},
    ),
    "post-midjourney-jobs-imagine": Page(
        post("imagine", {"prompt": "cat in the hat"} | SILENT),
        {
            400: post("imagine", SILENT),
            429: post("imagine", {"prompt": "cat in the hat", "channel": "{channel}"} | SILENT),
        },
    ),
    "post-midjourney-jobs-button": Page(
        post("button", {"button": "U1"} | PARENT),
        {
            200: post("button", {"button": "U1"} | PARENT, repeated=True),
            400: post("button", {"button": "U1"} | SILENT),
            404: post("button", {"button": "U1", "jobId": NO_JOB} | SILENT),
            596: post("button", {"button": "U1"} | PARENT, reworded=NAMED),
        },
    ),
    "post-midjourney-jobs-blend": Page(
        post("blend", {"blendDimensions": "Portrait"} | SILENT, *BLENDED),
        {
            400: post("blend", SILENT, "imageBlob_1"),
            429: post("blend", {"channel": "{channel}"} | SILENT, *BLENDED),
        },
    ),
    "post-midjourney-jobs-describe": Page(
        post("describe", SILENT, "imageBlob"), {400: post("describe", SILENT)}
    ),
    "post-midjourney-jobs-seed": Page(
        post("seed", PARENT),
        {
            400: post("seed", {"jobId": "{running}"} | SILENT, state="busy"),
            404: post("seed", {"jobId": NO_JOB} | SILENT),
            596: post("seed", PARENT, reworded=NAMED),
        },
    ),
    "post-midjourney-jobs-settings": _setting("settings"),
    "post-midjourney-jobs-info": _setting("info"),
    "post-midjourney-jobs-fast": _setting("fast", SLIP),
    "post-midjourney-jobs-relax": _setting("relax", SLIP),
    "post-midjourney-jobs-turbo": _setting("turbo", SLIP),
    "post-midjourney-jobs-remix": _setting("remix", SLIP),
    "post-midjourney-jobs-variability": _setting("variability", SLIP),
    "get-proxy-cdn-midjourney": Page(
        proxy("{cdn}/picture.png"),
        {
            400: proxy("https://example.com/picture.png", reworded="the page's sentence is empty"),
            403: proxy("{cdn}/forbidden.png"),
        },
    ),
}

# Jobs whose whole event sequence was recorded, by page.
STREAMS: dict[str, Asked] = {
    "post-midjourney-jobs-imagine": post("imagine", {"prompt": "cat in the hat"} | REPLY),
    "post-midjourney-jobs-button": post("button", {"button": "U2", "jobId": "{parent}"} | REPLY),
    "post-midjourney-jobs-blend": post("blend", {"blendDimensions": "Portrait"} | REPLY, *BLENDED),
    "post-midjourney-jobs-describe": post("describe", REPLY, "imageBlob"),
    "post-midjourney-jobs-seed": post("seed", {"jobId": "{parent}"} | REPLY),
    **{
        f"post-midjourney-jobs-{verb}": post(verb, REPLY)
        for verb in ("settings", "info", "fast", "relax", "turbo", "remix", "variability")
    },
}

# The model of a job (get-midjourney-jobs-jobid) with the types of its fields, which no one
# example shows whole.
JOB_MODEL: dict[str, type] = {
    "jobid": str,
    "verb": str,
    "jobType": str,
    "status": str,
    "created": str,
    "updated": str,
    "error": str,
    "errorDetails": str,
    "code": int,
    "request.prompt": str,
    "request.button": str,
    "request.mask": str,
    "request.describeUrl": str,
    "request.blendUrls": list,
    "request.blendDimensions": str,
    "request.jobId": str,
    "request.channel": str,
    "request.replyUrl": str,
    "request.replyRef": str,
    "request.stream": bool,
    "response.id": str,
    "response.content": str,
    "response.timestamp": str,
    "response.progress_percent": int,
    "response.settings.version": str,
    "response.settings.stylize": int,
    "response.settings.raw": bool,
    "response.settings.personalization": bool,
    "response.settings.public": bool,
    "response.settings.remix": bool,
    "response.settings.variability": bool,
    "response.settings.relax": bool,
    "response.settings.fast": bool,
    "response.settings.turbo": bool,
    "response.settings.suffix": str,
    "response.buttons": list,
    "response.videoUx.id": int,
    "response.videoUx.url": str,
    "response.imageUx.id": int,
    "response.imageUx.url": str,
    "response.executeOnce": dict,
    "response.children": dict,
    "response.attachments.id": str,
    "response.attachments.filename": str,
    "response.attachments.url": str,
    "response.attachments.proxy_url": str,
    "response.attachments.size": int,
    "response.attachments.width": int,
    "response.attachments.height": int,
    "response.attachments.content_type": str,
    "response.embeds.title": str,
    "response.embeds.description": str,
    "response.embeds.color": int,
    "response.components.type": int,
    "response.components.components.type": int,
    "response.components.components.style": int,
    "response.components.components.label": str,
    "response.components.components.emoji.name": str,
    "response.components.components.custom_id": str,
    "response.components.components.disabled": bool,
    "response.components.components.url": str,
}
MODEL_UNSENT = {
    "request.maxJobs": "no page names it among its parameters; what a caller sends beyond those "
    "is ignored (decision 12)",
}

# Pages without an example of their own, and what proves them.
TOLD = {
    "quick-start": "tests/pages/quick_start.py",
    "sse-streaming-guide": "tests/pages/sse_streaming_guide.py and tests/pages/stream.mjs",
    "vary-region-mask-editor": "tests/pages/vary_region_mask_editor.py",
    "setup-multiple-midjourney-accounts": "tests/pages/setup_multiple_midjourney_accounts.py",
    "captcha-solver": "tests/pages/captcha_solver.py",
    "what-new": "tests/pages/what_new.py",
}
UNTOLD = {"index": "it lists the other pages, and promises nothing of its own"}
