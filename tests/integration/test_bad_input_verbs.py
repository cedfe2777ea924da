"""Bad input to every verb, over real sockets: the right status, a sentence that names what is
wrong, and nothing created: no job, no file, no trace in the answer."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from heliograph import wiring
from tests.contract_table import V3
from tests.integration.conftest import TOKEN, running
from tests.integration.scene import Scene
from tests.integration.states import Calls

loop = pytest.mark.asyncio(loop_scope="module")
SETTINGS = ("settings", "info", "fast", "relax", "turbo", "remix", "variability")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    async with running(tmp_path_factory.mktemp("refusals")) as server:
        found = Scene(Calls(server, TOKEN))
        await found.prepare()
        yield found


def whole(verb: str) -> dict[str, Any]:
    """A body that a verb takes."""
    image = {"imageUrl": "http://127.0.0.1:9/x.png"}
    return {
        "imagine": {"prompt": "a cat"},
        "button": {"jobId": "{grid}", "button": "U4"},
        "seed": {"jobId": "{grid}"},
        "describe": image,
        "blend": {"imageUrl_1": image["imageUrl"], "imageUrl_2": image["imageUrl"]},
    }.get(verb, {}) | {"stream": False}


COMMON: list[tuple[dict[str, Any], str]] = [
    ({"stream": "perhaps"}, "Parameter stream must be true or false"),
    ({"stream": 1}, "Parameter stream must be true or false"),
    ({"replyUrl": 5}, "Parameter replyUrl must be a string"),
    ({"replyUrl": "ftp://example.com/x"}, "Parameter replyUrl must be an http or https URL"),
    ({"replyUrl": "http://[::1"}, "Parameter replyUrl must be an http or https URL"),
    (
        {"replyUrl": "http://10.0.0.1/hook"},
        "Parameter replyUrl can't be called: Requests to 10.0.0.1 are not allowed",
    ),
    (
        {"replyUrl": "https://example.com/" + "x" * 1024},
        "Parameter replyUrl must be at most 1024 characters long",
    ),
    ({"replyRef": {}}, "Parameter replyRef must be a string"),
    ({"replyRef": "x" * 1025}, "Parameter replyRef must be at most 1024 characters long"),
    ({"replyRef": "a\x00b"}, "Parameter replyRef contains characters that are not valid text"),
    ({"replyLevel": "loud"}, "Parameter replyLevel must be one of all, standard, minimal"),
    ({"replyLevel": []}, "Parameter replyLevel must be a string"),
]
CHANNEL: list[tuple[dict[str, Any], int, str]] = [
    ({"channel": 7}, 400, "Parameter channel must be a string"),
    ({"channel": "1" * 65}, 400, "Parameter channel must be at most 64 characters long"),
    ({"channel": "123"}, 404, "Channel 123 not found or not configured"),
]


@loop
@pytest.mark.parametrize("verb", ["imagine", "button", "seed", "describe", "blend", *SETTINGS])
async def test_the_fields_that_all_verbs_share(scene: Scene, verb: str) -> None:
    body = {name: scene.named(value) for name, value in whole(verb).items()}
    for field, sentence in COMMON:
        # What an address is told of differs in words, not in kind.
        wanted = None if "can't be called" in sentence else sentence
        answer = await scene.refused(f"jobs/{verb}", 400, wanted, json=body | field)
        assert next(iter(field)) in answer.json()["error"]
    if verb not in ("button", "seed"):
        for field, status, sentence in CHANNEL:
            await scene.refused(f"jobs/{verb}", status, sentence, json=body | field)
    for content in (b"{", b"[]", b'"x"', b'{"stream": "\xff"}', b"\x00", b"{} {}"):
        await scene.refused(f"jobs/{verb}", 400, None, content=content)
    if verb not in SETTINGS:
        await scene.refused(f"jobs/{verb}", 400, None, content=b"")
    headers = {"Idempotency-Key": "k" * 256}
    sentence = "Idempotency-Key must be 1 to 255 printable characters"
    await scene.refused(f"jobs/{verb}", 400, sentence, json=body, headers=headers)


OFFERED = "Available buttons: "
PRESSES: list[tuple[dict[str, Any], int, str | None]] = [
    ({"button": "U1"}, 400, "jobId is required"),
    ({"jobId": "", "button": "U1"}, 400, "jobId is required"),
    ({"jobId": 5, "button": "U1"}, 400, "Parameter jobId must be a string"),
    ({"jobId": "j" * 201, "button": "U1"}, 400, None),
    ({"jobId": "{grid}"}, 400, "button is required"),
    ({"jobId": "{grid}", "button": ["U1"]}, 400, "Parameter button must be a string"),
    ({"jobId": "{grid}", "button": "U" * 65}, 400, None),
    ({"jobId": "{grid}", "button": "U1", "prompt": 5}, 400, "Parameter prompt must be a string"),
    ({"jobId": "{grid}", "button": "U1", "prompt": "x" * 5001}, 400, None),
    ({"jobId": "{nowhere}", "button": "U1"}, 404, "Parent job not found"),
    ({"jobId": "{foreign}", "button": "U1"}, 404, "Parent job not found"),
    ({"jobId": "../../etc/passwd", "button": "U1"}, 404, "Parent job not found"),
    (
        {"jobId": "{failed}", "button": "U1"},
        400,
        'Parent job status is "failed", must be "completed"',
    ),
    (
        {"jobId": "{moderated}", "button": "U1"},
        400,
        'Parent job status is "moderated", must be "completed"',
    ),
    ({"jobId": "{info}", "button": "U1"}, 400, None),
    ({"jobId": "{single}", "button": "Custom Zoom"}, 400, None),
    ({"jobId": "{single}", "button": "Custom Zoom", "prompt": " \n"}, 400, None),
]


@loop
@pytest.mark.parametrize(("body", "status", "sentence"), PRESSES)
async def test_presses(scene: Scene, body: dict[str, Any], status: int, sentence: Any) -> None:
    filled = {name: scene.named(value) for name, value in body.items()}
    await scene.refused("jobs/button", status, sentence, json=filled)


@loop
@pytest.mark.parametrize(
    ("parent", "button", "offered"),
    [
        ("grid", "U5", ["U1", "V4", "🔄"]),
        ("grid", "u1", ["U1", "V4", "🔄"]),
        ("grid", "Animate (Low motion)", ["U1", "V4", "🔄"]),
        ("single", "V1", ["Vary (Region)", "Custom Zoom", "⬅️"]),
        ("single", "Cancel Job", ["Vary (Region)", "Custom Zoom", "⬅️"]),
        ("single", "MJ::JOB::upsample::1", ["Vary (Region)"]),
        ("video", "V1", ["U1", "U4", "🔄"]),
    ],
)
async def test_a_button_that_is_not_offered(
    scene: Scene, parent: str, button: str, offered: list[str]
) -> None:
    body = {"jobId": scene.names[parent], "button": button}
    answer = await scene.refused("jobs/button", 400, None, json=body)
    said = answer.json()["error"]
    assert said.startswith(f"Button {button} is not available. {OFFERED}")
    assert set(offered) <= set(said.partition(OFFERED)[2].split(", "))


@loop
async def test_parents_of_a_seed(scene: Scene) -> None:
    told = {
        "failed": (400, 'Parent job status is "failed", must be "completed" to get seed'),
        "video": (400, 'Parent job type is "video", must be "image" to get seed'),
        "info": (400, 'Parent job type is not set, must be "image" to get seed'),
        "foreign": (404, "Parent job not found"),
        "nowhere": (404, "Parent job not found"),
    }
    for parent, (status, sentence) in told.items():
        body = {"jobId": scene.names[parent]}
        await scene.refused("jobs/seed", status, sentence, json=body)
    await scene.refused("jobs/seed", 400, "jobId is required", json={})


ACCOUNTS: list[tuple[dict[str, Any], str | None]] = [
    ({}, "Required parameter discord is missing or empty"),
    ({"discord": " \t"}, "Required parameter discord is missing or empty"),
    ({"discord": 5}, "Parameter discord must be a string"),
    ({"discord": "studio" + "x" * 510}, "Parameter discord must be at most 512 characters long"),
    ({"discord": "MTI.real.token"}, None),
    ({"discord": "studio-n", "maxJobs": 0}, "Parameter maxJobs must be between 1 and 15"),
    ({"discord": "studio-n", "maxJobs": 16}, "Parameter maxJobs must be between 1 and 15"),
    ({"discord": "studio-n", "maxJobs": "3"}, "Parameter maxJobs must be a whole number"),
    ({"discord": "studio-n", "maxJobs": True}, "Parameter maxJobs must be a whole number"),
    (
        {"discord": "studio-n", "maxImageJobs": 13},
        "Parameter maxImageJobs must be between 1 and 12",
    ),
    ({"discord": "studio-n", "maxVideoJobs": 1.5}, "Parameter maxVideoJobs must be a whole number"),
    (
        {"discord": "studio-n", "maxJobs": 2, "maxImageJobs": 3},
        "Parameter maxImageJobs must be at most maxJobs, which is 2",
    ),
    (
        {"discord": "studio-n", "replyUrl": "https://example.com/" + "x" * 2048},
        "Parameter replyUrl must be at most 2048 characters long",
    ),
    ({"discord": "studio-n", "replyUrl": "nowhere"}, None),
]


@loop
@pytest.mark.parametrize(("body", "sentence"), ACCOUNTS)
async def test_accounts(scene: Scene, body: dict[str, Any], sentence: str | None) -> None:
    before = (await scene.client.get(f"{V3}/accounts")).json()
    await scene.refused("accounts", 400, sentence, json=body)
    assert (await scene.client.get(f"{V3}/accounts")).json() == before


@loop
async def test_an_account_belongs_to_one_user(scene: Scene) -> None:
    async with wiring.offline(scene.calls.server.settings) as offline:
        other = Calls(scene.calls.server, await offline.people.create_token(3, "other"))
    answer = await scene.client.post(
        f"{V3}/accounts", json={"discord": "studio"}, headers=other.headers
    )
    assert answer.status_code == 400
    assert answer.json() == {"error": "This account is configured by another user"}
    for method, path in (
        ("GET", "accounts/{channel}"),
        ("DELETE", "accounts/{channel}"),
        ("POST", "accounts/reset/{channel}"),
    ):
        url = f"{V3}/{path}".format_map(scene.names)
        refused = await scene.client.request(method, url, headers=other.headers)
        assert (refused.status_code, refused.content) == (404, b"")
    challenge = f"{V3}/studio/{scene.names['channel']}/challenge"
    for method in ("POST", "DELETE"):
        refused = await scene.client.request(method, challenge, headers=other.headers)
        assert refused.status_code == 404
    assert (await scene.client.get(f"{V3}/accounts/{scene.names['channel']}")).status_code == 200


@loop
async def test_challenges(scene: Scene) -> None:
    path = f"studio/{scene.names['channel']}/challenge"
    sentence = "Parameter kind must be one of moderation, challenge"
    await scene.refused(path, 400, sentence, json={"kind": "riddle"})
    sentence = "Channel 123 not found or not configured"
    await scene.refused("studio/123/challenge", 404, sentence, json={})
