"""The panel and the account's settings: what is shown is what is, and what is meant."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from heliograph.midjourney import panel as reader
from heliograph.midjourney.prompt import parameters
from heliograph.studio import panel
from heliograph.studio.preferences import Settings

SETTINGS = st.builds(
    Settings,
    version=st.sampled_from(panel.VERSIONS),
    stylize=st.sampled_from([50, 100, 250, 750]),
    mode=st.sampled_from(["fast", "relax", "turbo"]),
    strong_variations=st.booleans(),
    raw=st.booleans(),
    personalized=st.booleans(),
    stealth=st.booleans(),
    remix=st.booleans(),
    suffix=st.sampled_from(["", "--chaos 5", "--ar 3:2 --no dogs, cats"]),
)
BUTTONS = [
    button["custom_id"]
    for row in panel.rows(Settings())[1:]
    for button in row["components"]
    if not button["custom_id"].endswith("ResetSettings")
]


@given(SETTINGS)
def test_the_panel_shows_the_settings(settings: Settings) -> None:
    assert reader.read(panel.shown(settings), "settings") == {
        "version": settings.version,
        "stylize": settings.stylize,
        "raw": settings.raw,
        "personalization": settings.personalized,
        "public": not settings.stealth,
        "remix": settings.remix,
        "variability": settings.strong_variations,
        "turbo": settings.mode == "turbo",
        "fast": settings.mode == "fast",
        "relax": settings.mode == "relax",
        "suffix": settings.shown.strip(),
    }


@given(SETTINGS)
def test_the_suffix_that_is_shown_is_the_one_that_holds(settings: Settings) -> None:
    said = replace(settings.parameters, visibility=None)
    assert parameters(settings.shown) == said


@given(SETTINGS, st.lists(st.sampled_from(BUTTONS), min_size=1))
def test_presses_do_what_the_buttons_then_show(settings: Settings, presses: Sequence[str]) -> None:
    for custom_id in presses:
        change = panel.change(custom_id)
        assert change is not None
        settings = change(settings)
    lit = {
        button["custom_id"]
        for row in panel.rows(settings)[1:]
        for button in row["components"]
        if button["style"] == panel.ON
    }
    # Of each group of alternatives one is lit, and the last press on one of them says which.
    for group, many in (("Stylization", 1), ("HighVariabilityMode", 1)):
        assert len([name for name in lit if f"::{group}::" in name]) == many
    speeds = {f"{panel.PREFIX}{mode}Mode" for mode in ("Turbo", "Fast", "Relax")}
    assert len(lit & speeds) == 1
    last = next((name for name in reversed(presses) if name in speeds), None)
    assert last is None or last in lit


@given(SETTINGS)
def test_reset_forgets_everything(settings: Settings) -> None:
    change = panel.change(f"{panel.PREFIX}ResetSettings")
    assert change is not None
    assert change(settings) == Settings()


@given(st.text())
def test_what_is_no_control_changes_nothing(name: str) -> None:
    assert panel.change(name) is None
    assert panel.change(panel.VERSION_MENU, [name]) is None or name in ("default", *panel.VERSIONS)
