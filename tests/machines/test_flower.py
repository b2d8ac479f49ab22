"""What of Flower's insides is used: each is named here, so that a release that moved one fails at once, and here."""

import ast
import inspect
import re
import tomllib
from base64 import b64encode
from importlib import import_module
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import synergos

flower = pytest.importorskip("synergos.machines.flower", reason="needs the extra sandbox")


ROOT = Path(synergos.__file__).parent
# What Flower documents for those who write apps.
PUBLIC = ("flwr.app", "flwr.clientapp", "flwr.serverapp", "flwr.serverapp.strategy")
INSIDES = {
    "flwr.common.constant": {"SubStatus"},
    "flwr.common.serde": {"run_from_proto"},
    "flwr.proto.fleet_pb2": {"ActivateNodeResponse", "DeactivateNodeRequest"},
    "flwr.proto.runtime_pb2": {"AcquireTaskRequest", "PullTaskInputRequest", "SendTaskHeartbeatRequest"},
    "flwr.supercore.constant": {"TaskType"},
    "flwr.supercore.interceptors": {
        "RuntimeTokenHttpInterceptor",
        "RuntimeVersionHttpInterceptor",
        "SuperExecAuthHttpInterceptor",
    },
    "flwr.supercore.runtime": {"RuntimeHttpClient"},
    "flwr.supercore.task_identity": {"TaskIdentity"},
    "flwr.superlink.grid": {"HttpGrid"},
    "flwr.supernode.runtime.run_clientapp": {"pull_task_input", "push_message", "push_task_output"},
}


def test_the_release_is_one_that_this_was_tried_with() -> None:
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {line for extra in project["optional-dependencies"].values() for line in extra if line.startswith("flwr")}

    assert version("flwr").split(".")[:2] == ["1", "42"]
    assert asked == {"flwr>=1.42,<1.43"}


def test_these_are_all_that_is_imported_and_in_one_place() -> None:
    found: dict[str, set[str]] = {}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Import) and any(one.name.startswith("flwr") for one in node.names)), path
            if (
                isinstance(node, ast.ImportFrom)
                and re.match(r"flwr\b", node.module or "")
                and node.module not in PUBLIC
            ):
                # The sandbox needs one of them, and does without where it is gone.
                assert path.relative_to(ROOT).as_posix() in ("machines/flower.py", "sandbox/parties.py")
                found.setdefault(str(node.module), set()).update(one.name for one in node.names)

    assert found == INSIDES


@pytest.mark.parametrize("module", INSIDES)
def test_they_are_there(module: str) -> None:
    assert INSIDES[module] <= set(dir(import_module(module)))


def test_a_supernode_says_these_words() -> None:
    from flwr.superlink.servicer.fleet import fleet_handlers
    from flwr.supernode import fleet_http_connection, start_client_internal

    from synergos.participant import node

    assert "SuperNode ID:" in inspect.getsource(start_client_internal)
    assert "terminated gracefully" in inspect.getsource(start_client_internal)
    assert "Failed to initialize" in inspect.getsource(fleet_http_connection)
    assert node._STILL_OPEN in inspect.getsource(fleet_handlers)


def test_a_supernode_signs_the_time_and_the_door_knows_how() -> None:
    from flwr.common.constant import SYSTEM_TIME_TOLERANCE, TIMESTAMP_HEADER, TIMESTAMP_TOLERANCE
    from flwr.supercore.constant import FLEET_HTTP_PUBLIC_KEY_HEADER, FLEET_HTTP_SIGNATURE_HEADER
    from flwr.supercore.date import now
    from flwr.supercore.primitives.asymmetric import generate_key_pairs, public_key_to_bytes, sign_message

    from synergos.ttp import front

    private, public = generate_key_pairs()
    key, time = public_key_to_bytes(public), now().isoformat().encode()
    headers = {
        FLEET_HTTP_PUBLIC_KEY_HEADER.encode(): b64encode(key),
        TIMESTAMP_HEADER.encode(): time,
        FLEET_HTTP_SIGNATURE_HEADER.encode(): b64encode(sign_message(private, time)),
    }

    assert front._signer(headers, {key}) == key
    assert front._signer({**headers, TIMESTAMP_HEADER.encode(): time[:-6]}, {key}) is None
    assert TIMESTAMP_TOLERANCE + SYSTEM_TIME_TOLERANCE < front._SIGNED_WITHIN


def test_what_a_supernode_was_answered_when_it_was_let_in_says_how_to_take_it_back() -> None:
    from flwr.proto.fleet_pb2 import ActivateNodeResponse, DeactivateNodeRequest

    request = flower.deactivation(ActivateNodeResponse(node_id=2**63 + 7).SerializeToString())

    assert DeactivateNodeRequest.FromString(request).node_id == 2**63 + 7


def test_a_piece_of_weights_passes_the_door() -> None:
    from flwr.common.constant import FAB_MAX_SIZE, FLWR_PRIVATE_MAX_ARRAY_CHUNK_SIZE
    from flwr.supercore.constant import FLWR_PRIVATE_MAX_CONCURRENT_OBJ_PUSHES

    from synergos.ttp import front, gate

    assert max(2 * FLWR_PRIVATE_MAX_ARRAY_CHUNK_SIZE, FAB_MAX_SIZE) < front.LARGEST
    # Beside them a heartbeat, and a question for messages.
    assert 2 * (FLWR_PRIVATE_MAX_CONCURRENT_OBJ_PUSHES + 2) < gate.MOST_OF_ONE


@pytest.mark.parametrize("command", ["flower-superlink", "flower-supernode", "flwr"])
def test_the_commands_are_there(command: str) -> None:
    assert len(entry_points(group="console_scripts", name=command)) == 1


@pytest.mark.parametrize(
    ("command", "options"),
    [
        (
            "flower-superlink",
            "--host --port --ssl-ca-certfile --ssl-certfile --ssl-keyfile --enable-supernode-auth --isolation "
            "--superexec-auth-secret-file --disable-runtime-dependency-installation",
        ),
        (
            "flower-supernode",
            "--superlink --root-certificates --auth-supernode-private-key --host --port --isolation "
            "--superexec-auth-secret-file",
        ),
    ],
)
def test_the_commands_take_these_options(command: str, options: str) -> None:
    if command == "flower-superlink":
        from flwr.superlink.cli.flower_superlink import _parse_args_run_superlink as parser_of
    else:
        from flwr.supernode.cli.flower_supernode import _parse_args_run_supernode as parser_of

    assert set(options.split()) <= set(parser_of()._option_string_actions)


def test_a_message_cannot_be_made_without_who_makes_it() -> None:
    assert {"task_id", "run_id", "node_id"} <= set(dir(type(flower.TaskIdentity)))


def test_a_task_is_taken_read_and_answered_by_these() -> None:
    client = flower.RuntimeHttpClient
    for name in ("AcquireTask", "PullTaskInput", "SendTaskHeartbeat", "PushTaskOutput", "GetNodes"):
        assert callable(getattr(client, name))
    assert list(inspect.signature(flower.pull_task_input).parameters) == ["client"]
    assert list(inspect.signature(flower.push_message).parameters) == ["client", "message", "context"]
    assert list(inspect.signature(flower.push_task_output).parameters) == ["client", "context", "sub_status", "details"]


def test_the_grid_of_a_run_has_these() -> None:
    grid = flower.HttpGrid("127.0.0.1:1", insecure=True, token="none")

    assert grid._retry_invoker.max_tries is None
    assert isinstance(grid._runtime_client, flower.RuntimeHttpClient)
    assert all(callable(getattr(grid, name)) for name in ("push_messages", "pull_messages", "get_nodes", "set_run"))


def test_nodes_are_told_by_their_public_keys() -> None:
    from flwr.proto.node_pb2 import NodeInfo

    assert {"node_id", "public_key", "last_activated_at"} <= {field.name for field in NodeInfo.DESCRIPTOR.fields}


def test_participants_ask_for_these_paths_and_the_door_passes_no_other() -> None:
    from flwr.supernode import fleet_http_client

    from synergos.ttp.front import PATHS

    source = inspect.getsource(fleet_http_client)
    asked = {line.split('"')[1].encode() for line in source.splitlines() if 'path="/v1/fleet/' in line}

    # A node with a key that is registered neither registers itself nor takes itself out.
    assert asked - PATHS == {b"/v1/fleet/register-node", b"/v1/fleet/unregister-node"}
    assert asked > PATHS
