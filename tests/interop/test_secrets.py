"""Secrets in a file go nowhere; where they stood is told."""

import json
from typing import Any

import pytest

from tests.interop import agents
from tests.interop.agents import Agent
from tests.interop.reading import node_of, read
from weft.graphs.documents import to_bytes
from weft.graphs.secrets import REMOVED, cut_secrets
from weft.interop.autogpt.secrets import without_secrets
from weft.interop.types import Imported, Kind
from weft.sdk import Catalog

CANARY = "canary-51d0f2b8"


def holds_canary(imported: Imported) -> bool:
    """Whether anything that is stored or shown holds the canary."""
    contents = b"".join(to_bytes(graph.content) for graph in imported.graphs)
    reports = repr([(graph.nodes, graph.to_connect, graph.notes) for graph in imported.graphs])
    return CANARY.encode() in contents or CANARY in reports


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"api_key": CANARY}, "api_key"),
        ({"apiKey": CANARY}, "apiKey"),
        ({"X-Api-Key": CANARY}, "X-Api-Key"),
        ({"headers": {"Authorization": f"Bearer {CANARY}"}}, "headers.Authorization"),
        ({"headers_#_Authorization": CANARY}, '["headers_#_Authorization"]'),
        ({"credentials": {"id": CANARY, "provider": "github", "title": CANARY}}, "credentials"),
        ({"github_credentials": CANARY}, "github_credentials"),
        ({"accounts": [{"user": "ada", "password": CANARY}]}, "accounts[0].password"),
        ({"PASSWORD": 51}, "PASSWORD"),
        ({"key": "api_key", "value": CANARY}, "value"),
        ({"fields": [{"name": "Access Token", "value": CANARY}]}, "fields[0].value"),
        ({"schema": {"secret": True, "default": CANARY}}, "schema.default"),
        ({"token": [CANARY]}, "token"),
        ({"client_secret": {"now": CANARY}}, "client_secret"),
    ],
)
def test_what_stands_under_the_name_of_a_secret_is_left_out(values: dict[str, Any], name: str) -> None:
    cleaned, removed = without_secrets(values)

    assert CANARY not in json.dumps(cleaned)
    assert [one.name for one in removed] == [name]
    assert CANARY not in repr(removed)


def test_the_provider_of_a_credential_is_told() -> None:
    _, (removed,) = without_secrets({"credentials": {"id": CANARY, "provider": "github"}})

    assert (removed.kind, removed.provider) == (Kind.CREDENTIALS, "github")


def test_a_provider_that_is_no_plain_word_is_not_told() -> None:
    _, (removed,) = without_secrets({"credentials": {"provider": f"see {CANARY}!"}})

    assert removed.provider is None


@pytest.mark.parametrize(
    "values",
    [
        {"max_tokens": 500, "tokens": "1200"},
        {"secret": True, "credentials_optional": False},
        {"password": "", "token": None, "api_key": [], "credentials": {}},
        {"key": "colour", "value": "red"},
        {"prompt": "Basic responsibilities-of-a-secretary: keep tokens, cookies and passwords safe"},
        {"url": "https://example.com/a?page=2&key=fruit"},
        {"text": "sk-learn-is-a-library-for-machine-learning"},
    ],
)
def test_what_opens_nothing_is_kept(values: dict[str, Any]) -> None:
    assert without_secrets(values) == (values, [])


SECRET_LOOKS = [
    "sk-" + "proj-Ab3dEf6hIj9kLm2n",
    "sk_live" + "_4eC39HqLyjWDarjtT1",
    "ghp" + "_16C7e42F292c6912E7710c838347Ae178B4a",
    "github_pat" + "_11ABCDEFG0abcdefghijkl_mnop",
    "glpat" + "-abcdefghij0123456789",
    "xoxb" + "-123456789012-abcdefghijkl",
    "hf" + "_abcdefghijklmnopqrstuvwxyz",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "AIza" + "SyA1234567890abcdefghijklmnopqrstu",
    "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxIn0" + ".c2lnbmF0dXJl",
    "Bearer" + " abcdef0123456789abcdef",
    "-----BEGIN RSA PRIVATE " + "KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", SECRET_LOOKS, ids=lambda secret: secret[:12])
def test_what_looks_like_a_secret_is_cut_out_of_any_text(secret: str) -> None:
    cleaned, removed = without_secrets({"format": f"Say ({secret}) twice"})

    assert cleaned == {"format": f"Say ({REMOVED}) twice"}
    assert [(one.kind, one.name) for one in removed] == [(Kind.SECRET, "format")]


def test_a_password_in_an_address_is_cut_out_and_the_address_stays() -> None:
    assert cut_secrets("postgres://ada:pa55@db.example.com/x") == f"postgres://{REMOVED}@db.example.com/x"
    assert cut_secrets("https://example.com/?api_key=abc&page=1") == f"https://example.com/?{REMOVED}&page=1"


@pytest.mark.parametrize("piece", ["ey", "ey-", "sk-1", "-----BEGIN PRIVATE KEY-----", "://a:", "Bearer ", "?token="])
def test_looking_for_secrets_takes_time_in_proportion_to_the_text(piece: str) -> None:
    assert len(cut_secrets(piece * 200_000)) > 0


def test_an_input_for_a_secret_loses_its_value_and_is_masked(catalog: Catalog) -> None:
    agent = Agent()
    agent.node("said", agents.INPUT, name="anything", value=CANARY, secret=True)
    agent.node("named", agents.INPUT, name="Stripe API key", value=CANARY)
    agent.node("called", agents.STORE_VALUE, metadata={"customized_name": "My password"}, input="go", data=CANARY)

    imported = read(agent, catalog)

    content = imported.main.content
    assert node_of(content, "said").input_default == {"name": "anything", "masked": True}
    assert node_of(content, "named").input_default == {"name": "Stripe API key", "masked": True}
    assert node_of(content, "called").input_default == {"input": "go"}
    assert [(one.kind, one.node_id, one.name) for one in imported.main.to_connect] == [
        (Kind.SECRET, "said", "value"),
        (Kind.SECRET, "named", "value"),
        (Kind.SECRET, "called", "data"),
    ]


@pytest.mark.parametrize("says_so", ["the agent", "the node"])
@pytest.mark.parametrize("group", ["inputs", "data"])
def test_what_a_node_gives_to_a_secret_input_of_an_agent_is_left_out(
    says_so: str, group: str, catalog: Catalog
) -> None:
    child = Agent("Child", id="b8f2c0de-0000-4000-8000-0000000000c2")
    child.node("pin", agents.INPUT, name="pin code", secret=says_so == "the agent")
    schema = {"properties": {"pin code": {"secret": says_so == "the node"}}}
    agent = Agent(sub_graphs=[child.document()])
    agent.node(
        "run", agents.RUN_AGENT, {group: {"pin code": CANARY, "word": "a"}}, graph_id=child.id, input_schema=schema
    )

    imported = read(agent, catalog)

    assert not holds_canary(imported)
    assert [one.name for one in imported.main.to_connect] == [f"{group}.pin code"]


def test_no_corner_of_a_file_leads_a_secret_into_the_graph_or_the_report(catalog: Catalog) -> None:
    child = Agent("Child", id="b8f2c0de-0000-4000-8000-0000000000c1")
    child.node("key", agents.INPUT, name="pin code", value=CANARY, secret=True)
    agent = Agent(sub_graphs=[child.document()])
    agent.node("ai", agents.TEXT_GENERATOR, prompt="Hi", credentials={"id": CANARY, "provider": "openai"})
    agent.node(
        "run",
        agents.RUN_AGENT,
        graph_id=child.id,
        graph_version=1,
        inputs={"pin code": CANARY, "password": CANARY},
        input_schema={"properties": {"pin code": {"secret": True, "default": CANARY}}},
        nodes_input_masks={"key": {"value": CANARY}},
    )
    agent.node("hook", agents.NOWHERE, metadata={"notes": CANARY, "customized_name": "Hook"})
    agent.nodes[-1] |= {"webhook_id": CANARY, "webhook": {"secret": CANARY}}
    agent.extra = {
        "credentials_input_schema": {"properties": {"x_credentials": {"credentials_provider": ["openai", "github"]}}},
        "input_schema": {"properties": {"x": {"default": CANARY}}},
        "trigger_setup_info": {"provider": "github", "config_schema": {"default": CANARY}},
        "recommended_schedule_cron": "0 9 * * *",
    }
    agent.link("ai.error", "hook.text")

    imported = read(agent, catalog)

    assert CANARY in json.dumps(agent.document())
    assert not holds_canary(imported)
    told = {(one.kind, one.node_id, one.name, one.provider) for one in imported.main.to_connect}
    assert told >= {
        (Kind.CREDENTIALS, "ai", "credentials", "openai"),
        (Kind.CREDENTIALS, None, "x_credentials", "github"),
        (Kind.SECRET, "run", "inputs.password", None),
        (Kind.WEBHOOK, "hook", None, None),
        (Kind.WEBHOOK, None, None, "github"),
        (Kind.SCHEDULE, None, "0 9 * * *", None),
    }
