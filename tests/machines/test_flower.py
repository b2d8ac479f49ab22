"""What of Flower's insides is used: each is named here, so that a release that moved one fails at once, and here."""

import inspect
from importlib.metadata import entry_points, version

import pytest

flower = pytest.importorskip("synergos.machines.flower", reason="needs the extra sandbox")


def test_the_release_is_one_that_this_was_tried_with() -> None:
    assert version("flwr").split(".")[:2] == ["1", "42"]


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
