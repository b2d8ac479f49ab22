"""The door: what is passed on, and what is not."""

import contextlib
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from synergos.machines.keys import as_flower_has_it, make_certificate, make_key
from synergos.ttp import front
from synergos.ttp.front import Front
from synergos.ttp.server import listen, serve
from synergos.ttp.signals import Signals


class Inside:
    """What stands behind the door, and keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes, dict[bytes, bytes]]] = []
        self.messages: list[bytes] = []
        self.door: Front
        self.signals: Signals
        self.seen = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive()).get("body", b"")
        self.asked.append((scope["path"], body, dict(scope["headers"])))
        self.seen.set()
        is_pull = scope["path"].endswith("/pull-messages")
        answer = (self.messages.pop(0) if self.messages else b"") if is_pull else b"an answer"
        headers = [(b"content-type", b"application/protobuf"), (b"flwr-said", b"1"), (b"set-cookie", b"x=1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A participant's key, and somebody's."""
    folder = tmp_path_factory.mktemp("keys")
    return as_flower_has_it(make_key(folder / "known")), as_flower_has_it(make_key(folder / "unknown"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, keys: tuple[bytes, bytes]) -> Iterator[tuple[httpx.Client, Inside]]:
    folder: Path = tmp_path_factory.mktemp("tls")
    make_certificate(folder, ["127.0.0.1"])
    inside = Inside()
    with contextlib.ExitStack() as stack:
        certificate: Any = {"certificate": folder / "ttp.crt", "key": folder / "ttp.key"}
        behind, before = (stack.enter_context(listen("127.0.0.1", 0, "test")) for _ in range(2))
        serve(inside, behind, stack, name="inside", **certificate)
        door = Front(lambda: behind.getsockname()[1], str(folder / "ca.crt"), lambda: {keys[0]}, Signals())
        inside.door, inside.signals = door, door.signals
        serve(door, before, stack, name="door", **certificate)
        address = f"https://127.0.0.1:{before.getsockname()[1]}"
        client = httpx.Client(base_url=address, verify=_trusting(folder / "ca.crt"), timeout=60.0)
        yield stack.enter_context(client), inside


@pytest.fixture
def client(house: tuple[httpx.Client, Inside], keys: tuple[bytes, bytes]) -> httpx.Client:
    client, inside = house
    inside.asked.clear()
    inside.messages.clear()
    inside.seen.clear()
    client.headers["flwr-public-key"] = b64encode(keys[0]).decode()
    return client


@pytest.fixture
def inside(house: tuple[httpx.Client, Inside]) -> Inside:
    return house[1]


@pytest.mark.parametrize("path", sorted(path.decode() for path in front.PATHS if b"pull-messages" not in path))
def test_what_supernodes_ask_is_passed_on(client: httpx.Client, inside: Inside, path: str) -> None:
    answer = client.post(
        path, content=b"a question", headers={"flwr-signature": "s", "cookie": "secret", "x-other": "1"}
    )

    assert (answer.status_code, answer.content) == (200, b"an answer")
    ((asked, body, headers),) = inside.asked
    assert (asked, body, headers[b"flwr-signature"]) == (path, b"a question", b"s")
    assert not {b"cookie", b"x-other"} & set(headers)
    assert "set-cookie" not in answer.headers
    assert answer.headers["flwr-said"] == "1"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/docs",
        "/openapi.json",
        "/health",
        "/v1/control/start-run",
        "/v1/control/register-node",
        "/v1/runtime/acquire-task",
        "/v1/runtime/push-messages",
        "/v1/fleet/register-node",
        "/v1/fleet/unregister-node",
        "/v1/fleet/",
        "/v1/fleet/../control/start-run",
        "/v1/fleet/%2e%2e/control/start-run",
        "/v1/fleet/pull-messages/../../control/start-run",
        "/v1/fleet/pull-messages/",
        "//v1/fleet/pull-messages",
        "/v1/fleet/pull%2Dmessages",
        "/V1/fleet/pull-messages",
        "/v1/fleet/pull-messages?x=1",
        "/v1/fleet/pull-messages;x",
        "https://127.0.0.1:1/v1/control/start-run",
    ],
)
def test_nothing_else_is(client: httpx.Client, inside: Inside, path: str) -> None:
    # As it stands, which no client would send of itself.
    answer = client.post("/", content=b"x", extensions={"target": path.encode()})

    assert answer.status_code == 404
    assert not inside.asked


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_posts_are(client: httpx.Client, inside: Inside, method: str) -> None:
    assert client.request(method, "/v1/fleet/get-run").status_code == 405
    assert not inside.asked


@pytest.mark.parametrize("shown", ["unknown", "", "no base64!", "AAAA"])
def test_only_holders_of_known_keys_are(
    client: httpx.Client, inside: Inside, keys: tuple[bytes, bytes], shown: str
) -> None:
    client.headers["flwr-public-key"] = b64encode(keys[1]).decode() if shown == "unknown" else shown

    assert client.post("/v1/fleet/activate-node", content=b"x").status_code == 401
    assert not inside.asked


@pytest.mark.parametrize("is_told", [True, False], ids=["with its length", "in chunks"])
def test_a_body_that_is_too_large_is_refused(client: httpx.Client, inside: Inside, is_told: bool) -> None:
    piece = b"x" * (1 << 20)
    count = front.LARGEST // len(piece) + 1
    content: Any = piece * count if is_told else (piece for _ in range(count))

    with contextlib.suppress(httpx.WriteError, httpx.ReadError):
        assert client.post("/v1/fleet/push-object", content=content).status_code == 413
    assert not inside.asked


def test_a_question_for_messages_is_kept_until_there_is_one(client: httpx.Client, inside: Inside) -> None:
    def come() -> None:
        inside.seen.wait(30)
        inside.messages.append(b"a message")

    comes = threading.Thread(target=come)
    comes.start()

    answer = client.post("/v1/fleet/pull-messages", content=b"is there one?")

    comes.join()
    assert answer.content == b"a message"
    assert len(inside.asked) > 1
    assert {body for _, body, _ in inside.asked} == {b"is there one?"}


def test_a_question_is_answered_as_soon_as_there_is_a_message(
    client: httpx.Client, inside: Inside, keys: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without being told, it would look again in an hour.
    monkeypatch.setattr(front, "_LOOKS_EVERY", 3600.0)
    monkeypatch.setattr(front, "_KEPT_FOR", 3600.0)

    def come() -> None:
        inside.seen.wait(30)
        inside.messages.append(b"a message")
        inside.signals.sent({keys[0]})

    comes = threading.Thread(target=come)
    comes.start()

    answer = client.post("/v1/fleet/pull-messages", content=b"is there one?")

    comes.join()
    assert answer.content == b"a message"


def test_who_comes_for_a_message_has_delivered_its_reply_to_the_last(client: httpx.Client, inside: Inside) -> None:
    before = inside.signals.deliveries
    client.post("/v1/fleet/push-messages", content=b"a reply")
    assert inside.signals.deliveries == before
    inside.messages.append(b"the next")

    client.post("/v1/fleet/pull-messages", content=b"the next?")

    assert inside.signals.deliveries == before + 1


def test_a_question_that_nobody_waits_for_takes_no_message(client: httpx.Client, inside: Inside) -> None:
    with pytest.raises(httpx.ReadTimeout):
        client.post("/v1/fleet/pull-messages", content=b"gone", timeout=0.5)
    end = time.monotonic() + 30
    while inside.door.waiting and time.monotonic() < end:
        time.sleep(0.01)
    inside.messages.append(b"a message")

    answer = client.post("/v1/fleet/pull-messages", content=b"here")

    assert answer.content == b"a message"


def test_without_anybody_behind_it_it_says_so(tmp_path: Path, keys: tuple[bytes, bytes]) -> None:
    make_certificate(tmp_path, ["127.0.0.1"])
    door = Front(lambda: 0, str(tmp_path / "ca.crt"), lambda: {keys[0]}, Signals())
    with contextlib.ExitStack() as stack:
        before = stack.enter_context(listen("127.0.0.1", 0, "test"))
        serve(door, before, stack, name="door")
        url = f"http://127.0.0.1:{before.getsockname()[1]}/v1/fleet/get-run"

        answer = httpx.post(url, headers={"flwr-public-key": b64encode(keys[0]).decode()}, trust_env=False)

    assert answer.status_code == 503


def _trusting(ca: Path) -> Any:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    return context
