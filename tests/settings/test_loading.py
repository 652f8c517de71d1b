"""Flag > environment > pdsync.toml > default, and one clear message for everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from pdsync.errors import SettingsError
from pdsync.model import Side
from pdsync.settings import SETTINGS, PipedrivePlan, load_settings


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _toml(text: str, name: str = "pdsync.toml") -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_nothing_given_means_the_documented_defaults() -> None:
    """Without any source every setting has the default that the table names."""
    settings = load_settings(environment={})

    assert settings.mapping == Path("mappings/contacts.yaml")
    assert settings.state == Path(".pdsync")
    assert settings.pipedrive.url == "https://api.pipedrive.com"
    assert set(settings.origins.values()) == {"default"}
    assert set(settings.origins) == {setting.key for setting in SETTINGS}


def test_a_flag_beats_the_environment_which_beats_the_file() -> None:
    """The order of design 3, one source at a time."""
    _toml('state = "from-file"\n')
    environment = {"PDSYNC_STATE": "from-environment"}

    assert load_settings(environment={}).state == Path("from-file")
    assert load_settings(environment=environment).state == Path("from-environment")
    flagged = load_settings({"state": "from-flag"}, environment=environment)
    assert flagged.state == Path("from-flag")
    assert flagged.origins["state"] == "--state"


def test_a_flag_that_was_not_given_is_no_flag() -> None:
    """None from the command line leaves the next source its say."""
    assert load_settings({"state": None}, environment={"PDSYNC_STATE": "here"}).state == Path("here")


def test_sections_belong_to_the_sides() -> None:
    """[pipedrive] and [plezi] hold what each side needs, typed."""
    _toml(
        '[pipedrive]\nurl = "acme.pipedrive.com"\nplan = "Ultimate"\nseats = 12\n[plezi]\ntenant = "Acme"\n'
    )

    settings = load_settings(environment={})

    assert settings.pipedrive.url == "https://acme.pipedrive.com"
    assert settings.pipedrive.plan is PipedrivePlan.ULTIMATE
    assert settings.pipedrive.seats == 12
    assert settings.plezi.tenant == "Acme"
    assert settings.on(Side.PLEZI) is settings.plezi


def test_a_path_in_a_file_counts_from_that_file() -> None:
    """A settings file elsewhere names its neighbours, whatever the current folder is."""
    file = _toml('mapping = "m.yaml"\n', "elsewhere/pdsync.toml")

    assert load_settings(environment={}, config=file).mapping == Path("elsewhere/m.yaml")
    assert load_settings(environment={"PDSYNC_CONFIG": str(file)}).mapping == Path("elsewhere/m.yaml")
    assert load_settings(environment={"PDSYNC_MAPPING": "m.yaml"}, config=file).mapping == Path("m.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('mappings = "x"', "unknown setting 'mappings'; did you mean 'mapping'?"),
        ('[pipedrive]\nurls = "x"', "unknown setting 'pipedrive.urls'; did you mean 'pipedrive.url'?"),
        ("[pipedriv]\nseats = 1", "unknown setting 'pipedriv'; did you mean 'pipedrive'?"),
        ("[pipedrive]\nseats = 0", "pipedrive.seats (pdsync.toml): 0 is not a whole number from 1"),
        ("[pipedrive]\nseats = [1]", "pipedrive.seats (pdsync.toml): [1] is not a single value"),
        ('[pipedrive]\nplan = "gold"', "'gold' is not one of lite, growth, premium, ultimate"),
        ('read_only = "perhaps"', "read_only (pdsync.toml): 'perhaps' is not true or false"),
        ('[pipedrive]\nurl = "http://acme.pipedrive.com"', "is not an https address"),
        ('[pipedrive]\nurl = "ftp://acme.pipedrive.com"', "is not an address such as"),
        ("mapping = [", "is not TOML"),
    ],
)
def test_a_wrong_file_is_one_message(text: str, message: str) -> None:
    """Unknown keys and wrong values name the key, the place and what is expected."""
    _toml(text)

    with pytest.raises(SettingsError) as caught:
        load_settings(environment={})

    assert message in caught.value.message
    assert caught.value.untouched == "Nothing was read or written."


@pytest.mark.parametrize("setting", [setting for setting in SETTINGS if setting.secret], ids=lambda s: s.key)
def test_a_token_in_the_file_is_refused_with_the_reason(setting: object) -> None:
    """Files get committed: no token is ever read from one, and the message does not repeat it."""
    key = str(getattr(setting, "key", ""))
    section, name = key.split(".")
    _toml(f'[{section}]\n{name} = "0123456789abcdef"\n')

    with pytest.raises(SettingsError) as caught:
        load_settings(environment={})

    assert "may not stand in a file, because files get copied" in str(caught.value)
    assert "0123456789abcdef" not in str(caught.value)


def test_a_named_file_must_exist() -> None:
    """--config FILE with a typing error must not fall back to defaults."""
    with pytest.raises(SettingsError, match=r"nowhere\.toml cannot be read: No such file"):
        load_settings(environment={}, config=Path("nowhere.toml"))


def test_a_misspelt_variable_is_an_error_with_a_suggestion() -> None:
    """A silently ignored PDSYNC_PIPEDRIVE_URI would read another account."""
    with pytest.raises(SettingsError, match=r"PDSYNC_PIPEDRIVE_URI; did you mean 'PDSYNC_PIPEDRIVE_URL'\?"):
        load_settings(environment={"PDSYNC_PIPEDRIVE_URI": "https://acme.pipedrive.com"})


def test_variables_of_other_programs_are_left_alone() -> None:
    """The sandbox reads variables of its own."""
    load_settings(environment={"PDSYNC_SANDBOX_PIPEDRIVE_TOKEN": "x", "PDSYNC_OPENAPI_DIR": "x"})


def test_a_settings_file_cannot_send_the_token_to_a_foreign_host() -> None:
    """A folder from somebody else may hold a pdsync.toml; the token in the environment is yours."""
    _toml('[pipedrive]\nurl = "https://acme-pipedrive.com"\n')

    with pytest.raises(SettingsError, match=r"names acme-pipedrive\.com, which is not Pipedrive's"):
        load_settings(environment={"PDSYNC_PIPEDRIVE_TOKEN": "x"})


def test_a_foreign_host_is_fine_when_the_person_names_it() -> None:
    """A proxy of one's own is named in the environment."""
    settings = load_settings(environment={"PDSYNC_PIPEDRIVE_URL": "https://proxy.example.com/"})

    assert settings.pipedrive.url == "https://proxy.example.com"


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"])
def test_http_is_for_this_machine(host: str) -> None:
    """The sandbox speaks http on loopback, also from a settings file."""
    _toml(f'[pipedrive]\nurl = "http://{host}"\n')

    assert load_settings(environment={}).pipedrive.url == f"http://{host}"


def test_an_address_with_a_password_is_refused_and_not_repeated() -> None:
    """user:password@ in an address would end up in messages and logs."""
    with pytest.raises(SettingsError) as caught:
        load_settings(environment={"PDSYNC_PIPEDRIVE_URL": "https://me:hunter2@acme.pipedrive.com"})

    assert "hunter2" not in str(caught.value)


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    """Frozen: what doctor shows is what every part uses."""
    settings = load_settings(environment={})

    with pytest.raises(AttributeError):
        settings.state = Path("other")  # type: ignore[misc]
