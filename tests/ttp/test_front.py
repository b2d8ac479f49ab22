"""The door: what is passed on, and what is not."""

import contextlib
import select
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from starlette.types import Receive, Scope, Send

from synergos.machines import keys as keys_module
from synergos.machines.keys import as_flower_has_it, make_certificate, make_key
from synergos.ttp import front
from synergos.ttp.front import Front
from synergos.ttp.gate import MOST_OF_ONE, Gate
from synergos.ttp.server import listen, serve
from synergos.ttp.signals import Signals


class Inside:
    """What stands behind the door, and keeps what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, bytes, dict[bytes, bytes]]] = []
        self.messages: list[bytes] = []
        self.refusals: list[int] = []
        self.known: set[bytes] = set()
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
        status = self.refusals.pop(0) if self.refusals and not is_pull else 200
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer})


Keys = tuple[Path, Path]
House = tuple[httpx.Client, Inside, "Door"]


@dataclass(frozen=True)
class Door:
    """Where somebody comes who is no client of HTTP."""

    port: int
    ca: Path
    gate: Gate

    def knock(self) -> socket.socket:
        """Connect, and say nothing."""
        return socket.create_connection(("127.0.0.1", self.port), 60)

    def shake_hands(self) -> ssl.SSLSocket:
        """Connect, and speak TLS."""
        return _trusting(self.ca).wrap_socket(self.knock(), server_hostname="127.0.0.1")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """A participant's key, and somebody's."""
    folder = tmp_path_factory.mktemp("keys")
    for name in ("known", "unknown"):
        make_key(folder / name)
    return folder / "known", folder / "unknown"


def public_of(key: Path) -> bytes:
    return as_flower_has_it(keys_module.public_of(key))


def signed(key: Path, at: str = "") -> dict[str, str]:
    """The headers by which Flower's SuperNodes say who they are."""
    private = load_ssh_private_key(key.read_bytes(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    at = at or datetime.now(UTC).isoformat()
    signature = private.sign(at.encode(), ec.ECDSA(hashes.SHA256()))
    return {
        "flwr-public-key": b64encode(public_of(key)).decode(),
        "flwr-timestamp": at,
        "flwr-signature": b64encode(signature).decode(),
    }


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, keys: Keys) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("tls")
    make_certificate(folder, ["127.0.0.1"])
    inside = Inside()
    with contextlib.ExitStack() as stack:
        certificate: Any = {"certificate": folder / "ttp.crt", "key": folder / "ttp.key"}
        behind = stack.enter_context(listen("127.0.0.1", 0, "test"))
        gate = stack.enter_context(Gate(listen("127.0.0.1", 0, "test"), most=8, seconds=3.0))
        serve(inside, behind, stack, name="inside", **certificate)
        front_ = Front(lambda: behind.getsockname()[1], str(folder / "ca.crt"), lambda: inside.known, Signals(), gate)
        inside.door, inside.signals = front_, front_.signals
        serve(front_, gate, stack, name="door", **certificate, is_door=True)
        port = gate.getsockname()[1]
        client = httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=_trusting(folder / "ca.crt"), timeout=60.0)
        yield stack.enter_context(client), inside, Door(port, folder / "ca.crt", gate)


@pytest.fixture
def client(house: House, keys: Keys) -> httpx.Client:
    client, inside, _ = house
    inside.asked.clear()
    inside.messages.clear()
    inside.refusals.clear()
    inside.seen.clear()
    inside.known = {public_of(keys[0])}
    client.headers.update(signed(keys[0]))
    return client


@pytest.fixture
def door(house: House, client: httpx.Client) -> Door:
    return house[2]


@pytest.fixture
def inside(house: House) -> Inside:
    return house[1]


@pytest.mark.parametrize("path", sorted(path.decode() for path in front.PATHS if b"pull-messages" not in path))
def test_what_supernodes_ask_is_passed_on(client: httpx.Client, inside: Inside, path: str) -> None:
    answer = client.post(path, content=b"a question", headers={"flwr-other": "s", "cookie": "secret", "x-other": "1"})

    assert (answer.status_code, answer.content) == (200, b"an answer")
    ((asked, body, headers),) = inside.asked
    assert (asked, body, headers[b"flwr-other"]) == (path, b"a question", b"s")
    assert {b"flwr-public-key", b"flwr-timestamp", b"flwr-signature"} <= headers.keys()
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


@pytest.mark.parametrize(
    "shown",
    [
        {"flwr-public-key": ""},
        {"flwr-public-key": "no base64!"},
        {"flwr-public-key": "AAAA"},
        {"flwr-signature": ""},
        {"flwr-signature": "AAAA"},
        {"flwr-timestamp": "now"},
        {"flwr-timestamp": "2026-01-01T00:00:00+00:00"},
    ],
)
def test_only_who_signs_with_a_known_key_is(client: httpx.Client, inside: Inside, shown: dict[str, str]) -> None:
    client.headers.update(shown)

    assert client.post("/v1/fleet/activate-node", content=b"x").status_code == 401
    assert not inside.asked


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_signature_counts_for_a_short_while(client: httpx.Client, inside: Inside, keys: Keys, minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    client.headers.update(signed(keys[0], at.isoformat()))

    assert client.post("/v1/fleet/activate-node", content=b"x").status_code == 401
    assert not inside.asked


def test_who_is_not_known_is_not(client: httpx.Client, inside: Inside, keys: Keys) -> None:
    client.headers.update(signed(keys[1]))
    assert client.post("/v1/fleet/activate-node", content=b"x").status_code == 401
    # Another's key, which is no secret, beside a signature of one's own.
    client.headers["flwr-public-key"] = b64encode(public_of(keys[0])).decode()
    assert client.post("/v1/fleet/activate-node", content=b"x").status_code == 401
    assert not inside.asked


def test_who_is_no_longer_known_is_thrown_out(client: httpx.Client, inside: Inside) -> None:
    def forget() -> None:
        inside.seen.wait(30)
        inside.known = set()

    forgets = threading.Thread(target=forget)
    forgets.start()

    answer = client.post("/v1/fleet/pull-messages", content=b"is there one?")

    forgets.join()
    assert answer.status_code == 401
    assert len(inside.asked) < 5
    assert client.post("/v1/fleet/push-messages", content=b"x").status_code == 401


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
    client: httpx.Client, inside: Inside, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without being told, it would look again in an hour.
    monkeypatch.setattr(front, "_LOOKS_EVERY", 3600.0)
    monkeypatch.setattr(front, "_KEPT_FOR", 3600.0)

    def come() -> None:
        inside.seen.wait(30)
        inside.messages.append(b"a message")
        inside.signals.sent({public_of(keys[0])})

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


def test_without_anybody_behind_it_it_says_so(tmp_path: Path, keys: Keys) -> None:
    make_certificate(tmp_path, ["127.0.0.1"])
    door = Front(lambda: 0, str(tmp_path / "ca.crt"), lambda: {public_of(keys[0])}, Signals())
    with contextlib.ExitStack() as stack:
        before = stack.enter_context(listen("127.0.0.1", 0, "test"))
        serve(door, before, stack, name="door")
        url = f"http://127.0.0.1:{before.getsockname()[1]}/v1/fleet/get-run"

        answer = httpx.post(url, headers=signed(keys[0]), trust_env=False)

    assert answer.status_code == 503


class TestActivation:
    """A SuperNode that crashed comes again."""

    def come_in(self, client: httpx.Client, inside: Inside) -> list[str]:
        """Come in twice, and return what was asked inside at the second time."""
        assert client.post("/v1/fleet/activate-node", content=b"first").status_code == 200
        client.post("/v1/fleet/get-run", content=b"at work")
        inside.asked.clear()
        inside.refusals[:] = [409]
        assert client.post("/v1/fleet/activate-node", content=b"again").status_code == 200
        return [f"{path.rpartition('/')[2]} {body.decode(errors='replace')}" for path, body, _ in inside.asked]

    @pytest.fixture(autouse=True)
    def node(self, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(front, "deactivation", lambda activated: b"of " + activated)

    def test_a_connection_that_was_cut_off_is_taken_back_by_who_made_it(
        self, client: httpx.Client, inside: Inside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(front, "_SILENT_FOR", 0.3)

        asked = self.come_in(client, inside)

        assert asked == ["activate-node again", "deactivate-node of an answer", "activate-node again"]
        *_, (_, _, headers) = inside.asked
        assert {b"flwr-public-key", b"flwr-timestamp", b"flwr-signature"} <= headers.keys()

    def test_who_stopped_waiting_for_a_message_is_gone_at_once(self, client: httpx.Client, inside: Inside) -> None:
        assert client.post("/v1/fleet/activate-node", content=b"first").status_code == 200
        with pytest.raises(httpx.ReadTimeout):
            client.post("/v1/fleet/pull-messages", content=b"gone", timeout=0.5)
        inside.refusals[:] = [409]

        assert client.post("/v1/fleet/activate-node", content=b"again", timeout=15.0).status_code == 200

    def test_who_is_there_is_not_put_out(
        self, client: httpx.Client, inside: Inside, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(front, "_KEPT_FOR", 1.0)
        assert client.post("/v1/fleet/activate-node", content=b"first").status_code == 200
        client.post("/v1/fleet/get-run", content=b"at work")
        inside.asked.clear()
        inside.refusals[:] = [409]

        assert client.post("/v1/fleet/activate-node", content=b"another").status_code == 409
        assert [path for path, _, _ in inside.asked] == ["/v1/fleet/activate-node"]


class TestStrangers:
    """They cost connections, and nobody else's."""

    @pytest.mark.parametrize("says", ["nothing", "hello", "half a request"])
    def test_however_many_there_are_participants_come_in(
        self, client: httpx.Client, door: Door, inside: Inside, says: str
    ) -> None:
        with contextlib.ExitStack() as stack:
            for _ in range(40):
                if says == "nothing":
                    stack.enter_context(door.knock())
                else:
                    stranger = stack.enter_context(door.shake_hands())
                    stranger.sendall(b"" if says == "hello" else b"POST /v1/fleet/get-run HTTP/1.1\r\nhost: x\r\nx-")

            assert client.post("/v1/fleet/get-run", content=b"x").status_code == 200

    def test_a_participant_that_is_in_stays_in(self, client: httpx.Client, door: Door, inside: Inside) -> None:
        def crowd() -> None:
            inside.seen.wait(30)
            with contextlib.ExitStack() as stack:
                for _ in range(40):
                    stack.enter_context(door.knock())
                inside.messages.append(b"a message")
                answered.wait(30)

        answered = threading.Event()
        thread = threading.Thread(target=crowd)
        thread.start()

        answer = client.post("/v1/fleet/pull-messages", content=b"is there one?")

        answered.set()
        thread.join()
        assert answer.content == b"a message"

    @pytest.mark.parametrize("says", ["nothing", "hello", "one letter after another"])
    def test_who_does_not_show_a_key_is_turned_away(self, door: Door, says: str) -> None:
        with door.knock() if says == "nothing" else door.shake_hands() as stranger:
            stranger.settimeout(0.2)
            said = b""
            for _ in range(300):
                if says == "one letter after another":
                    with contextlib.suppress(OSError):
                        stranger.send(b"P")
                try:
                    said = stranger.recv(100)
                except TimeoutError:
                    continue
                except OSError:
                    pass
                break
            else:
                pytest.fail("it was not turned away")
            assert b"200" not in said

    def test_headers_without_an_end_are_refused(self, door: Door, inside: Inside) -> None:
        with door.shake_hands() as stranger, contextlib.suppress(OSError):
            stranger.sendall(b"POST /v1/fleet/get-run HTTP/1.1\r\nhost: x\r\n")
            for _ in range(2000):
                stranger.sendall(b"x-more: " + b"y" * 1000 + b"\r\n")
            pytest.fail("two megabytes of headers were taken")
        assert not [path for path, _, _ in inside.asked if not path.endswith("pull-messages")]

    def test_a_body_of_who_shows_no_key_is_not_read(self, door: Door, inside: Inside) -> None:
        with door.shake_hands() as stranger:
            stranger.sendall(b"POST /v1/fleet/push-object HTTP/1.1\r\nhost: x\r\ncontent-length: 30000000\r\n\r\nx")

            assert stranger.recv(100).startswith(b"HTTP/1.1 401")
        assert not [path for path, _, _ in inside.asked if not path.endswith("pull-messages")]

    def test_a_key_that_keeps_too_many_connections_is_refused_more(
        self, client: httpx.Client, door: Door, inside: Inside, keys: Keys
    ) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in signed(keys[0]).items())
        request = f"POST /v1/fleet/pull-messages HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n{head}\r\n".encode()
        with contextlib.ExitStack() as stack:
            greedy = []
            for number in range(MOST_OF_ONE + 4):
                greedy.append(stack.enter_context(door.shake_hands()))
                greedy[-1].sendall(request)
                if number == 0:
                    assert inside.seen.wait(30)
            said = [select.select([one], [], [], 5.0)[0] and one.recv(100) for one in greedy[-2:]]

        assert all(one and one.startswith(b"HTTP/1.1 429") for one in said)

    def test_a_body_that_does_not_come_is_not_waited_for(
        self, client: httpx.Client, door: Door, inside: Inside, keys: Keys, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(front, "_PIECE_WITHIN", 0.3)
        head = "".join(f"{name}: {value}\r\n" for name, value in signed(keys[0]).items())
        with door.shake_hands() as slow:
            slow.sendall(f"POST /v1/fleet/push-object HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n{head}\r\nx".encode())

            assert slow.recv(100).startswith(b"HTTP/1.1 408")
        assert not [path for path, _, _ in inside.asked if not path.endswith("pull-messages")]


def _trusting(ca: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    return context
