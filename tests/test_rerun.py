"""`driver.rerun`: a training done once more as its manifest says, what differs, and that nothing is left of it."""

import _thread
import copy
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from recorder import Recorder

from synergos import Driver, InvalidArgument, InvalidId, Manifest, NotFound, Rerun, SynergosError
from synergos.manifest import sealed
from synergos.sandbox import Sandbox
from synergos.ttp.work import Progress

IDS = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "adam"}


def files(ttp: Sandbox) -> set[str]:
    return {str(path.relative_to(ttp.outputs)) for path in ttp.outputs.rglob("*") if path.is_file()}


def left(driver: Driver, ttp: Sandbox) -> object:
    """All that is to be as it was."""
    return driver.projects.read_all()["data"], driver.participants.read_all()["data"], files(ttp)


def changed(manifest: Manifest, **fields: Any) -> Manifest:
    """A manifest that was written with other fields."""
    return Manifest.read(sealed({**copy.deepcopy(dict(manifest.content)), **fields}))


@pytest.fixture(scope="module")
def again(
    trained_store: Path, copy_store: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Rerun, Manifest]]:
    """A rerun in the sandbox that trained before, in which nothing else has changed, and the manifest."""
    with (
        Sandbox(store=copy_store(trained_store, tmp_path_factory.mktemp("again"))) as ttp,
        Driver(ttp.host, ttp.port) as driver,
    ):
        manifest, before = driver.manifest(**IDS), left(driver, ttp)
        found = driver.scope(project_id="penguins", run_id="other").rerun(manifest, timeout=60)
        assert left(driver, ttp) == before
        yield found, manifest


def test_the_same_comes_of_it(again: tuple[Rerun, Manifest]) -> None:
    found, manifest = again

    assert found
    assert found.equal
    assert found.differences == ()
    assert found.then == manifest
    assert found.now.content["weights"] == manifest.content["weights"]
    assert found.now.content["key"]["project_id"] == found.project_id != "penguins"
    assert str(found) == "penguins/one_layer/adam: equal. The same losses and the same weights, to the last bit."
    assert "equal" in found._repr_html_()


PARTS: list[tuple[str, list[str | int], Any]] = [
    ("contract", [], "9.9.9"),
    ("versions", ["torch"], "1.4.0"),
    ("versions", ["another"], "1"),
    ("platform", [], "Linux riscv64"),
    ("action", [], "regress"),
    ("seed", [], 41),
    ("layers", [0, "activation"], "relu"),
    ("fitted", [], False),
    ("run", ["lr"], 0.030000000000000002),
    ("run", ["momentum"], 0.9),
    ("participants", ["biscoe", "rows", "train"], 61),
    ("participants", ["dream", "digests", "evaluate"], "0" * 64),
    ("participants", ["dream", "tags", "train"], [["non_iid_1"], ["non_iid_2"]]),
    ("alignment", ["columns", "body_mass_g", "fill"], 4000.5),
    ("alignment", ["targets", 0], "Adelia"),
    ("rounds", ["best"], 1),
    ("losses", ["train", "2"], 0.5),
    ("losses", ["local", "biscoe", "1"], None),
    ("losses", ["evaluate", "3"], 0.5),
    ("weights", ["global_model.pt", "values"], "0" * 64),
    ("weights", ["best_model.pt", "values"], "0" * 64),
]


@pytest.mark.parametrize(("part", "way", "value"), PARTS, ids=lambda one: str(one)[:30])
def test_whatever_differs_is_told(part: str, way: list[str | int], value: Any, again: tuple[Rerun, Manifest]) -> None:
    now, manifest = again[0].now, again[1]
    whole = {part: copy.deepcopy(manifest.content[part])}  # type: ignore[literal-required]
    inner: Any = whole
    *outer, last = [part, *way]
    for name in outer:
        inner = inner[name]
    if isinstance(inner, dict) and inner.get(last) == value:
        value = 2
    inner[last] = value

    (told,) = changed(manifest, **whole).differences(now)

    assert told.part == part
    assert told.then == value
    assert told.now != value
    assert all(str(name) in told.what for name in way if name != "values")


def test_a_participant_more_differs_and_a_file_of_the_same_weights_does_not(again: tuple[Rerun, Manifest]) -> None:
    now, content = again[0].now, again[1].content
    people = {**content["participants"], "torgersen": content["participants"]["dream"]}
    packed = {name: {**one, "file": "0" * 64} for name, one in content["weights"].items()}
    untold = {name: {**one, "digests": {}} for name, one in content["participants"].items()}

    (told,) = changed(again[1], participants=people).differences(now)

    assert (told.part, told.what, told.now) == ("participants", "torgersen", None)
    assert changed(again[1], weights=packed).differences(now) == ()
    assert changed(again[1], participants=untold).differences(now) == ()


def test_what_differs_beside_what_came_of_it_is_told_from_that(again: tuple[Rerun, Manifest]) -> None:
    found, manifest = again
    then = changed(manifest, versions={**manifest.content["versions"], "torch": "2.0"})
    differing = Rerun(then, found.now, then.differences(found.now), (), "p")

    assert not differing
    assert str(differing).startswith(
        "penguins/one_layer/adam: not equal. These differ: versions. The losses and the weights are the same all the "
        "same.\n"
    )
    assert "torch" in str(differing)
    assert [row["part"] for row in differing.table()] == ["versions"]


def table(data: Path, name: str, tag: str, *, first: float = 0.0, turned: bool = False) -> None:
    folder = data / name / tag
    folder.mkdir(parents=True, exist_ok=True)
    names = ["x", "sort", "target"]
    rows = [
        [str(first if number == 0 else number / 7), "ab"[number % 2], "no" if number % 3 else "yes"]
        for number in range(12)
    ]
    kinds = {"x": "float64", "sort": "category", "target": "category"}
    (folder / "metadata.json").write_text('{"datatype": "tabular", "operations": {}}')
    (folder / "schema.json").write_text(json.dumps({one: kinds[one] for one in (names[::-1] if turned else names)}))
    lines = [names, *rows]
    (folder / "data.csv").write_text("\n".join(",".join(one[::-1] if turned else one) for one in lines) + "\n")


def data_in(folder: Path, **how: Any) -> Path:
    for name in ("north", "south"):
        for tag in ("train", "evaluate"):
            table(folder, name, tag, **(how if (name, tag) == ("south", "train") else {}))
    return folder


def tell(driver: Driver, activation: str = "sigmoid", **fields: Any) -> dict[str, str]:
    layer: dict[str, Any] = {
        "is_input": True,
        "l_type": "Linear",
        "structure": {"in_features": 1, "out_features": 1},
        "activation": activation,
    }
    driver.projects.create(project_id="p", action="classify", incentives={})
    driver.experiments.create(project_id="p", expt_id="e", model=[layer])
    driver.runs.create(
        project_id="p",
        expt_id="e",
        run_id="r",
        rounds=2,
        epochs=1,
        lr=0.1,
        optimizer="SGD",
        criterion="BCELoss",
        **fields,
    )
    for name in ("north", "south"):
        driver.participants.create(name)
        driver.registrations.create(project_id="p", participant_id=name, role="guest")
        driver.tags.create(project_id="p", participant_id=name, train=[["train"]], evaluate=[["evaluate"]])
    return {"project_id": "p", "expt_id": "e", "run_id": "r"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The manifest of a small run on data of one's own."""
    with Sandbox(data=data_in(tmp_path_factory.mktemp("data"))) as ttp, Driver(ttp.host, ttp.port) as driver:
        ids = tell(driver)
        driver.alignments.create(project_id="p")
        driver.models.create(**ids)
        return driver.manifest(**ids)


def test_another_sandbox_with_the_same_data_gives_the_same_and_is_empty_again(small: Manifest, tmp_path: Path) -> None:
    small.save(tmp_path / "manifest.json")
    with (
        Sandbox(data=data_in(tmp_path / "elsewhere", turned=True)) as ttp,
        Driver(ttp.host, ttp.port, collab_id="c") as driver,
    ):
        found = driver.rerun(tmp_path)
        assert left(driver, ttp) == ([], [], set())

    assert found, found


def test_one_value_that_changed_is_found(small: Manifest, tmp_path: Path) -> None:
    with Sandbox(data=data_in(tmp_path, first=1e-3)) as ttp, Driver(ttp.host, ttp.port) as driver:
        found = driver.rerun(small)

    assert not found
    told = {(one.part, one.what) for one in found.differences}
    assert ("participants", "south.digests.train") in told
    assert ("participants", "north.digests.train") not in told
    assert ("participants", "south.digests.evaluate") not in told
    assert ("losses", "local.south.1") in told
    assert ("weights", "global_model.pt") in told


def test_layers_that_were_changed_after_the_alignment_are_not_fitted_again(tmp_path: Path) -> None:
    layer: dict[str, Any] = {
        "is_input": True,
        "l_type": "Linear",
        "structure": {"in_features": 6, "out_features": 3},
        "activation": "log_softmax",
    }
    with Sandbox() as ttp, Driver(ttp.host, ttp.port) as driver:
        driver.projects.create(project_id="p", action="classify", incentives={})
        driver.experiments.create(project_id="p", expt_id="e", model=[layer])
        driver.runs.create(project_id="p", expt_id="e", run_id="r", rounds=1, epochs=1, criterion="NLLLoss")
        for name, tag in {"biscoe": "non_iid_1", "dream": "non_iid_2"}.items():
            driver.participants.create(name)
            driver.registrations.create(project_id="p", participant_id=name, role="guest")
            driver.tags.create(project_id="p", participant_id=name, train=[[tag]], evaluate=[["iid_1"]])
        driver.alignments.create(project_id="p")
        driver.experiments.update(project_id="p", expt_id="e", model=[layer])
        driver.models.create(project_id="p")
        manifest = driver.manifest(project_id="p", expt_id="e", run_id="r")
        assert manifest.content["fitted"] is False

        assert driver.rerun(manifest)


def test_nothing_is_left_after_a_step_that_fails(small: Manifest, trained_ttp: Sandbox, trained_driver: Driver) -> None:
    before = left(trained_driver, trained_ttp)

    with pytest.raises(SynergosError, match="north"):
        trained_driver.rerun(small)
    with pytest.raises(SynergosError):
        trained_driver.rerun(changed(small, run={**small.content["run"], "criterion": "NoSuchLoss"}))
    with pytest.raises(SynergosError):
        trained_driver.rerun(trained_driver.manifest(**IDS), timeout=0.0)

    assert left(trained_driver, trained_ttp) == before


def test_nothing_is_left_after_ctrl_c(small: Manifest, tmp_path: Path) -> None:
    def stop(done: Progress) -> None:
        if done.round.number == 1:
            _thread.interrupt_main()

    with (
        Sandbox(data=data_in(tmp_path), on_round=stop) as ttp,
        Driver(ttp.host, ttp.port) as driver,
    ):
        with pytest.raises(KeyboardInterrupt):
            driver.rerun(changed(small, run={**small.content["run"], "rounds": 100_000}))
        while any(job["state"] in ("queued", "running") for job in driver.jobs()):
            # The training that is called off ends with its round.
            time.sleep(0.01)

        assert left(driver, ttp) == ([], [], set())


def test_what_is_kept_is_named(small: Manifest, tmp_path: Path) -> None:
    with Sandbox(data=data_in(tmp_path)) as ttp, Driver(ttp.host, ttp.port) as driver:
        found = driver.rerun(small, keep=True)
        kept = {"project_id": found.project_id, "expt_id": "e", "run_id": "r"}

        assert found
        assert f"The project '{found.project_id}' is kept." in str(found)
        assert [name for name in ("north", "south") if f"The participant '{name}', which was" in str(found)] == [
            "north",
            "south",
        ]
        assert driver.manifest(**kept) == found.now
        with pytest.raises(SynergosError) as raised:
            driver.rerun(changed(small, run={**small.content["run"], "criterion": "NoSuchLoss"}), keep=True)
        assert any("is kept on the TTP" in note for note in raised.value.__notes__)


def test_a_participant_that_somebody_registered_meanwhile_stays(small: Manifest, tmp_path: Path) -> None:
    def register(_: Progress) -> None:
        with Driver(ttp.host, ttp.port) as other:
            other.projects.create(project_id="theirs", action="classify", incentives={})
            other.registrations.create(project_id="theirs", participant_id="north", role="guest")

    with Sandbox(data=data_in(tmp_path), on_round=register) as ttp, Driver(ttp.host, ttp.port) as driver:
        found = driver.rerun(small)

        assert found
        assert found.notes == ("The participant 'north', which was made for it, is left on the TTP.",)
        assert [one.id for one in driver.participants.read_all().data] == ["north"]
        assert driver.registrations.read(project_id="theirs", participant_id="north").data


def test_a_real_ttp_keeps_none_and_is_told_nothing(small: Manifest) -> None:
    with Sandbox(fragile=True) as ttp, Driver(ttp.host, ttp.port) as driver:
        ids = tell(driver)
        before = left(driver, ttp)
        with pytest.raises(SynergosError, match=r"\[rerun\] Only the sandbox and `synergos ttp` keep manifests"):
            driver.rerun(small)
        with pytest.raises(SynergosError, match=r"\[manifest\] Only the sandbox and `synergos ttp` keep manifests"):
            driver.manifest(**ids)
        assert left(driver, ttp) == before


def test_a_run_without_a_model_has_no_manifest(trained_driver: Driver) -> None:
    trained_driver.runs.create(**{**IDS, "run_id": "new"}, rounds=1)

    with pytest.raises(SynergosError, match="There is no manifest of the run 'new': it is not trained"):
        trained_driver.manifest(**{**IDS, "run_id": "new"})
    with pytest.raises(NotFound):
        trained_driver.manifest(**{**IDS, "run_id": "nowhere"})
    with pytest.raises(InvalidId, match="run_id is missing"):
        trained_driver.manifest(project_id="penguins", expt_id="one_layer")


def broken(small: Manifest) -> dict[str, tuple[str | bytes, str]]:
    text, content = small.text, dict(small.content)

    def resealed(**fields: Any) -> str:
        return json.dumps(sealed({**content, **fields}))

    without = {name: value for name, value in content.items() if name != "losses"}
    person = content["participants"]["north"]
    return {
        "empty": ("", "is not JSON, or was cut off"),
        "cut off": (text[: len(text) // 2], "is not JSON, or was cut off"),
        "bytes": (b"\xff\xfe\x00", "is not JSON, or was cut off"),
        "nan": (text.replace('"seed": 42', '"seed": NaN'), "NaN is not a number"),
        "digits": (text.replace('"seed": 42', f'"seed": {"9" * 5000}'), "is not JSON, or was cut off"),
        "deep": ('{"format": 1, "run": ' + "[" * 100_000 + "]" * 100_000 + "}", "is not JSON, or was cut off"),
        "rather deep": ('{"format": 1, "run": ' + "[" * 300 + "]" * 300 + "}", "nested too deeply"),
        "list": ("[]", "is no manifest"),
        "null": ("null", "is no manifest"),
        "signature": ('{"action": "classify"}', "is no manifest"),
        "later": (text.replace('"format": 1', '"format": 2'), "has the format 2, and 1 is known"),
        "odd format": (text.replace('"format": 1', '"format": true'), "has the format True"),
        "seed": (text.replace('"seed": 42', '"seed": 43'), "was changed since it was written"),
        "no seal": (json.dumps({name: value for name, value in content.items() if name != "sha256"}), "was changed"),
        "odd seal": (json.dumps({**content, "sha256": ["a"]}), "was changed since it was written"),
        "lacking": (
            json.dumps(sealed({name: one for name, one in without.items() if name != "sha256"})),
            "no 'losses'",
        ),
        "more": (resealed(command="rm"), "has no field 'command'"),
        "id": (resealed(participants={"../north": person}), "cannot be addressed"),
        "project": (resealed(key={"project_id": "..", "expt_id": "e", "run_id": "r"}), "cannot be addressed"),
        "tags": (resealed(participants={"north": {**person, "tags": {"train": "/etc"}}}), "is not allowed"),
        "layers": (resealed(layers="Linear"), "is not allowed"),
        "rounds": (resealed(rounds={"done": 0, "best": 1, "ended": "done"}), "is not allowed"),
        "ended": (resealed(rounds={"done": 1, "best": 1, "ended": "never"}), "is not allowed"),
        "losses": (resealed(losses={"train": {"1": "a"}, "evaluate": {}, "local": {}}), "is not allowed"),
    }


def test_what_is_no_whole_manifest_is_refused_before_anything_is_sent(
    small: Manifest, recorder: Recorder, tmp_path: Path
) -> None:
    file = tmp_path / "manifest.json"
    for name, (text, told) in broken(small).items():
        file.write_bytes(text if isinstance(text, bytes) else text.encode())

        with pytest.raises(InvalidArgument) as raised:
            recorder.driver.rerun(file)

        assert told in str(raised.value), name
        assert len(str(raised.value)) < 2000
    with pytest.raises(InvalidArgument, match="cannot be read"):
        recorder.driver.rerun(tmp_path / "nothing.json")
    wrong: Any
    for wrong in (small.text, "a\0b", b"manifest.json", 3, None, [small.content]):
        with pytest.raises(InvalidArgument, match=r"^\[manifest\] .*(cannot be read: |it must be a file)") as raised:
            recorder.driver.rerun(wrong)
        assert len(str(raised.value)) < 2000
    assert recorder.sent == []
