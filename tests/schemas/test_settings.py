"""Settings that cannot work are refused at the start, by name."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.errors import SettingsError
from schemas.settings import load_settings

ISSUER = {"sso_issuer": "https://login.example.com", "sso_client_id": "desk", "public_url": "https://desk.example.com"}


@pytest.mark.parametrize(
    "given",
    [
        {**ISSUER, "sso_issuer": "http://login.example.com", "sso_roles": {"leads": "supervisor"}},
        {**ISSUER, "sso_client_id": "", "sso_roles": {"leads": "supervisor"}},
        {**ISSUER, "public_url": "", "sso_roles": {"leads": "supervisor"}},
        ISSUER,
        {"sso_roles": {"leads": "boss"}},
    ],
)
def test_a_single_sign_on_that_cannot_work_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="CLEARDESK_SSO"):
        load_settings(**given)


def test_groups_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARDESK_SSO_ROLES", '{"CN=Leads,OU=Desk": "supervisor", "all": "reviewer"}')
    assert list(load_settings(**ISSUER).sso_roles.items()) == [("CN=Leads,OU=Desk", "supervisor"), ("all", "reviewer")]


def test_a_secret_is_never_shown() -> None:
    settings = load_settings(**ISSUER, sso_roles={"leads": "supervisor"}, sso_client_secret="hush")
    assert "hush" not in repr(settings) + str(settings.model_dump())
