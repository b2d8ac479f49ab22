"""Participants on machines of their own, without the machines: messages travel as bytes, from object to object."""

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from flwr.app import Context, Message, RecordDict
from flwr.supercore.inflatable.inflatable_object import get_all_nested_objects
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents

from synergos.learning.messages import STOP
from synergos.machines.flower import TaskIdentity
from synergos.machines.keys import as_flower_has_it, make_key
from synergos.participant.node import Node
from synergos.sandbox.server import demo_data
from synergos.ttp.machines import Machines
from synergos.ttp.parties import Parties
from synergos.ttp.server import Server
from synergos.ttp.signals import Signals
from synergos.ttp.superlink import SuperLink

# A message cannot be made without knowing who makes it.
TaskIdentity.task_id, TaskIdentity.run_id, TaskIdentity.node_id = 1, 1, 1


class Wire:
    """What a TTP has of Flower's SuperLink, with participants at the other end of it.

    Attributes:
        nodes: The participants by the name that their keys have in the TTP's file.
        names: The names by public key.
        connected: Since when each is connected; who is not in it is not.
        asked: The messages that were sent, by their types.
        silent: Participants who take messages and never reply.
    """

    def __init__(self, folder: Path, names: Iterable[str], data: Path | None = None, **called: str) -> None:
        (folder / "ca.crt").touch()
        self.nodes: dict[str, Node] = {}
        self.names: dict[bytes, str] = {}
        for name in names:
            public = make_key(folder / f"{name}.key")
            self.names[as_flower_has_it(public)] = name
            self.nodes[name] = Node(
                called.get(name, name),
                "127.0.0.1:1",
                data or demo_data(),
                folder / f"{name}.key",
                folder / "ca.crt",
                folder / name,
            )
        self.connected = dict.fromkeys(self.nodes, "at first")
        self.asked: list[str] = []
        self.silent: set[str] = set()
        self.signals = Signals()
        self._ids = {name: 1000 - number for number, name in enumerate(self.nodes)}
        self._sent: dict[str, Message] = {}

    @property
    def grid(self) -> "Wire":
        return self

    def get_nodes(self) -> list[Any]:
        return [
            SimpleNamespace(node_id=self._ids[name], public_key=key, last_activated_at=self.connected[name])
            for key, name in self.names.items()
            if name in self.connected
        ]

    def push_messages(self, messages: Iterable[Message]) -> list[str]:
        ids = []
        for message in messages:
            message.metadata.__dict__["_message_id"] = message.object_id
            self.asked.append(message.metadata.message_type)
            self._sent[message.metadata.message_id] = travelled(message)
            ids.append(message.metadata.message_id)
            if message.metadata.message_type == STOP:
                # Nobody asks for the reply to it.
                self.pull_messages(ids[-1:])
        return ids

    def pull_messages(self, ids: Iterable[str]) -> list[Message]:
        names = {node_id: name for name, node_id in self._ids.items()}
        replies = []
        # The last that was asked replies first.
        for one in reversed([one for one in ids if one in self._sent]):
            message = self._sent[one]
            name = names[message.metadata.dst_node_id]
            if name in self.connected and name not in self.silent:
                del self._sent[one]
                context = Context(1, self._ids[name], {}, RecordDict(), {})
                replies.append(travelled(self.nodes[name].handle(message, context)))
        return replies


def travelled(message: Message) -> Message:
    """A message as it arrives elsewhere."""
    contents = {one: cast(Any, part).deflate() for one, part in get_all_nested_objects(message).items()}
    arrived = cast(Message, inflate_object_from_contents(message.object_id, contents))
    arrived.metadata.__dict__["_message_id"] = message.object_id
    return arrived


class Apart(Server):
    """A TTP whose participants are at the other end of a wire."""

    def __init__(self, wire: Wire, patience: float = 0.0, store: Path | None = None) -> None:
        super().__init__("127.0.0.1", 0, store=store)
        self._wire, self._patience = wire, patience

    def _parties(self, started: contextlib.ExitStack) -> Parties:
        return Machines(cast(SuperLink, self._wire), self._patience)


def weights_of(model: Mapping[str, Any]) -> dict[str, Any]:
    """All weights of a record of a model."""
    import torch

    return {
        f"{part} {name}": tensor
        for part, own in model.items()
        if isinstance(own, dict) and "path" in own
        for name, tensor in torch.load(own["path"], weights_only=True).items()
    }
