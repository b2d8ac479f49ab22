"""Troubleshooting by message: whatever the page quotes is raised here, so that it quotes what the code says."""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from authority import make_authority
from hostile import HostileServer
from listener import listening
from recorder import Recorder, envelope
from tables import agreed, read, write

from synergos import Driver
from synergos.errors import NotReady
from synergos.http import ReadError, ReadTimeout
from synergos.inference.loading import load_model
from synergos.learning import columns
from synergos.machines import keys

if TYPE_CHECKING:
    from synergos.sandbox import Sandbox

PAGE = Path(__file__).resolve().parents[1] / "docs" / "guides" / "troubleshooting.md"
LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 3}}
RUN = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}
UNTRAINED = {
    "doc_id": "1",
    "kind": "Validation",
    "key": {**RUN, "participant_id": "biscoe"},
    "evaluate": {"statistics": {}, "res_path": None},
}

Saying = Callable[["Places"], object]
SAYINGS: dict[str, Saying] = {}


class Places:
    """Where a message can be had: sandboxes, a TTP that answers what it is told, and a folder."""

    def __init__(self, recorder: Recorder, folder: Path, trained: Driver) -> None:
        self.recorder = recorder
        self.folder = folder
        self.trained = trained

    def answering(self, *answers: httpx.Response | Exception) -> Driver:
        """A driver on a TTP that gives these answers one after another, and the last one for ever."""
        left = list(answers)

        def answer(_: httpx.Request) -> httpx.Response:
            found = left.pop(0) if len(left) > 1 else left[0]
            if isinstance(found, Exception):
                raise found
            return found

        return Driver("ttp.example", 5000, transport=httpx.MockTransport(answer))

    def checked(self, activation: str = "softmax", **run: object) -> str:
        """What a check finds in a run on a TTP of the generation v4."""
        key, layer = {"project_id": "p"}, {**LAYER, "activation": activation}
        tags = {"doc_id": "1", "kind": "Tag", "key": {**key, "participant_id": "w"}, "train": [["t"]]}
        records: dict[str, list[dict[str, Any]]] = {
            "Experiment": [{"doc_id": "1", "kind": "Experiment", "key": {**key, "expt_id": "e"}, "model": [layer]}],
            "Run": [{"doc_id": "1", "kind": "Run", "key": {**key, "expt_id": "e", "run_id": "r"}, **run}],
            "Registration": [{"doc_id": "1", "kind": "Registration", "key": {**key, "participant_id": "w"}}],
            "Tag": [{**tags, "evaluate": [["t"]]}],
        }
        project = {"doc_id": "1", "kind": "Project", "key": key, "action": "classify", "relations": records}

        def answer(request: httpx.Request) -> httpx.Response:
            path = request.url.path
            if path.endswith("/projects/p"):
                return httpx.Response(200, json=envelope(project))
            kinds = {"experiments": "Experiment", "runs": "Run", "registrations": "Registration"}
            kind = next((kind for name, kind in kinds.items() if path.rstrip("/").endswith(name)), None)
            if kind is None:
                return httpx.Response(404, json={"message": "There is none."})
            return httpx.Response(200, json=envelope(records[kind]))

        with Driver("ttp.example", 5000, transport=httpx.MockTransport(answer)) as driver:
            report = driver.check(project_id="p", algorithm="FedProx", lr_scheduler="CyclicLR")
        return "\n".join(f"{one.what} {one.why} {one.remedy}" for one in report.findings)


def says(heading: str) -> Callable[[Saying], Saying]:
    """Name the message of the page that a function raises or returns."""

    def named(saying: Saying) -> Saying:
        SAYINGS[heading] = saying
        return saying

    return named


@pytest.fixture
def places(recorder: Recorder, tmp_path: Path, trained: Driver) -> Places:
    return Places(recorder, tmp_path, trained)


def quoted() -> list[str]:
    """The messages that the page quotes, in its order."""
    return re.findall(r"^### `(.*)`$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_each_message_of_the_page_is_raised_here() -> None:
    assert list(SAYINGS) == quoted()


@pytest.mark.parametrize("heading", quoted())
def test_a_message_of_the_page_is_what_is_said(heading: str, places: Places) -> None:
    try:
        said = SAYINGS[heading](places)
    except Exception as error:
        said = error
    pattern = ".*".join(re.escape(part) for part in heading.split("…"))
    assert re.search(pattern, str(said), re.DOTALL), str(said)


# Reaching the TTP


@says("No TTP answers at …. Is it running, and are host and port right?")
def _(places: Places) -> object:
    with listening() as listener:
        port = listener.port
    return Driver("127.0.0.1", port).projects.read_all()


@contextmanager
def _https(folder: Path) -> "Iterator[Sandbox]":
    from synergos.sandbox import Sandbox

    with Sandbox(certificate=make_authority(folder).server) as ttp:
        yield ttp


@says("The certificate of … is not trusted: …")
def _(places: Places) -> object:
    with _https(places.folder) as ttp:
        return Driver(ttp.host, ttp.port, is_secured=True).projects.read_all()


@says("… answers by https and was asked by http: …")
def _(places: Places) -> object:
    # What a server of TLS says to who does not speak it.
    with HostileServer(b"\x15\x03\x01\x00\x02\x02\x46") as server:
        return Driver("127.0.0.1", server.port).projects.read_all()


@says("The connection to … was lost: …. If it is an https port: …")
def _(places: Places) -> object:
    with _https(places.folder) as ttp:
        return Driver(ttp.host, ttp.port).projects.read_all()


@says("… does not answer by https …")
def _(places: Places) -> object:
    return Driver(places.trained.host, places.trained.port, is_secured=True).projects.read_all()


@says("401 … Who asks was not said: give auth=(name, password) or token=.")
def _(places: Places) -> object:
    return places.answering(httpx.Response(401, json={"message": "Unauthorized"})).projects.read_all()


@says("403 Host … is not this machine's name: call the sandbox by …")
def _(places: Places) -> object:
    answer = httpx.get(f"{places.trained.url}/ttp/connect/projects/", headers={"Host": "evil.example"})
    return places.answering(httpx.Response(answer.status_code, json=answer.json())).projects.read_all()


@says("The TTP redirects to …: are host, port and is_secured right?")
def _(places: Places) -> object:
    return places.answering(httpx.Response(308, headers={"Location": "https://ttp.example/"})).projects.read_all()


@says("… answered … without a JSON object: is it a TTP?")
def _(places: Places) -> object:
    return places.answering(httpx.Response(200, html="<h1>Welcome</h1>")).projects.read_all()


@says("This TTP has no such route: …")
def _(places: Places) -> object:
    return places.answering(httpx.Response(404, html="<h1>Not Found</h1>")).projects.read_all()


@says("… did not answer within … s. It may still be at work.")
def _(places: Places) -> object:
    return places.answering(ReadTimeout("slow")).projects.read_all()


@says("The connection to … was lost: …. What was asked may have been done.")
def _(places: Places) -> object:
    return places.answering(ReadError("reset by peer")).participants.create("biscoe")


@says("It was not its turn within … s, for … is not done, and a TTP takes one change at a time.")
def _(places: Places) -> object:
    with listening() as listener:
        listener.held = "POST"
        here = threading.Thread(target=lambda: Driver("127.0.0.1", listener.port).participants.create("biscoe"))
        here.start()
        assert listener.is_holding.acquire(timeout=30)
        try:
            return Driver("127.0.0.1", listener.port, turn_timeout=0.05).participants.create("dream")
        finally:
            listener.release.set()
            here.join()


# Names and arguments


@says("404 … does not exist! Did you mean …?")
def _(places: Places) -> object:
    return places.trained.projects.read(project_id="pengins")


@says("There is no argument …: did you mean …?")
def _(places: Places) -> object:
    misspelt: dict[str, Any] = {"verbos": True}
    return places.trained.models.create(project_id="penguins", **misspelt)


@says("… is not allowed: it must be …")
def _(places: Places) -> object:
    rounds: Any = "many"
    return places.trained.runs.create(**RUN, rounds=rounds)


@says("… cannot be addressed: it must be a text that is not empty, …")
def _(places: Places) -> object:
    return places.trained.projects.read(project_id="a/b")


@says("… is given without …: give that too, or name it once with driver.scope(...).")
def _(places: Places) -> object:
    return places.trained.models.read(project_id="penguins", run_id="adam")


@says("A real TTP deletes every … with …, and there are others: …")
def _(places: Places) -> object:
    experiments = [
        {"doc_id": "1", "kind": "Experiment", "key": {"project_id": name, "expt_id": "e"}, "model": []} for name in "pq"
    ]
    projects = [
        {"doc_id": "1", "kind": "Project", "key": {"project_id": name}, "relations": {"Experiment": [one]}}
        for name, one in zip("pq", experiments, strict=True)
    ]
    places.recorder.answer(projects)
    return places.recorder.driver.experiments.delete(project_id="p", expt_id="e")


@says("There is no …: … are made by the grid; …")
def _(places: Places) -> object:
    models: Any = places.trained.models
    return models.delete(**RUN)


@says("The TTP has told no … of this …. It has told: …")
def _(places: Places) -> object:
    places.recorder.answer({"doc_id": "1", "kind": "Run", "key": {"project_id": "p", "expt_id": "e", "run_id": "r"}})
    return places.recorder.driver.runs.read(project_id="p", expt_id="e", run_id="r").data.relations


@says("The run is untrained, and so there are no statistics: …")
def _(places: Places) -> object:
    places.recorder.answer([UNTRAINED])
    return places.recorder.driver.validations.read(**RUN).data[0].evaluate.statistics.accuracy


@says("The TTP answered with another record: … in place of …")
def _(places: Places) -> object:
    places.recorder.answer({"doc_id": "1", "kind": "Project", "key": {"project_id": "q"}})
    return places.recorder.driver.projects.read(project_id="p")


# Data


@says("… leads to no data folder; looked in …; available tags: …")
def _(places: Places) -> object:
    write(places.folder / "p" / "iid")
    return read(places.folder, "idd")


@says("… holds … and no metadata.json: …")
def _(places: Places) -> object:
    (places.folder / "p" / "iid").mkdir(parents=True)
    (places.folder / "p" / "iid" / "raw.csv").write_text("age,target\n1,a\n", encoding="utf-8")
    return read(places.folder, "iid")


@says("… does not match schema.json: lacks columns …, has unknown columns …")
def _(places: Places) -> object:
    write(places.folder / "p" / "iid", "age,gender,target\n30,0,a\n")
    return read(places.folder, "iid")


@says("… looks separated by …: say … among the operations of metadata.json")
def _(places: Places) -> object:
    write(places.folder / "p" / "iid", "age;sex;target\n30;0;a\n")
    return read(places.folder, "iid")


@says("… cannot be read as …; it looks written in …: …")
def _(places: Places) -> object:
    write(places.folder / "p" / "iid", "age,sex,target\n30,männlich,a\n", encoding="latin-1")
    return read(places.folder, "iid")


@says("… holds …, which is no number, like … of the … values; …")
def _(places: Places) -> object:
    write(places.folder / "p" / "iid", "age,sex,target\nold,0,a\nyoung,1,b\n40,1,a\n")
    return read(places.folder, "iid")


@says("column 'target' is missing")
def _(places: Places) -> object:
    write(places.folder / "p" / "iid", "age,sex\n30,0\n", {"age": "int64", "sex": "category"})
    return read(places.folder, "iid")


@says("column … holds numbers at … and categories at …; make the schemas agree")
def _(places: Places) -> object:
    write(places.folder / "p" / "iid")
    write(places.folder / "q" / "iid", schema={"age": "category", "sex": "category", "target": "category"})
    return agreed([read(places.folder, "iid"), read(places.folder, "iid", who="q")])


@says("the categories of all columns would make … inputs, and the sandbox takes up to …; …")
def _(places: Places) -> object:
    rows = "\n".join(f"{number},{number},a" for number in range(columns.MOST_CATEGORIES + 1))
    write(places.folder / "p" / "iid", f"age,sex,target\n{rows}\n")
    return agreed([read(places.folder, "iid")])


# Training


def _told(places: Places, **run: Any) -> Driver:
    """A project of its own on the trained sandbox, with a run."""
    driver = places.trained.scope(project_id=f"p{next(_NUMBERS)}")
    driver.projects.create(action="classify")
    driver.experiments.create(expt_id="e", model=[{**LAYER, "activation": "softmax"}])
    if run:
        driver.runs.create(expt_id="e", run_id="r", **{"criterion": "NLLLoss", "rounds": 1, "epochs": 1, **run})
    return driver


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield (number := number + 1)


_NUMBERS = _numbers()
PLAIN: dict[str, Any] = {"lr_scheduler": "StepLR", "step_size": 10}


def _registered(driver: Driver, evaluate: list[list[str]]) -> None:
    for name, data in {"biscoe": "non_iid_1", "dream": "non_iid_2"}.items():
        driver.registrations.create(participant_id=name, role="guest")
        driver.tags.create(participant_id=name, train=[[data]], evaluate=evaluate)
    driver.alignments.create()


@says("… is not aligned: create its alignments first.")
def _(places: Places) -> object:
    return _told(places, **PLAIN).models.create()


@says("There are no runs yet for …")
def _(places: Places) -> object:
    return _told(places).models.create()


@says("A training needs a participant with … tags: set them and align again.")
def _(places: Places) -> object:
    driver = _told(places, **PLAIN)
    _registered(driver, [])
    return driver.models.create()


@says("Since … was trained, its … changed: train it again.")
def _(places: Places) -> object:
    driver = _told(places, **PLAIN)
    _registered(driver, [["iid_1"]])
    driver.models.create()
    driver.runs.update(expt_id="e", run_id="r", lr=0.5)
    return driver.validations.create()


@says("the training diverged in round …: the weights or losses are no longer finite; …")
def _(places: Places) -> object:
    driver = _told(places, **PLAIN, lr=1.0, l2_lambda=1e38, rounds=3, epochs=5)
    _registered(driver, [["iid_1"]])
    return driver.models.create()


@says("criterion … needs more than two classes, and this is …: take …")
def _(places: Places) -> object:
    from synergos.sandbox import Sandbox

    write(places.folder / "iid", "age,sex,target\n" + "30,0,a\n40,1,b\n" * 20)
    with Sandbox(data=places.folder) as ttp, Driver(ttp.host, ttp.port) as driver:
        driver.projects.create(project_id="p", action="classify")
        driver.experiments.create(project_id="p", expt_id="e", model=[{**LAYER, "activation": None}])
        driver.runs.create(project_id="p", expt_id="e", run_id="r", criterion="NLLLoss", **PLAIN)
        driver.participants.create("p", host="127.0.0.1", port=8020, f_port=5000)
        driver.registrations.create(project_id="p", participant_id="p", role="guest")
        driver.tags.create(project_id="p", participant_id="p", train=[["iid"]], evaluate=[["iid"]])
        driver.alignments.create(project_id="p")
        return driver.models.create(project_id="p")


@says("model: the layers cannot take rows of … features, as … has them: …")
def _(places: Places) -> object:
    driver = _told(places, **PLAIN)
    last = {"is_input": False, "l_type": "Linear", "structure": {"in_features": 8, "out_features": 3}}
    driver.experiments.update(expt_id="e", model=[LAYER, {**last, "activation": "softmax"}])
    _registered(driver, [["iid_1"]])
    return driver.models.create()


@says("lr_scheduler … needs … among the run's fields")
def _(places: Places) -> object:
    return _told(places, lr_scheduler="StepLR")


@says("… is unknown; nearest: …")
def _(places: Places) -> object:
    return _told(places, **PLAIN, optimizer="Adma")


@says("resume=True is not allowed: only the sandbox goes on with a training, …")
def _(places: Places) -> object:
    return places.recorder.driver.models.create(project_id="p", resume=True)


# On a real grid


def _failing(status: int) -> Driver:
    def answer(request: httpx.Request) -> httpx.Response:
        failed = httpx.Response(status, json={"message": "Internal Server Error"})
        return failed if request.method == "POST" else httpx.Response(404, json={"message": "There is none."})

    return Driver("ttp.example", 5000, transport=httpx.MockTransport(answer))


@says("500 … Likely, in this order: a worker that is down; …")
def _(places: Places) -> object:
    return _failing(500).models.create(project_id="p")


@says("504 … The gateway has lost patience. …")
def _(places: Places) -> object:
    return _failing(504).models.create(project_id="p")


@says("… is not ready to train: …. First …")
def _(places: Places) -> object:
    with pytest.raises(NotReady) as refused:
        _told(places, **PLAIN).train()
    return refused.value


@says("FedProx with mu=0 is FedAvg, which a TTP of the generation v4 does not train.")
def _(places: Places) -> object:
    return places.checked(mu=0.0)


@says("… cannot be built without.")
def _(places: Places) -> object:
    return places.checked(mu=0.1)


@says("seed=42 is the workers' own.")
def _(places: Places) -> object:
    return places.checked(seed=42)


@says("torch 1.4 has no …")
def _(places: Places) -> object:
    return places.checked(activation="mish")


# What only the sandbox does


def _of_v4(request: httpx.Request) -> httpx.Response:
    """A TTP with a project, its run and nothing that only the sandbox has."""
    key = {"project_id": "p"}
    runs = [{"doc_id": "1", "kind": "Run", "key": {**key, "expt_id": "e", "run_id": "r"}}]
    if request.url.path.endswith("/projects/p"):
        experiments = [{"doc_id": "1", "kind": "Experiment", "key": {**key, "expt_id": "e"}, "model": [LAYER]}]
        relations = {"Experiment": experiments, "Run": runs}
        project = {"doc_id": "1", "kind": "Project", "key": key, "action": "classify", "relations": relations}
        return httpx.Response(200, json=envelope(project))
    if request.url.path.endswith("/runs/"):
        return httpx.Response(200, json=envelope(runs))
    return httpx.Response(404, json={"message": "There is none."})


@says("This TTP does not tell of the rounds of a training; only the sandbox does.")
def _(places: Places) -> object:
    return Driver("ttp.example", 5000, transport=httpx.MockTransport(_of_v4)).models.create(project_id="p", track=print)


@says("This TTP does not tell what it is at.")
def _(places: Places) -> object:
    return Driver("ttp.example", 5000, transport=httpx.MockTransport(_of_v4)).jobs()


@says("This TTP does not tell the losses: …")
def _(places: Places) -> object:
    return Driver("ttp.example", 5000, transport=httpx.MockTransport(_of_v4)).results(project_id="p").losses


@says("… needs …, which is not installed: …pip install …")
def _(places: Places) -> object:
    model = load_model(places.trained.models.read(**RUN))
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, "onnxscript", None)
        return model.to_onnx(places.folder / "model.onnx")


# On a grid of machines


def _mustered(names: dict[bytes, str]) -> object:
    from synergos.ttp.machines import RemoteCrew

    link: Any = SimpleNamespace(grid=None, names=names)
    return RemoteCrew(link, 0.01, threading.Event()).muster(["biscoe"])


@says("participant … is not connected, and did not come within … seconds: …")
def _(places: Places) -> object:
    return _mustered({b"key": "biscoe"})


@says("… is not in the TTP's file of participants: …")
def _(places: Places) -> object:
    return _mustered({})


def _of_a_supernode(*said: str) -> object:
    """What a participant's log says when Flower's SuperNode has ended with these words."""
    from synergos.participant.node import _in_plain_words

    child: Any = SimpleNamespace(last_words=said[-1], has_said=lambda words: any(words in line for line in said))
    return _in_plain_words(child, connected=False)


@says("the TTP refuses the key: …")
def _(places: Places) -> object:
    return _of_a_supernode("SuperNode terminated gracefully")


@says("the TTP is not who it should be: …")
def _(places: Places) -> object:
    return _of_a_supernode("SSL handshake failed: CERTIFICATE_VERIFY_FAILED")


@says("key: others may read …. Make it yours alone: chmod 600 …")
def _(places: Places) -> object:
    key = places.folder / "biscoe.key"
    keys.make_key(key)
    key.chmod(0o644)
    return keys.public_of(key)


# With a model that you took away


@says("… is not on this machine, but on the TTP's: copy its folder here …")
def _(places: Places) -> object:
    key = {"project_id": "p", "expt_id": "e", "run_id": "r"}
    record = {"doc_id": "1", "kind": "Model", "key": key, "global": {"origin": "ttp", "path": "/ttp/models/global.pt"}}
    places.recorder.answer([record])
    return load_model(places.recorder.driver.models.read(**key))


@says("The frame lacks …; it has …. The model needs …")
def _(places: Places) -> object:
    import pandas as pd

    model = load_model(places.trained.models.read(**RUN))
    return model.predict(pd.DataFrame({"bill": [39.1]}))
