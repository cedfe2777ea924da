"""Where settings come from, and that every fault is reported at once under the user's own name."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from heliograph.settings import Settings, SettingsFault, load, table


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "PATH": "/bin"}


def faults(flags: dict[str, Any], environ: dict[str, str], config: Path | None = None) -> list[str]:
    with pytest.raises(SettingsFault) as caught:
        load(flags, environ, config=config)
    return caught.value.faults


def written(folder: Path, text: str, name: str = "settings.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def test_without_anything_the_defaults_hold(environ: dict[str, str], tmp_path: Path) -> None:
    settings = load({}, environ)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.data == tmp_path / ".local" / "share" / "heliograph"
    assert settings.studio.painter == "composer"
    assert settings.database.synchronous == "FULL"
    assert (settings.token, settings.public_url, settings.studio.workers) == (None, None, None)


def test_a_flag_wins_over_the_environment_and_that_over_the_file(
    environ: dict[str, str], tmp_path: Path
) -> None:
    file = written(
        tmp_path, 'port = 1\nhost = "a"\npublic_url = "http://a"\n[log]\nlevel = "error"'
    )
    environ |= {"HELIOGRAPH_PORT": "2", "HELIOGRAPH_HOST": "b"}
    settings = load({"port": "3"}, environ, config=file)
    assert (settings.port, settings.host, settings.log.level) == (3, "b", "error")
    assert settings.public_url == "http://a"


def test_groups_are_joined_by_two_underscores(environ: dict[str, str]) -> None:
    environ |= {"HELIOGRAPH_STUDIO__PAINTER": "blank", "HELIOGRAPH_STUDIO__BLANK_SECONDS": "2.5"}
    studio = load({}, environ).studio
    assert (studio.painter, studio.blank_seconds) == ("blank", 2.5)


def test_one_group_may_come_from_several_places(environ: dict[str, str], tmp_path: Path) -> None:
    file = written(tmp_path, "[studio]\nworkers = 3\nblank_seconds = 1")
    environ |= {"HELIOGRAPH_STUDIO__BLANK_SECONDS": "2"}
    studio = load({"studio.painter": "blank"}, environ, config=file).studio
    assert (studio.painter, studio.blank_seconds, studio.workers) == ("blank", 2, 3)


def test_the_file_in_the_data_folder_is_read_without_being_named(
    environ: dict[str, str], tmp_path: Path
) -> None:
    written(tmp_path, "port = 5\n", "folder/heliograph.toml")
    assert load({"data": tmp_path / "folder"}, environ).port == 5
    environ["HELIOGRAPH_DATA"] = str(tmp_path / "folder")
    assert load({}, environ).port == 5


def test_that_file_can_not_name_another_data_folder(
    environ: dict[str, str], tmp_path: Path
) -> None:
    file = written(tmp_path, 'data = "/elsewhere"\n', "folder/heliograph.toml")
    assert faults({"data": tmp_path / "folder"}, environ) == [
        f"data in {file}: a file in the data folder can't name another one"
    ]


def test_the_environment_names_the_file(environ: dict[str, str], tmp_path: Path) -> None:
    environ["HELIOGRAPH_CONFIG"] = str(written(tmp_path, f'data = "{tmp_path}/there"\n'))
    assert load({}, environ).data == tmp_path / "there"


def test_an_empty_variable_is_not_set(environ: dict[str, str]) -> None:
    environ |= {"HELIOGRAPH_PORT": "", "HELIOGRAPH_TOKEN": ""}
    assert load({}, environ).port == 8080


def test_the_client_s_variable_is_no_fault(environ: dict[str, str]) -> None:
    environ["HELIOGRAPH_URL"] = "http://example.test"
    assert load({}, environ).port == 8080


def test_xdg_data_home_holds_when_it_is_absolute(environ: dict[str, str]) -> None:
    assert load({}, environ | {"XDG_DATA_HOME": "/x"}).data == Path("/x/heliograph")
    assert load({}, environ | {"XDG_DATA_HOME": "x"}).data != Path("x/heliograph")


def test_every_fault_is_reported_at_once(environ: dict[str, str], tmp_path: Path) -> None:
    text = 'prot = 3\n[studio]\npainter = "oil"\nidle_seconds = -1\n[log]\nlevel = "loud"\n'
    file = written(tmp_path, text)
    environ |= {
        "HELIOGRAPH_PRT": "1",
        "HELIOGRAPH_LIMITS__JSON_BYTES": "many",
        "HELIOGRAPH_TOKEN": "short",
    }
    found = faults({"port": "99999", "public_url": "ftp://x"}, environ, file)
    assert {fault.partition(": ")[0] for fault in found} == {
        "--port",
        "--public-url",
        "HELIOGRAPH_PRT",
        "HELIOGRAPH_LIMITS__JSON_BYTES",
        "HELIOGRAPH_TOKEN",
        f"prot in {file}",
        f"studio.painter in {file}",
        f"studio.idle_seconds in {file}",
        f"log.level in {file}",
    }
    assert len(found) == 9


def test_an_unknown_name_gets_a_hint_in_its_own_spelling(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ["HELIOGRAPH_STUDIO__PANTER"] = "blank"
    file = written(tmp_path, "hots = 1\n")
    assert faults({}, environ, file) == [
        "HELIOGRAPH_STUDIO__PANTER: there is no such setting"
        " (perhaps HELIOGRAPH_STUDIO__PAINTER was meant)",
        f"hots in {file}: there is no such setting (perhaps host was meant)",
    ]


def test_a_group_is_no_setting(environ: dict[str, str], tmp_path: Path) -> None:
    environ["HELIOGRAPH_STUDIO"] = "blank"
    file = written(tmp_path, "log = 1\n")
    assert faults({}, environ, file) == [
        "HELIOGRAPH_STUDIO: is a group of settings, not a setting",
        f"log in {file}: is a group of settings, not a setting",
    ]


@pytest.mark.parametrize("token", ["seven77", "with space", "täglich-neu", "line\nbreak"])
def test_a_wrong_token_is_not_shown(environ: dict[str, str], token: str) -> None:
    [fault] = faults({}, environ | {"HELIOGRAPH_TOKEN": token})
    assert fault.startswith("HELIOGRAPH_TOKEN: should be at least 8 printable")
    assert token not in fault


def test_a_token_is_not_shown_by_the_settings_either(environ: dict[str, str]) -> None:
    settings = load({}, environ | {"HELIOGRAPH_TOKEN": "hush-hush"})
    assert settings.token is not None
    assert settings.token.get_secret_value() == "hush-hush"
    assert "hush-hush" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://a.test/", "https://a.test"),
        ("http://a.test:81/b/", "http://a.test:81/b"),
    ],
)
def test_a_public_url_keeps_no_trailing_slash(
    environ: dict[str, str], given: str, kept: str
) -> None:
    assert load({"public_url": given}, environ).public_url == kept


@pytest.mark.parametrize(
    "url", ["a.test", "ftp://a.test", "http://", "http://a?b", "http://u:p@a", "http://a:x"]
)
def test_what_is_no_public_url(environ: dict[str, str], url: str) -> None:
    assert len(faults({"public_url": url}, environ)) == 1


@pytest.mark.parametrize(
    "line",
    [
        "port = true",
        "port = 1.5",
        "[studio]\nblank_seconds = nan",
        "[studio]\nupdate_seconds = 0",
        "[studio]\nworkers = 0",
        "[limits]\njson_bytes = [1]",
    ],
)
def test_what_is_no_number_here(environ: dict[str, str], tmp_path: Path, line: str) -> None:
    assert len(faults({}, environ, written(tmp_path, line))) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [(b"port = ", "is not TOML"), (b"port = '\xff'", "is not UTF-8"), (None, "no such")],
)
def test_a_file_that_can_not_be_read(
    environ: dict[str, str], tmp_path: Path, text: bytes | None, words: str
) -> None:
    file = tmp_path / "settings.toml"
    if text is not None:
        file.write_bytes(text)
    [fault] = faults({}, environ, file)
    assert fault.startswith(f"{file}: ")
    assert words in fault


def test_made_directly_they_read_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("HELIOGRAPH_PORT", "2")
    assert Settings().port == 8080


def test_the_table_names_every_setting_with_a_reason() -> None:
    rows = table().splitlines()[2:]
    groups = [field.annotation for field in Settings.model_fields.values()]
    inner = [
        len(group.model_fields) if isinstance(group, type) and issubclass(group, BaseModel) else 1
        for group in groups
    ]
    assert len(rows) == sum(inner)
    assert all(len(row.split(" | ")) == 5 and len(row.split(" | ")[4]) > 40 for row in rows)
    assert "| `studio.painter` | `HELIOGRAPH_STUDIO__PAINTER` | `--painter` | `composer` |" in (
        table()
    )


def test_the_readme_holds_that_table() -> None:
    readme = Path(__file__).resolve().parents[2] / "README.md"
    assert table() in readme.read_text("utf-8")


def test_mail_needs_a_sender_and_a_login_both_its_halves(environ: dict[str, str]) -> None:
    environ |= {"HELIOGRAPH_MAIL__HOST": "smtp.example.com", "HELIOGRAPH_MAIL__USERNAME": "ann"}
    assert faults({}, environ) == [
        "mail.password: is needed when mail.username is set",
        "mail.sender: is needed when mail.host is set",
    ]
    environ |= {
        "HELIOGRAPH_MAIL__PASSWORD": "correct horse",
        "HELIOGRAPH_MAIL__SENDER": "Ann Lee <ann@example.com>",
        "HELIOGRAPH_MAIL__TLS": "STARTTLS",
    }
    mail = load({}, environ).mail
    assert (mail.sender, mail.tls, mail.to) == ("Ann Lee <ann@example.com>", "starttls", None)
    assert "correct horse" not in f"{mail} {mail!r}"


def test_mail_addresses_are_addresses(environ: dict[str, str]) -> None:
    environ["HELIOGRAPH_MAIL__TO"] = "ann@example.com\nBcc: bob@example.com"
    sentence = "should be a mail address such as ann@example.com"
    assert faults({}, environ) == [f"HELIOGRAPH_MAIL__TO: {sentence}"]
