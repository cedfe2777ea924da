"""The parser of server-sent events takes any bytes, split anywhere."""

from hypothesis import given
from hypothesis import strategies as st

from heliograph.client import EventParser

TEXT = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
ENDS = st.sampled_from(["\n", "\r", "\r\n"])
MESSAGES = st.lists(st.tuples(st.lists(TEXT, min_size=1), st.none() | TEXT, st.none() | TEXT))


@given(MESSAGES, ENDS, st.booleans(), st.data())
def test_events_come_out_whole_wherever_the_chunks_are_split(
    messages: list[tuple[list[str], str | None, str | None]],
    end: str,
    mark: bool,
    data: st.DataObject,
) -> None:
    lines = []
    for texts, identity, comment in messages:
        lines += [] if comment is None else [f":{comment}", ""]
        lines += [] if identity is None else [f"id: {identity}"]
        lines += [*(f"data: {text}" for text in texts), ""]
    # The comment at the end lets a final CR be known as a whole line end.
    body = ("\ufeff" if mark else "").encode() + "".join(x + end for x in [*lines, ":"]).encode()
    cuts = data.draw(st.lists(st.integers(0, len(body))).map(sorted))
    parser = EventParser()
    bounds = zip([0, *cuts], [*cuts, len(body)], strict=True)
    found = [text for start, stop in bounds for text in parser.feed(body[start:stop])]
    assert found == ["\n".join(texts) for texts, _, _ in messages]
    assert parser.last_id == next((i for _, i, _ in reversed(messages) if i is not None), None)


@given(st.lists(st.binary()))
def test_the_parser_takes_any_bytes(chunks: list[bytes]) -> None:
    parser = EventParser()
    for chunk in chunks:
        assert all(isinstance(data, str) for data in parser.feed(chunk))
