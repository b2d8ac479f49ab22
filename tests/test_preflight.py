"""The check before a training: what it finds, what it lets pass, and that it changes nothing."""

import copy
import json
import pickle
import socket
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from recorder import envelope

from synergos import Driver, Finding, InvalidArgument, InvalidId, Node, NotReady, Report, ServerFailure, Unreachable
from synergos.preflight import torch14

if TYPE_CHECKING:
    from synergos.sandbox import Sandbox

NAMES = {"algorithm": "FedProx", "criterion": "BCELoss", "lr_scheduler": "CyclicLR", "optimizer": "SGD"}
CHANNELS = {"in_channels": 1, "out_channels": 4, "kernel_size": 3}


def linear(inputs: int, outputs: int, activation: str = "relu", **structure: Any) -> dict[str, Any]:
    return layer("Linear", activation, in_features=inputs, out_features=outputs, **structure)


def layer(l_type: str, activation: str = "", **structure: Any) -> dict[str, Any]:
    return {"l_type": l_type, "activation": activation, "is_input": False, "structure": structure}


class Grid:
    """A TTP that holds one project that can be trained, until it is told otherwise, and keeps what it was asked."""

    def __init__(self, *, is_sandbox: bool = False, collab_id: str | None = None, host: str = "ttp.example") -> None:
        self.ids = {"project_id": "p"} if collab_id is None else {"collab_id": collab_id, "project_id": "p"}
        self.action: str | None = "classify"
        self.layers = [linear(4, 8), linear(8, 1, "sigmoid")]
        self.run: dict[str, Any] = {"rounds": 20, "epochs": 1, "base_lr": 0.001, "max_lr": 0.01}
        self.roles = {"biscoe": "guest", "dream": "host"}
        self.tags: dict[str, dict[str, Any]] = {
            "biscoe": {"train": [["a"]], "evaluate": [["b"]]},
            "dream": {"train": [["c"]]},
        }
        self.worker: dict[str, Any] = {"host": "10.255.255.1", "port": 8020, "f_port": 5000}
        self.lacking = {"biscoe": {"X": [0], "y": []}, "dream": {"X": [], "y": [1]}}
        self.further: dict[str, list[dict[str, Any]]] = {}
        self.status: dict[str, int] = {}
        self.data: dict[str, Any] = {"tables": [], "findings": []}
        self.sent: list[tuple[str, str]] = []
        self._header = {"synergos-sandbox": "1"} if is_sandbox else {}
        self.driver = Driver(host, 5000, collab_id=collab_id, transport=httpx.MockTransport(self._answer))

    def hold_images(self) -> None:
        """Take the features away from what is aligned."""
        for lacking in self.lacking.values():
            lacking["X"] = []

    def check(self, **arguments: Any) -> Report:
        return self.driver.check(project_id="p", **{**NAMES, **arguments})

    def found(self, **arguments: Any) -> list[tuple[str, str]]:
        return [(finding.level, finding.what) for finding in self.check(**arguments).findings]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rstrip("/").rsplit("/", 1)[-1]
        self.sent.append((request.method, name))
        data: Any = self._data(name)
        is_missing = data == [] and name == "alignments"
        status = 200 if request.method != "GET" else self.status.get(name, 404 if is_missing else 200)
        body = envelope(data) if status == 200 else {"message": "no"}
        return httpx.Response(status, text=json.dumps(body), headers=self._header)

    def _data(self, name: str) -> Any:
        of_participant = {"key": {**self.ids, "participant_id": "dream"}}
        return {
            "p": self._project,
            "registrations": self._registrations,
            "alignments": self._alignments,
            "data": lambda: self.data,
            "dream": lambda: {"key": {"participant_id": "dream"}},
            "registration": lambda: {**of_participant, "role": "host"},
            "tags": lambda: {**of_participant, "train": [["c"]]},
        }[name]()

    def _project(self) -> dict[str, Any]:
        expt, run = {**self.ids, "expt_id": "e"}, {**self.ids, "expt_id": "e", "run_id": "r"}
        model = [{**one, "is_input": one["is_input"] or index == 0} for index, one in enumerate(self.layers)]
        relations = {"Experiment": [{"key": expt, "model": model}], "Run": [{"key": run, **self.run}], **self.further}
        return {"key": self.ids, "kind": "Project", "action": self.action, "relations": relations}

    def _registrations(self) -> list[dict[str, Any]]:
        nodes = {"node_0": self.worker, "n_count": 1} if "collab_id" in self.ids else {"participant": self.worker}
        return [
            {
                "key": {**self.ids, "participant_id": name},
                "role": role,
                **nodes,
                "relations": {"Tag": [{"key": {**self.ids, "participant_id": name}, **self.tags.get(name, {})}]},
            }
            for name, role in self.roles.items()
        ]

    def _alignments(self) -> list[dict[str, Any]]:
        return [
            {"key": {**self.ids, "participant_id": name}, "train": lacking, "evaluate": {"X": [], "y": []}}
            for name, lacking in self.lacking.items()
        ]


@pytest.fixture
def grid() -> Grid:
    return Grid()


@pytest.fixture
def play() -> Grid:
    """The same on a sandbox."""
    return Grid(is_sandbox=True)


# A project that can be trained


@pytest.mark.parametrize("grid", [Grid(), Grid(collab_id="c"), Grid(is_sandbox=True)], ids=["v4", "v8", "sandbox"])
def test_nothing_stands_against_a_clean_project(grid: Grid) -> None:
    report = grid.check()

    assert report.findings == ()
    assert report.ok
    assert report
    assert str(report) == "Project 'p' is ready to train."


def test_a_check_asks_three_times_and_changes_nothing(grid: Grid) -> None:
    grid.check()

    assert grid.sent == [("GET", "p"), ("GET", "registrations"), ("GET", "alignments")]


def test_a_clean_project_of_three_classes(grid: Grid) -> None:
    grid.layers = [linear(4, 8), linear(8, 3, "log_softmax")]

    assert grid.found(criterion="NLLLoss") == []


def test_a_clean_regression(grid: Grid) -> None:
    grid.action, grid.layers = "regress", [linear(4, 1, "")]

    assert grid.found(criterion="MSELoss") == []


def test_a_clean_network_for_images(grid: Grid) -> None:
    grid.hold_images()
    grid.layers = [
        layer("Conv2d", "relu", **CHANNELS),
        layer("MaxPool2d", kernel_size=2),
        layer("AdaptiveAvgPool2d", output_size=3),
        layer("Flatten"),
        linear(36, 5),
        linear(5, 3, "log_softmax"),
    ]

    assert grid.found(criterion="NLLLoss") == []


def test_a_clean_network_for_the_sandbox_has_norms_and_dropout(play: Grid) -> None:
    play.hold_images()
    play.layers = [
        layer("Conv2d", "relu", **CHANNELS),
        layer("BatchNorm2d", num_features=4),
        layer("Dropout2d"),
        layer("AdaptiveAvgPool2d", output_size=3),
        layer("Flatten"),
        linear(36, 5),
        layer("BatchNorm1d", num_features=5),
        linear(5, 3, "log_softmax"),
    ]

    assert play.found(criterion="NLLLoss") == []


def test_a_linear_layer_along_the_channels_that_are_flattened_after_it(grid: Grid) -> None:
    grid.hold_images()
    grid.layers = [layer("Conv2d", **CHANNELS), linear(26, 3), layer("Flatten"), linear(312, 1, "sigmoid")]

    assert grid.found() == []


def test_a_clean_recurrent_network(grid: Grid) -> None:
    grid.layers = [
        layer("LSTM", input_size=3, hidden_size=8, bidirectional=True, batch_first=True),
        linear(16, 4),
        layer("LayerNorm", normalized_shape=4),
        linear(4, 1, "sigmoid"),
    ]

    assert grid.found() == []


def test_the_project_of_the_examples_is_ready(trained: Driver) -> None:
    report = trained.check(project_id="penguins", **{**NAMES, "criterion": "NLLLoss", "lr_scheduler": "StepLR"})

    assert report.ok
    assert "warning" not in {finding.level for finding in report.findings} or not trained._connection.is_sandbox


# The project and who takes part


def test_a_project_that_is_not_there(grid: Grid) -> None:
    grid.status = {"p": 404}

    assert grid.found() == [("error", "There is no project 'p'.")]
    assert grid.check().findings[0].why == "The TTP says: no"


@pytest.mark.parametrize("name", ["p", "registrations", "alignments"])
def test_a_record_that_spoils_its_list(name: str, grid: Grid) -> None:
    grid.status = {name: 500}

    ((level, what),) = grid.found()
    assert level == "error"
    assert what.startswith("The TTP fails on ")


def test_a_gateway_that_fails_is_no_finding(grid: Grid) -> None:
    grid.status = {"p": 502}

    with pytest.raises(ServerFailure):
        grid.check()


def test_no_ttp_is_no_finding() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(Unreachable):
        Driver("ttp.example", 5000, transport=httpx.MockTransport(refuse)).check(project_id="p")


def test_no_action(grid: Grid) -> None:
    grid.action = None

    assert grid.found() == [("error", "The project has no action.")]


def test_an_action_that_is_none(grid: Grid) -> None:
    grid.action = "cluster"

    assert grid.found() == [("error", "The project's action is 'cluster'.")]


def test_no_experiment(grid: Grid) -> None:
    grid.further = {"Experiment": [], "Run": []}

    assert grid.found() == [("error", "The project has no experiment.")]


def test_an_experiment_that_is_not_there(grid: Grid) -> None:
    grid.further = {"Experiment": [{"key": {**grid.ids, "expt_id": "one_layer"}, "model": []}]}

    (finding,) = grid.check(expt_id="one_leyer").findings
    assert (finding.level, finding.what) == ("error", "There is no experiment 'one_leyer'.")
    assert finding.remedy == "Did you mean 'one_layer'?"


def test_no_run(grid: Grid) -> None:
    grid.further = {"Run": []}

    assert grid.found() == [("error", "There is no run to train.")]


def test_a_run_that_is_not_there(grid: Grid) -> None:
    assert grid.found(expt_id="e", run_id="s") == [("error", "There is no run 's'.")]


def test_the_records_of_namesakes_are_not_the_project_s(grid: Grid) -> None:
    grid = Grid(collab_id="c")
    elsewhere = {"collab_id": "other", "project_id": "p", "expt_id": "e"}
    grid.further = {"Experiment": [{"key": elsewhere, "model": [linear(1, 1)]}], "Run": []}

    assert grid.found() == [("error", "The project has no experiment.")]


def test_runs_of_trials_are_only_checked_when_they_are_meant(grid: Grid) -> None:
    key = {**grid.ids, "expt_id": "e", "run_id": "optim_run_1"}
    grid.further = {"Run": [{"key": {**key, "run_id": "r"}, **grid.run}, {"key": key, **grid.run, "rounds": 1}]}

    assert grid.found() == []
    assert [level for level, _ in grid.found(expt_id="e", run_id="optim_run_1")] == ["info"]


def test_no_participants(grid: Grid) -> None:
    grid.roles = {}

    assert grid.found() == [("error", "No participant is registered.")]


@pytest.mark.parametrize("tags", [{}, {"train": []}])
def test_a_participant_without_data_to_train_on(tags: dict[str, Any], grid: Grid) -> None:
    grid.tags["dream"] = tags

    (finding,) = grid.check().findings
    assert (finding.level, finding.where) == ("error", "participant 'dream'")
    assert finding.what == "It has no data tagged to train on."


def test_the_sandbox_trains_without_a_participant_that_has_no_data(play: Grid) -> None:
    play.tags["dream"] = {}
    assert play.found() == [("warning", "It has no data tagged to train on.")]

    play.tags["biscoe"] = {"evaluate": [["b"]]}
    assert [level for level, _ in play.found()] == ["error", "error"]


def test_an_arbiter_has_no_data(grid: Grid) -> None:
    grid.roles["dream"] = "arbiter"
    grid.tags["dream"] = {}

    assert grid.found() == []


def test_nobody_with_data_to_evaluate_on(grid: Grid) -> None:
    del grid.tags["biscoe"]["evaluate"]

    assert grid.found() == [("error", "No participant has data tagged to evaluate on.")]


def test_a_project_that_is_not_aligned_yet(grid: Grid) -> None:
    grid.lacking = {}

    assert grid.found() == [("info", "The project is not aligned.")]
    assert grid.check().ok
    ids = ", ".join(f"{name}={value!r}" for name, value in grid.ids.items())
    assert f"driver.alignments.create({ids})" in grid.check().findings[0].remedy


def test_a_participant_that_came_after_the_alignment(grid: Grid) -> None:
    del grid.lacking["dream"]

    (finding,) = grid.check().findings
    assert (finding.level, finding.what) == ("error", "It is not in the alignment.")
    assert finding.where == "participant 'dream'"


# The workers


@pytest.mark.parametrize("collab_id", [None, "c"])
def test_a_worker_of_which_nobody_knows_where_it_is(collab_id: str | None) -> None:
    grid = Grid(collab_id=collab_id)
    grid.roles, grid.worker = {"biscoe": "guest"}, {}
    what = "It has no host, port and f_port." if collab_id is None else "Its registration has no node."

    assert grid.found() == [("error", what)]


@pytest.fixture
def listening() -> Iterator[int]:
    """A port that something listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    """A port that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize("collab_id", [None, "c"])
def test_workers_that_answer(collab_id: str | None, listening: int, closed: int) -> None:
    grid = Grid(host="127.0.0.1", collab_id=collab_id)
    # A worker opens its data port only while it trains.
    grid.worker = {"host": "127.0.0.1", "port": closed, "f_port": listening}

    assert grid.found(reach=True) == []


def test_a_data_port_that_is_open_is_warned_of(listening: int) -> None:
    grid = Grid(host="127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        grid.roles, grid.worker = {"biscoe": "guest"}, {"host": "127.0.0.1", "port": port, "f_port": listening}

        assert grid.found(reach=True) == [("warning", f"The data port {port} of 127.0.0.1 is open.")]


@pytest.mark.parametrize("collab_id", [None, "c"])
def test_a_worker_that_does_not_answer(collab_id: str | None, listening: int, closed: int) -> None:
    grid = Grid(host="127.0.0.1", collab_id=collab_id)
    grid.roles = {"biscoe": "guest"}
    grid.worker = {"host": "127.0.0.1", "port": listening, "f_port": closed}

    assert grid.found() == []
    ((level, what),) = grid.found(reach=True)
    assert level == "error"
    assert what.startswith(f"Nothing answers at f_port {closed} of 127.0.0.1: ")


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 300, "\ud800"])
def test_a_host_that_is_none_is_found_and_nothing_is_raised(host: str, grid: Grid) -> None:
    grid.roles, grid.worker = {"biscoe": "guest"}, {"host": host, "port": 99999, "f_port": 1}

    assert {level for level, _ in grid.found(reach=True)} == {"error"}


def test_a_worker_on_the_machine_of_the_ttp_is_not_tried_from_here(grid: Grid, closed: int) -> None:
    grid.roles = {"biscoe": "guest"}
    grid.worker = {"host": "127.0.0.1", "port": closed, "f_port": closed}

    assert grid.found(reach=True) == [("info", "Its worker at 127.0.0.1 was not tried.")]


def test_the_sandbox_has_no_workers(play: Grid) -> None:
    play.worker = {}

    assert play.found() == []
    assert play.found(reach=True) == [("info", "No worker was tried.")]


@pytest.mark.parametrize("collab_id", [None, "c"])
def test_who_registers_again_is_cut_off_until_the_project_is_aligned(collab_id: str | None) -> None:
    grid = Grid(collab_id=collab_id)
    nodes = [Node(host="172.17.0.2", port=8020, f_port=5000)] if collab_id else None
    grid.driver.registrations.create(project_id="p", participant_id="dream", role="host", nodes=nodes)

    (finding,) = grid.check().findings
    assert (finding.level, finding.where) == ("warning", "participant 'dream'")
    assert finding.what == "It registered again after the project was aligned."
    with pytest.raises(NotReady, match="registered again"):
        grid.driver.models.create(project_id="p", expt_id="e", run_id="r", check=True)

    grid.driver.alignments.create(project_id="p")
    assert grid.check().findings == ()


def test_who_registers_for_the_first_time_or_on_the_sandbox_is_not_cut_off(grid: Grid, play: Grid) -> None:
    grid.status["registration"] = 404
    grid.driver.registrations.create(project_id="p", participant_id="dream", role="host")
    play.driver.registrations.create(project_id="p", participant_id="dream", role="host")

    assert grid.found() == play.found() == []


# The network

# What is wrong with it -> its layers, and what is found in which.
NETWORKS: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "no layers": ([], "The experiment has no layers.", ""),
    "a layer that is not there": (
        [linear(4, 8), layer("Lineer", "sigmoid", in_features=8, out_features=1)],
        "torch 1.4 has no layer 'Lineer'.",
        "model[1]",
    ),
    "a layer that came later": (
        [linear(4, 8), layer("SiLU"), linear(8, 1, "sigmoid")],
        "torch 1.4 has no layer 'SiLU'.",
        "model[1]",
    ),
    "a layer of two inputs": (
        [linear(4, 8), layer("CosineSimilarity"), linear(8, 1, "sigmoid")],
        "CosineSimilarity cannot stand in a row of layers.",
        "model[1]",
    ),
    "a criterion as a layer": (
        [linear(4, 8), layer("MSELoss"), linear(8, 1, "sigmoid")],
        "torch 1.4 has no layer 'MSELoss'.",
        "model[1]",
    ),
    "an activation that is not there": (
        [linear(4, 8, "mish"), linear(8, 1, "sigmoid")],
        "torch 1.4 has no activation 'mish'.",
        "model[0]",
    ),
    "an argument that is missing": (
        [linear(4, 8), layer("Linear", "relu", in_features=8), linear(3, 1, "sigmoid")],
        "Linear lacks out_features.",
        "model[1]",
    ),
    "an argument that is unknown": (
        [linear(4, 8), linear(8, 1, "sigmoid", baas=True)],
        "Linear has no argument 'baas'.",
        "model[1]",
    ),
    "a list among the arguments": (
        [layer("Conv2d", **{**CHANNELS, "kernel_size": [3, 3]}), layer("Flatten"), linear(16, 1, "sigmoid")],
        "kernel_size of Conv2d is a list.",
        "model[0]",
    ),
    "features that do not fit": (
        [linear(4, 8), linear(9, 1, "sigmoid")],
        "Linear takes in_features=9 and gets 8.",
        "model[1]",
    ),
    "features that do not fit past others": (
        [linear(4, 8), layer("Hardtanh"), layer("ReLU"), linear(9, 1, "sigmoid")],
        "Linear takes in_features=9 and gets 8.",
        "model[3]",
    ),
    "a norm that does not fit": (
        [linear(4, 8), layer("InstanceNorm1d", num_features=7), linear(8, 1, "sigmoid")],
        "InstanceNorm1d gets rows without channels.",
        "model[1]",
    ),
    "channels that do not fit": (
        [
            layer("Conv2d", **CHANNELS),
            layer("Conv2d", in_channels=3, out_channels=2, kernel_size=1),
            layer("Flatten"),
            linear(16, 1, "sigmoid"),
        ],
        "Conv2d takes in_channels=3 and gets 4.",
        "model[1]",
    ),
    "a norm of channels that does not fit": (
        [
            layer("Conv2d", **CHANNELS),
            layer("InstanceNorm2d", num_features=3),
            layer("Flatten"),
            linear(9, 1, "sigmoid"),
        ],
        "InstanceNorm2d takes num_features=3 and gets 4.",
        "model[1]",
    ),
    "groups that do not fit": (
        [
            layer("Conv2d", **CHANNELS),
            layer("GroupNorm", num_groups=1, num_channels=3),
            layer("Flatten"),
            linear(9, 1, "sigmoid"),
        ],
        "GroupNorm takes num_channels=3 and gets 4.",
        "model[1]",
    ),
    "pooled features that do not fit": (
        [
            layer("Conv2d", **CHANNELS),
            layer("AdaptiveAvgPool2d", output_size=2),
            layer("Flatten"),
            linear(4, 1, "sigmoid"),
        ],
        "Linear takes in_features=4 and gets 16.",
        "model[3]",
    ),
    "no flatten": (
        [layer("Conv2d", **CHANNELS), layer("MaxPool2d", kernel_size=2), linear(16, 8), linear(8, 1, "sigmoid")],
        "Linear gets the channels of model[0] as they are.",
        "model[2]",
    ),
    "pooling of other dimensions": (
        [layer("Conv2d", **CHANNELS), layer("MaxPool1d", kernel_size=2), layer("Flatten"), linear(9, 1, "sigmoid")],
        "MaxPool1d gets channels of 2 dimension(s).",
        "model[1]",
    ),
    "a convolution of rows": (
        [linear(4, 8), layer("Conv2d", **CHANNELS), layer("Flatten"), linear(9, 1, "sigmoid")],
        "Conv2d gets rows without channels.",
        "model[1]",
    ),
    "a recurrent layer that does not fit": (
        [
            layer("GRU", input_size=3, hidden_size=8, bidirectional=True),
            layer("GRU", input_size=8, hidden_size=8),
            linear(8, 1, "sigmoid"),
        ],
        "GRU takes input_size=8 and gets 16.",
        "model[1]",
    ),
    "inputs fewer than the features": (
        [linear(2, 8), linear(8, 1, "sigmoid")],
        "The network takes 2 feature(s), and the aligned data have 4 or more.",
        "model[0]",
    ),
}


@pytest.mark.parametrize(("layers", "what", "where"), NETWORKS.values(), ids=NETWORKS)
def test_a_network_that_cannot_be_trained(layers: list[dict[str, Any]], what: str, where: str, grid: Grid) -> None:
    grid.layers, grid.lacking["biscoe"]["X"] = layers, [0, 3]
    if any(one["l_type"] == "Conv2d" for one in layers[:1]):
        grid.hold_images()

    (finding,) = grid.check(criterion="MSELoss").findings
    assert (finding.level, finding.what) == ("error", what)
    assert finding.where == f"experiment 'e', {where}".removesuffix(", ")


def test_a_network_with_another_layer_that_takes_the_data(grid: Grid, play: Grid) -> None:
    for one in (grid, play):
        one.layers[1]["is_input"] = True

    assert grid.found() == [("error", "is_input is True for model[0], model[1].")]
    assert play.found() == [("warning", "is_input is True for model[0], model[1].")]


def test_what_the_alignment_fits_is_no_error_before_it(grid: Grid) -> None:
    grid.lacking = {}
    grid.layers = [layer("Linear", "relu", out_features=8), linear(8, 1, "sigmoid")]
    assert grid.found() == [("info", "The project is not aligned.")]

    grid.layers = [linear(1, 8), linear(8, 5), layer("LayerNorm", "sigmoid", normalized_shape=3)]
    assert grid.found() == [("info", "The project is not aligned.")]


def test_what_no_alignment_fits_is_an_error_before_it(grid: Grid) -> None:
    grid.lacking = {}
    grid.layers = [
        layer("Conv2d", **CHANNELS),
        layer("Conv2d", "sigmoid", in_channels=3, out_channels=1, kernel_size=1),
    ]

    assert grid.found()[0] == ("error", "Conv2d takes in_channels=3 and gets 4.")


def test_a_network_with_fewer_outputs_than_classes(grid: Grid) -> None:
    grid.layers, grid.lacking["dream"]["y"] = [linear(4, 1, "tanh")], [1, 2]

    assert grid.found(criterion="NLLLoss") == [
        ("error", "The network gives 1 output(s), and there are 3 classes or more.")
    ]


def test_a_regression_with_many_outputs(grid: Grid) -> None:
    grid.action, grid.layers = "regress", [linear(4, 3, "")]

    assert grid.found(criterion="MSELoss") == [
        ("error", "The network gives 3 outputs, and a regression has one target.")
    ]


def test_the_sandbox_has_checked_names_itself(play: Grid) -> None:
    play.layers = [linear(4, 8, "mish"), layer("SiLU"), linear(8, 1, "sigmoid")]

    assert play.found(algorithm="FedAdam", optimizer="NAdam", lr_scheduler="LinearLR") == []


def test_the_sandbox_takes_a_list_and_a_real_ttp_does_not(play: Grid) -> None:
    play.layers = [layer("Conv1d", **{**CHANNELS, "kernel_size": [3]}), layer("Flatten"), linear(8, 1, "sigmoid")]

    assert play.found() == [("warning", "kernel_size of Conv1d is a list.")]


def test_a_convolution_of_the_sandbox_sees_a_row_as_a_channel(play: Grid) -> None:
    play.layers = [linear(4, 8), layer("Conv1d", **CHANNELS), layer("Flatten"), linear(24, 1, "sigmoid")]

    assert play.found() == []


@pytest.mark.parametrize("layers", [None, "x", [None], [{}], [{"l_type": 3, "structure": [1]}]])
def test_layers_that_are_none_are_found_and_nothing_is_raised(layers: Any, grid: Grid) -> None:
    grid.further = {"Experiment": [{"key": {**grid.ids, "expt_id": "e"}, "model": layers}]}

    assert not grid.check()


# The run

LOG = "log_softmax"
# What is wrong -> action, outputs, last activation, names of the run, fields of the run, what is found and how bad.
RUNS: dict[str, tuple[str, int, str, dict[str, str], dict[str, Any], str, str]] = {
    "an algorithm that is not there": (
        "classify", 1, "sigmoid", {"algorithm": "FedAdam"}, {},
        "error", "A TTP of the generation v4 has no algorithm 'FedAdam'.",
    ),
    "a criterion that is not there": (
        "classify", 1, "sigmoid", {"criterion": "HuberLoss"}, {}, "error", "torch 1.4 has no criterion 'HuberLoss'.",
    ),
    "a criterion of more than two": (
        "classify", 1, "sigmoid", {"criterion": "CTCLoss"}, {},
        "error", "CTCLoss cannot train a network from a table.",
    ),
    "an optimizer that is not there": (
        "classify", 1, "sigmoid", {"optimizer": "NAdam"}, {}, "error", "torch 1.4 has no optimizer 'NAdam'.",
    ),
    "a scheduler that is not there": (
        "classify", 1, "sigmoid", {"lr_scheduler": "LinearLR"}, {}, "error", "torch 1.4 has no scheduler 'LinearLR'.",
    ),
    "no upper bound": (
        "classify", 1, "sigmoid", {}, {"max_lr": None}, "error", "The run has no max_lr.",
    ),
    "no bounds": (
        "classify", 1, "sigmoid", {}, {"max_lr": None, "base_lr": None},
        "error", "The run has no base_lr and max_lr.",
    ),
    "no gamma": (
        "classify", 1, "sigmoid", {"lr_scheduler": "ExponentialLR"}, {}, "error", "The run has no gamma.",
    ),
    "no momentum to cycle": (
        "classify", 1, "sigmoid", {"optimizer": "Adam"}, {},
        "error", "CyclicLR cycles the momentum, and Adam has none.",
    ),
    "little training": (
        "classify", 1, "sigmoid", {}, {"rounds": 2, "epochs": 1},
        "info", "2 round(s) of 1 epoch(s) learn next to nothing.",
    ),
    "a criterion of classes in a regression": (
        "regress", 1, "", {"criterion": "CrossEntropyLoss"}, {},
        "error", "CrossEntropyLoss tells classes apart, and the project is a regression.",
    ),
    "a criterion of many classes for two": (
        "classify", 1, "sigmoid", {"criterion": "NLLLoss"}, {},
        "error", "NLLLoss needs more than two classes, and the network has one output.",
    ),
    "BCELoss of anything": (
        "classify", 1, "relu", {"criterion": "BCELoss"}, {},
        "error", "BCELoss needs outputs from 0 to 1, and the last activation is relu.",
    ),
    "two sigmoids": (
        "classify", 1, "sigmoid", {"criterion": "BCEWithLogitsLoss"}, {},
        "warning", "BCEWithLogitsLoss after sigmoid squashes the output twice.",
    ),
    "two softmaxes": (
        "classify", 3, "softmax", {"criterion": "CrossEntropyLoss"}, {},
        "warning", "CrossEntropyLoss after softmax is a softmax of a softmax.",
    ),
    "probabilities for log probabilities": (
        "classify", 3, "softmax", {"criterion": "NLLLoss"}, {},
        "warning", "NLLLoss after softmax gets probabilities and not their logarithms.",
    ),
    "softmax of one": (
        "classify", 1, "softmax", {"criterion": "MSELoss"}, {},
        "error", "softmax of a single output is always the same.",
    ),
    "softmax of one in a regression": (
        "regress", 1, "softmax", {"criterion": "MSELoss"}, {},
        "error", "softmax of a single output is always the same.",
    ),
    "a bounded regression": (
        "regress", 1, "tanh", {"criterion": "MSELoss"}, {},
        "warning", "tanh gives values between -1 and 1 and no others.",
    ),
    "a sigmoid for each class": (
        "classify", 3, "sigmoid", {"criterion": "CrossEntropyLoss"}, {},
        "warning", "sigmoid rates each of 3 classes by itself.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("action", "outputs", "activation", "names", "fields", "level", "what"), RUNS.values(), ids=RUNS
)
def test_a_run_that_does_not_go_with_the_rest(
    action: str,
    outputs: int,
    activation: str,
    names: dict[str, str],
    fields: dict[str, Any],
    level: str,
    what: str,
    grid: Grid,
) -> None:
    grid.action, grid.layers = action, [linear(4, 8), linear(8, outputs, activation)]
    grid.run.update(fields)

    assert grid.found(**names) == [(level, what)]


@pytest.mark.parametrize("case", ["two sigmoids", "two softmaxes", "probabilities for log probabilities"])
def test_the_sandbox_feeds_criteria_what_they_want(case: str, play: Grid) -> None:
    action, outputs, activation, names, *_ = RUNS[case]
    play.action, play.layers = action, [linear(4, 8), linear(8, outputs, activation)]

    assert play.found(**names) == []


def test_the_sandbox_makes_values_of_classes_and_has_bounds_of_its_own(play: Grid) -> None:
    play.layers, play.run = [linear(4, 3, "softmax")], {"rounds": 20, "epochs": 1}

    assert play.found(criterion="MSELoss") == []


def test_what_depends_on_the_number_of_classes_is_a_warning_before_the_alignment(grid: Grid, play: Grid) -> None:
    for one in (grid, play):
        one.lacking = {}
    grid.layers = [linear(4, 1, "sigmoid")]
    assert grid.found(criterion="NLLLoss")[0] == (
        "warning",
        "NLLLoss needs more than two classes, and the network has one output.",
    )
    grid.layers = [linear(4, 1, "softmax")]
    assert grid.found()[0] == ("warning", "softmax of a single output is always the same.")
    play.layers = [linear(4, 1, "relu")]
    assert play.found()[0][0] == "warning"
    assert play.check()


@pytest.mark.parametrize(
    ("collab_id", "algorithm", "fields", "what"),
    [
        (None, "FedProx", {}, None),
        (None, "FedProx", {"mu": 0.1}, None),
        (None, "FedProx", {"mu": 0.0}, "FedProx with mu=0 is FedAvg"),
        (None, "FedAvg", {}, "does not train FedAvg"),
        (None, "FedSplit", {}, "does not train FedSplit"),
        (None, "SNN", {}, "does not train SNN"),
        (None, "FedProx", {"is_snn": True}, "does not train is_snn"),
        (None, "FedGKT", {}, "has no algorithm 'FedGKT'"),
        ("c", "FedProx", {"mu": 0.1}, None),
        ("c", "FedProx", {"mu": 0.0}, None),
        ("c", "FedAvg", {"mu": 0.0}, None),
        ("c", "FedAvg", {"mu": 0.1}, "FedAvg with mu=0.1"),
        ("c", "FedGKT", {}, None),
        ("c", "FedSplit", {}, "has no algorithm 'FedSplit'"),
        ("c", "SNN", {}, "has no algorithm 'SNN'"),
    ],
)
def test_each_generation_trains_algorithms_of_its_own(
    collab_id: str | None, algorithm: str, fields: dict[str, Any], what: str | None
) -> None:
    grid = Grid(collab_id=collab_id)
    grid.run.update(fields)

    found = grid.found(algorithm=algorithm)
    assert [level for level, _ in found] == ([] if what is None else ["error"])
    assert all(what in text for _, text in found if what)


# What was tried on a real grid with five classes -> the run's names and fields, and what stands against it, if it does.
TRAINS: dict[str, dict[str, Any]] = {
    **{name: {"criterion": name} for name in ("MSELoss", "KLDivLoss", "MultiLabelMarginLoss", "HingeEmbeddingLoss")},
    "SoftMarginLoss": {"criterion": "SoftMarginLoss"},
    "LambdaLR": {"lr_scheduler": "LambdaLR"},
    "StepLR": {"lr_scheduler": "StepLR", "step_size": 5},
    "ExponentialLR": {"lr_scheduler": "ExponentialLR", "gamma": 0.9},
    "momentum": {"momentum": 0.9},
    "seed 43": {"seed": 43},
}
NEVER_TRAINS: dict[str, tuple[dict[str, Any], str]] = {
    "MultiMarginLoss": ({"criterion": "MultiMarginLoss"}, "MultiMarginLoss gets targets"),
    "TripletMarginLoss": ({"criterion": "TripletMarginLoss"}, "TripletMarginLoss cannot train"),
    "ReduceLROnPlateau": ({"lr_scheduler": "ReduceLROnPlateau"}, "ReduceLROnPlateau is never told"),
    "StepLR alone": ({"lr_scheduler": "StepLR"}, "The run has no step_size"),
    "StepLR of 0": ({"lr_scheduler": "StepLR", "step_size": 0}, "step_size=0 does not reach StepLR"),
    "ExponentialLR alone": ({"lr_scheduler": "ExponentialLR"}, "The run has no gamma"),
    "ExponentialLR of 0": ({"lr_scheduler": "ExponentialLR", "gamma": 0.0}, "gamma=0.0 does not reach"),
    "CyclicLR alone": ({"base_lr": None, "max_lr": None}, "The run has no base_lr and max_lr"),
    "CyclicLR from 0": ({"base_lr": 0.0}, "base_lr=0.0 does not reach CyclicLR"),
    "no reduction": ({"reduction": "none"}, "reduction='none' leaves"),
    "Adam and CyclicLR": ({"optimizer": "Adam"}, "CyclicLR cycles the momentum, and Adam has none"),
    "LBFGS and CyclicLR": ({"optimizer": "LBFGS"}, "CyclicLR cycles the momentum, and LBFGS has none"),
    "Adam and a momentum that is not cycled": ({"optimizer": "Adam", "cycle_momentum": False}, "CyclicLR cycles"),
}


def told(grid: Grid, case: dict[str, Any]) -> list[tuple[str, str]]:
    """What is found of a run that this driver has sent."""
    names = {"algorithm": "FedProx", "criterion": "NLLLoss", "lr_scheduler": "CyclicLR", "optimizer": "SGD"}
    grid.layers = [linear(4, 8), linear(8, 5, "softmax" if "criterion" in case else "log_softmax")]
    grid.run.update({name: value for name, value in case.items() if name not in names})
    key = {**grid.ids, "expt_id": "e", "run_id": "r"}
    grid.driver._connection.memory.remember(key, {**names, **case})
    return grid.found(**dict.fromkeys(names))


@pytest.mark.parametrize("collab_id", [None, "c"], ids=["v4", "v8"])
@pytest.mark.parametrize("case", TRAINS.values(), ids=TRAINS)
def test_nothing_stands_against_what_a_real_grid_trained(case: dict[str, Any], collab_id: str | None) -> None:
    assert told(Grid(collab_id=collab_id), case) == []


@pytest.mark.parametrize("collab_id", [None, "c"], ids=["v4", "v8"])
def test_the_default_criterion_trains_more_than_two_classes(collab_id: str | None) -> None:
    assert told(Grid(collab_id=collab_id), {"criterion": "BCELoss"}) == []


@pytest.mark.parametrize("collab_id", [None, "c"], ids=["v4", "v8"])
@pytest.mark.parametrize(("case", "what"), NEVER_TRAINS.values(), ids=NEVER_TRAINS)
def test_what_a_real_grid_never_trained_is_an_error(case: dict[str, Any], what: str, collab_id: str | None) -> None:
    found = told(Grid(collab_id=collab_id), case)

    assert [level for level, _ in found] == ["error"]
    assert what in found[0][1]


@pytest.mark.parametrize(("case", "what"), NEVER_TRAINS.values(), ids=NEVER_TRAINS)
def test_the_sandbox_judges_runs_itself(case: dict[str, Any], what: str) -> None:
    assert told(Grid(is_sandbox=True), case) == []


def test_the_remedy_for_a_momentum_that_is_not_there_is_one_that_was_seen_to_heal(grid: Grid) -> None:
    grid.run["lr_scheduler"], grid.run["step_size"] = "StepLR", 5

    assert grid.found(optimizer="Adam", lr_scheduler="StepLR") == []
    (finding,) = grid.check(optimizer="Adam").findings
    assert "StepLR" in finding.remedy
    assert "Seen on v4 and v8 grids." in finding.why


def test_the_seed_of_the_workers_is_warned_of_where_it_was_seen_to_fail() -> None:
    assert told(Grid(), {"seed": 42}) == [("warning", "seed=42 is the workers' own.")]
    assert told(Grid(collab_id="c"), {"seed": 42}) == []
    assert told(Grid(is_sandbox=True), {"seed": 42}) == []


@pytest.mark.parametrize("collab_id", [None, "c"], ids=["v4", "v8"])
@pytest.mark.parametrize(
    ("l_type", "structure", "level"),
    [
        ("Dropout", {}, "error"),
        ("BatchNorm1d", {"num_features": 8}, "error"),
        ("AlphaDropout", {}, "warning"),
        ("SyncBatchNorm", {"num_features": 8}, "warning"),
    ],
)
def test_layers_that_workers_cannot_train(
    l_type: str, structure: dict[str, Any], level: str, collab_id: str | None, play: Grid
) -> None:
    for one, expected in ((Grid(collab_id=collab_id), [level]), (play, [])):
        one.layers = [linear(4, 8), layer(l_type, **structure), linear(8, 1, "sigmoid")]

        assert [level for level, _ in one.found()] == expected


def test_a_convolution_of_images_cannot_take_a_table(grid: Grid) -> None:
    grid.layers = [layer("Conv2d", **CHANNELS), layer("Flatten"), linear(8, 1, "sigmoid")]

    assert grid.found() == [("error", "Conv2d gets rows without channels.")]


@pytest.mark.parametrize("is_first", [True, False])
def test_the_last_layer_says_what_it_gives_also_before_the_alignment(is_first: bool, grid: Grid) -> None:
    grid.lacking = {}
    without = layer("Linear", "sigmoid", in_features=8)
    grid.layers = [without] if is_first else [linear(4, 8), without]

    assert ("error", "Linear lacks out_features.") in grid.found()


def test_what_a_ttp_never_tells_is_not_guessed(grid: Grid) -> None:
    report = grid.check(algorithm=None, criterion=None, lr_scheduler=None, optimizer=None)

    (finding,) = report.findings
    assert (finding.level, finding.where) == ("info", "run 'r' of 'e'")
    assert finding.what == "Not checked: algorithm, criterion, lr_scheduler, optimizer."
    assert report.ok


def test_the_default_scheduler_is_warned_of_when_the_scheduler_is_unknown(grid: Grid) -> None:
    grid.run = {"rounds": 20, "epochs": 1}

    assert grid.found(lr_scheduler=None) == [
        ("warning", "The run has no base_lr and max_lr."),
        ("info", "Not checked: lr_scheduler."),
    ]


# What is remembered


def unknown_of(report: Report) -> list[str]:
    return [finding.what for finding in report.findings if finding.what.startswith("Not checked")]


def test_what_a_driver_sent_of_a_run_is_remembered(trained_ttp: "Sandbox", trained_driver: Driver) -> None:
    ids = {"project_id": "penguins", "expt_id": "one_layer"}
    trained_driver.scope(**ids).runs.create(run_id="mine", criterion="MSELoss", rounds=20)

    assert unknown_of(trained_driver.check(**ids, run_id="mine")) == []
    assert unknown_of(trained_driver.check(**ids, run_id="adam")) != []
    with Driver(trained_ttp.host, trained_ttp.port) as other:
        assert unknown_of(other.check(**ids, run_id="mine")) != []

    trained_driver.runs.update(**ids, run_id="adam", criterion="L1Loss")
    (what,) = unknown_of(trained_driver.check(**ids, run_id="adam"))
    assert what == "Not checked: algorithm, lr_scheduler, optimizer."

    trained_driver.runs.delete(**ids, run_id="mine")
    assert trained_driver._connection.memory.recall({**ids, "run_id": "mine"}) == {}


def test_a_run_that_was_refused_is_not_remembered(ttp: "Sandbox") -> None:
    ids = {"project_id": "none", "expt_id": "e", "run_id": "r"}
    with Driver(ttp.host, ttp.port, errors="return") as driver:
        driver.runs.create(**ids)
        driver.runs.delete(**ids)

        assert driver._connection.memory.recall(ids) == {}


def test_a_scheduler_lacks_what_was_not_sent(grid: Grid) -> None:
    key = {**grid.ids, "expt_id": "e", "run_id": "r"}
    assert grid.found(lr_scheduler="StepLR") == []

    grid.driver._connection.memory.remember(key, {"lr_scheduler": "StepLR"})
    assert grid.found(lr_scheduler=None) == [("error", "The run has no step_size.")]

    grid.driver._connection.memory.remember(key, {"step_size": 5})
    assert grid.found(lr_scheduler=None) == []


def test_what_the_caller_says_counts_more_than_what_is_remembered(grid: Grid) -> None:
    grid.driver._connection.memory.remember({**grid.ids, "expt_id": "e", "run_id": "r"}, {**NAMES, "criterion": "no"})

    assert grid.found() == []
    assert grid.found(criterion=None) == [("error", "torch 1.4 has no criterion 'no'.")]


# The ids


def test_ids_are_those_of_the_scope(grid: Grid) -> None:
    scoped = grid.driver.scope(project_id="p", expt_id="e", run_id="r", participant_id="biscoe")

    assert scoped.check(**NAMES).subject == "Project 'p', experiment 'e', run 'r'"
    assert scoped.check(expt_id="other").subject == "Project 'p', experiment 'other'"


@pytest.mark.parametrize("ids", [{}, {"expt_id": "e"}, {"project_id": "p", "run_id": "r"}, {"project_id": ".."}])
def test_ids_that_lead_nowhere_are_refused(ids: dict[str, str], grid: Grid) -> None:
    with pytest.raises(InvalidId, match=r"^\[check\] "):
        grid.driver.check(**ids)
    assert grid.sent == []


def test_arguments_that_cannot_be_right_are_refused(grid: Grid) -> None:
    wrong: Mapping[str, Any]
    for wrong in ({"criterion": 3}, {"reach": "yes"}):
        with pytest.raises(InvalidArgument, match=r"^\[check\] "):
            grid.driver.check(project_id="p", **wrong)
    assert grid.sent == []


def test_errors_are_findings_for_old_code_too(grid: Grid) -> None:
    grid.status = {"p": 404}
    old = Driver("ttp.example", 5000, errors="return", transport=httpx.MockTransport(grid._answer))

    assert not old.check(project_id="p")


# The training itself


def test_a_training_that_cannot_work_is_not_started(grid: Grid) -> None:
    grid.lacking = {}

    with pytest.raises(NotReady) as caught:
        grid.driver.models.create(project_id="p", check=True)

    assert {method for method, _ in grid.sent} == {"GET"}
    error = caught.value
    assert [finding.what for finding in error.report.errors] == ["The project is not aligned."]
    assert str(error).startswith("[models.create] Project 'p' is not ready to train: 1 error, ")
    assert "\n" not in str(error)
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert str(twin) == str(error)


def test_a_training_that_can_work_is_started(trained_driver: Driver) -> None:
    ids = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}

    assert trained_driver.models.create(**ids, check=True).data[0].key.run_id == "adam"


# The report

ODD = Finding("error", "<b>what</b>", "run '<script>'\x1b[31m\n\ud800", 'it\'s "why" & more ' * 20, "do")


def test_a_report_lists_the_worst_first() -> None:
    findings = [Finding(level, "what", "where", "why", "do") for level in ("info", "warning", "error", "error")]  # type: ignore[arg-type]

    report = Report("Project 'p'", findings)

    assert [finding.level for finding in report.findings] == ["error", "error", "warning", "info"]
    assert report.headline == "Project 'p' is not ready to train: 2 errors, 1 warning, 1 info."
    assert not report.ok


def test_a_report_prints_as_a_table() -> None:
    report = Report("Project 'p'", [Finding("warning", "What it is.", "run 'r'", "Why it matters.", "Do this.")])

    assert str(report) == repr(report)
    assert str(report).splitlines() == [
        "Project 'p' is ready to train: 1 warning.",
        "",
        f"warning  {'run ' + repr('r'):30}What it is.",
        f"{'':39}Why it matters.",
        f"{'':39}-> Do this.",
    ]


def test_a_report_prints_whatever_is_in_it() -> None:
    text = str(Report("Project '\x1b'", [ODD]))

    assert text.isascii()
    assert all(line.isprintable() and len(line) <= 99 for line in text.splitlines())
    assert r"\x1b[31m\n\ud800" in text


def test_a_report_in_a_notebook_is_escaped() -> None:
    page = Report("Project '<i>'", [ODD])._repr_html_()

    page.encode()
    assert "<b>what" not in page
    assert "<script>" not in page
    assert "<i>" not in page
    assert "&lt;b&gt;what&lt;/b&gt;" in page
    assert "it&#x27;s &quot;why&quot; &amp; more" in page


def test_a_report_without_findings_in_a_notebook() -> None:
    assert (
        Report("Project 'p'", [])._repr_html_() == "<div><p><b>Project &#x27;p&#x27; is ready to train.</b></p></div>"
    )


# What is known of torch 1.4


@pytest.mark.parametrize("name", sorted(torch14.LAYERS))
def test_the_arguments_of_layers_are_those_of_torch(name: str) -> None:
    import inspect

    from torch import nn

    cls = nn.RNNBase if name in ("RNN", "LSTM", "GRU") else getattr(nn, name)
    parameters = inspect.signature(cls).parameters
    needed, further = (set(names.split()) for names in torch14.LAYERS[name])

    assert needed | further - {"nonlinearity"} <= set(parameters) | {"nonlinearity"}
    required = {one for one, about in parameters.items() if about.default is about.empty} - {"mode"}
    assert required <= needed | {"kwargs", "args"}


def test_the_names_are_those_of_torch() -> None:
    import torch

    for name in torch14.ACTIVATIONS:
        assert callable(getattr(torch.nn.functional, name)), name
    for name in torch14.CRITERIA - {"NLLLoss2d"} | torch14.CRITERIA_OF_MORE | torch14.NO_LAYERS_OF_A_ROW:
        assert isinstance(getattr(torch.nn, name), type), name
    for name in torch14.OPTIMIZERS | torch14.OPTIMIZERS_WITH_MOMENTUM:
        assert isinstance(getattr(torch.optim, name), type), name
    for name in torch14.SCHEDULERS:
        assert isinstance(getattr(torch.optim.lr_scheduler, name), type), name
