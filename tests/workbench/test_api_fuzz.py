"""schemathesis invents requests from the API's own schema, as every kind of machine: nothing breaks, all is as described."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance, unsupported_method

from schemas.roles import TokenAction
from tasks.administration import Administrator
from tasks.desk import Desk
from tasks.rate_limit import RateLimit
from tasks.tokens import make_token
from tests.given import process_of, ready_documents
from tests.workbench.scene import in_review, printed_invoice
from workbench.problems import API

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ROOT = Administrator("root", None)
EXAMPLES = 8  # a route and machine; `make test-slow` tries more
MANY = 120
ELSEWHERE = [
    ignored_auth,  # `test_api` walks the door
    unsupported_method,
    positive_data_acceptance,  # a file part has a file name, which OpenAPI cannot say
]


def machines(desk: Desk) -> dict[str, str]:
    """A token good for everything, one for each single action, another client's, and none."""
    process_of(desk, client="umbra")
    made = {"all": tuple(TokenAction), **{action: (action,) for action in TokenAction}}

    def token(client: str, actions: tuple[TokenAction, ...]) -> str:
        return make_token(desk, ROOT, name="fuzz", client_id=client, processes=(), actions=actions, days=1)

    tokens = {name: token("acme", actions) for name, actions in made.items()}
    return {**tokens, "foreign": token("umbra", tuple(TokenAction)), "nobody": "guessed"}


@pytest.fixture
def tokens(desk: Desk, app: FastAPI) -> dict[str, str]:
    definition = process_of(desk)
    ready_documents(desk, definition, 2)
    in_review(desk, definition, *printed_invoice())
    app.state.rate_limit = RateLimit(desk.store, 1_000_000)
    return machines(desk)


def try_out(app: FastAPI, tokens: dict[str, str], examples: int) -> int:
    """Send invented requests to every route as every machine; returns how many. Raises what a check finds."""
    schema = schemathesis.openapi.from_asgi(f"{API}/v1/openapi.json", app)
    operations = [found.ok() for found in schema.get_all_operations()]
    return sum(invented(each, token, examples) for each in operations for token in tokens.values())


def invented(operation: Any, token: str, examples: int) -> int:
    sent = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def send(case: Any) -> None:
        nonlocal sent
        sent += 1
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(response, excluded_checks=ELSEWHERE)
        assert response.status_code < 500

    send()
    return sent


def test_no_invented_request_breaks_the_api(app: FastAPI, tokens: dict[str, str]) -> None:
    assert try_out(app, tokens, EXAMPLES) > 100


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_invented_request_breaks_the_api_however_many(app: FastAPI, tokens: dict[str, str]) -> None:
    assert try_out(app, tokens, MANY) > 1000
