"""`heliograph listen` over a connection that breaks."""

import pytest
from starlette.responses import JSONResponse

from heliograph.cli import listen
from heliograph.cli.connect import Named
from heliograph.cli.ending import Quit
from heliograph.webhooks import signing
from tests.unit.client.scripted import EVENTS, Script, encoded


def test_what_happened_meanwhile_is_fetched_for_a_job_that_has_ended(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    # One answer for all: the secrets, the job as it is now, the receiver's.
    script.answer = JSONResponse({"secrets": [signing.new_secret()], "status": "completed"})
    script.streams = [encoded(EVENTS[1:3]), b": heartbeat\n\n", encoded(EVENTS[3:])]
    with pytest.raises(Quit):  # the script is played out
        listen.run(f"{script.url}/v3/midjourney/hook", Named(script.url, "secret-token"))
    told = [body for _, path, _, body in script.requests if path.endswith("/hook")]
    assert told == [event["job"] for event in EVENTS[1:]]
    assert "17" in script.asked("last-event-id")
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == len(told)
    assert "went away" in err
    assert "is back" in err


def test_a_wrong_token_is_told(script: Script) -> None:
    script.streams = [JSONResponse({"error": "Unauthorized"}, 401)]
    with pytest.raises(Quit, match="does not know this token"):
        listen.run(f"{script.url}/hook", Named(script.url, "wrong"))
