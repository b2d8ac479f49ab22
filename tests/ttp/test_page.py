"""The page of a TTP: what a browser is given, what it may do, and what the page is told, which drivers are told too."""

import ast
import base64
import hashlib
import importlib.resources
import itertools
import json
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from authority import make_authority
from wire import Apart, Wire

from synergos import Driver, Results
from synergos.results.charts import Line
from synergos.results.drawing import COLORS
from synergos.results.table import Table
from synergos.sandbox import Sandbox
from synergos.ttp.jobs import Jobs
from synergos.ttp.overview import _curve, _told
from synergos.ttp.rounds import RoundReport
from synergos.ttp.work import Progress

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
OVERVIEW, RESULTS = "/ttp/sandbox/overview", "/ttp/sandbox/results"
HOSTILE = [
    "<script>alert(1)</script>".replace("/", "\\"),
    '"><img onerror=alert(1)>',
    "constructor",
    "\u202egnp.exe",
]
LAYER = {
    "is_input": True,
    "l_type": "Linear",
    "structure": {"in_features": 4, "out_features": 3},
    "activation": "softmax",
}


class Elements(HTMLParser):
    """The elements of a page, with their attributes and what is directly in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[tuple[str, list[str]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        texts: list[str] = []
        self.found.append((tag, dict(attrs), texts))
        if tag not in ("meta", "link", "input"):
            self._open.append((tag, texts))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1][1].append(data)

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attributes, "".join(texts)) for name, attributes, texts in self.found if name == tag]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as ttp:
        yield ttp


@pytest.fixture(scope="module")
def caller(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.url, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def page(caller: httpx.Client) -> httpx.Response:
    return caller.get("/", headers={"accept": BROWSER})


class TestWhatABrowserIsGiven:
    def test_it_is_a_page(self, page: httpx.Response) -> None:
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        found = Elements(page.text)
        assert found.found[0][0] == "html"
        assert found.of("html")[0][0]["lang"] == "en"
        assert "width=device-width" in str(found.of("meta"))
        assert "prefers-color-scheme: dark" in page.text

    def test_nothing_is_loaded_from_anywhere(self, page: httpx.Response) -> None:
        found = Elements(page.text)
        for _, attributes, _ in found.found:
            for name in ("src", "href", "action", "srcset", "poster", "data"):
                assert (attributes.get(name) or "data:").startswith("data:"), attributes
        # Names of XML, which no browser asks for.
        others = set(re.findall(r"https?://[^\s'\"`)]+", page.text)) - {"http://www.w3.org/2000/svg"}
        assert not others
        assert "@import" not in page.text
        assert "url(" not in page.text

    def test_nothing_runs_but_its_own_script(self, page: httpx.Response) -> None:
        policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
        found = Elements(page.text)
        ((_, script),), ((_, style),) = found.of("script"), found.of("style")
        assert policy == {
            "default-src": "'none'",
            "script-src": hash_of(script),
            "style-src": hash_of(style),
            "connect-src": "'self'",
            "img-src": "data:",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
        }
        # Neither may stand where a policy of hashes does not let it.
        assert not [one for _, one, _ in found.found if any(name.startswith("on") or name == "style" for name in one)]
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["x-frame-options"] == "DENY"

    def test_what_is_told_becomes_text_and_never_markup(self, page: httpx.Response) -> None:
        ((_, script),) = Elements(page.text).of("script")
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "DOMParser",
        ):
            assert way not in script
        # Nor is anything kept.
        for way in ("localStorage", "sessionStorage", "indexedDB", "cookie"):
            assert way not in script

    def test_it_only_reads(self, caller: httpx.Client, page: httpx.Response) -> None:
        ((_, script),) = Elements(page.text).of("script")
        assert script.count("fetch(") == 1
        assert "method:" not in script
        for path in ("/", OVERVIEW, RESULTS):
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                answer = caller.request(method, path)
                assert answer.status_code == 405
                assert answer.headers["allow"] == "GET, HEAD"

    def test_its_colours_are_those_of_pictures(self, page: httpx.Response) -> None:
        ((_, style),) = Elements(page.text).of("style")
        assert tuple(re.findall(r"\.c\d \{ color: (#\w+); \}", style)) == COLORS

    @pytest.mark.parametrize(
        ("accept", "kind"),
        [(BROWSER, "text/html"), ("*/*", "text/html"), (None, "text/html"), ("application/json", "application/json")],
    )
    def test_who_takes_no_page_is_given_none(self, caller: httpx.Client, accept: str | None, kind: str) -> None:
        request = caller.build_request("GET", "/")
        del request.headers["accept"]
        if accept is not None:
            request.headers["accept"] = accept
        answer = caller.send(request)
        assert answer.headers["content-type"].startswith(kind)
        assert answer.status_code == (200 if kind == "text/html" else 404)

    def test_its_head_can_be_asked_for(self, caller: httpx.Client, page: httpx.Response) -> None:
        head = caller.head("/", headers={"accept": BROWSER})
        assert head.status_code == 200
        assert head.content == b""
        assert head.headers["content-length"] == page.headers["content-length"]

    def test_a_page_of_another_name_is_not_given(self, caller: httpx.Client) -> None:
        for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
            for path in ("/", OVERVIEW, RESULTS):
                assert caller.get(path, headers=headers).status_code == 403


class TestToken:
    def test_the_page_is_for_everybody_and_what_it_shows_is_not(self, page: httpx.Response) -> None:
        with Sandbox(token="secret") as ttp, httpx.Client(base_url=ttp.url, trust_env=False) as client:
            # The same to the last letter: it holds nothing.
            assert client.get("/").text == page.text
            assert client.head("/").status_code == 200
            assert client.post("/").status_code == 401
            for path in (OVERVIEW, f"{RESULTS}?project_id=p", "/?x", "/openapi.json"):
                assert client.get(path).status_code == (200 if path == "/?x" else 401)
            # It is no secret in an address, which is written down in many places.
            assert client.get(OVERVIEW, params={"token": "secret", "access_token": "secret"}).status_code == 401
            assert client.get(OVERVIEW, headers={"authorization": "Bearer secret"}).status_code == 200


class TestTls:
    def test_over_tls_it_is_the_same_page(self, page: httpx.Response, tmp_path: Path) -> None:
        authority = make_authority(tmp_path)
        context = ssl.create_default_context(cafile=str(authority.ca))
        with Sandbox(certificate=authority.server) as ttp, httpx.Client(verify=context, trust_env=False) as client:
            assert client.get(f"{ttp.url}/").text == page.text
            assert client.get(ttp.url + OVERVIEW).status_code == 200


class TestWhatItIsTold:
    def test_a_new_ttp_says_what_it_is(self, caller: httpx.Client) -> None:
        told = caller.get(OVERVIEW).json()["data"]
        assert (told["kind"], told["is_cluster"]) == ("sandbox", False)
        assert told["versions"].keys() == {"synergos", "flwr", "torch", "python"}
        assert (told["projects"], told["participants"], told["work"]) == ([], [], [])

    def test_a_cluster_says_so(self) -> None:
        with Sandbox(cluster=True) as ttp:
            assert httpx.get(ttp.url + OVERVIEW, trust_env=False).json()["data"]["is_cluster"] is True

    def test_it_is_what_a_driver_says(self, trained_ttp: Sandbox, trained_driver: Driver) -> None:
        driver, ids = trained_driver, {"project_id": "penguins", "expt_id": "one_layer"}
        for number, lr in enumerate((0.1, 0.001)):
            driver.runs.create(**ids, run_id=f"run_{number}", rounds=3, epochs=1, batch_size=32, lr=lr)
            driver.models.create(**ids, run_id=f"run_{number}")
        driver.validations.create(**ids, run_id="run_0")
        for below in ({"project_id": "penguins"}, ids, {**ids, "run_id": "run_0"}, {**ids, "run_id": "run_1"}):
            results = driver.results(**below)
            told = ask(trained_ttp, below)
            assert told["runs"] == [
                {"expt_id": run.expt_id, "run_id": run.run_id, "state": run.state} for run in results.runs
            ]
            assert told["metrics"] == list(results.metrics)
            assert told.get("metric") == results.metric
            assert shared(told["tables"]["run"], results) == shared(as_data(results.by()), results)
            assert told["losses"] == as_json(attrs.asdict(results.plot.losses().chart))
            if "run_id" in below:
                for level in ("participant", "class"):
                    assert told["tables"][level] == as_data(results.by(level))  # type: ignore[arg-type]
        ranked = driver.results(project_id="penguins").by_metric("PPVs")
        told = ask(trained_ttp, {"project_id": "penguins", "metric": "PPVs"})
        assert told["metric"] == "PPVs"
        assert [run["run_id"] for run in told["runs"]] == [run.run_id for run in ranked]

    def test_what_is_not_there_is_said(self, trained_ttp: Sandbox) -> None:
        for query, status, said in (
            ({"project_id": "penguin"}, 404, "Did you mean 'penguins'?"),
            ({}, 417, "'project_id' must be given"),
            ({"project_id": "penguins", "run_id": "adam"}, 417, "'expt_id' must be given"),
            ({"project_id": "penguins", "metric": "accurcy"}, 417, "Did you mean 'accuracy'?"),
        ):
            answer = httpx.get(trained_ttp.url + RESULTS, params=query, trust_env=False)
            assert answer.status_code == status
            assert said in answer.json()["message"]

    def test_in_a_collaboration_it_is_the_one_there(self, ttp: Sandbox, driver: Driver) -> None:
        driver.collaborations.create("antarctica")
        for ids in ({}, {"collab_id": "antarctica"}):
            driver.projects.create(**ids, project_id="p", action="classify", incentives={})
        driver.experiments.create(collab_id="antarctica", project_id="p", expt_id="e", model=[LAYER])
        driver.runs.create(collab_id="antarctica", project_id="p", expt_id="e", run_id="r")
        told = overview(ttp)["projects"]
        assert [(one["key"], one["counts"].get("Run", 0)) for one in told] == [
            ({"project_id": "p"}, 0),
            ({"collab_id": "antarctica", "project_id": "p"}, 1),
        ]
        assert ask(ttp, {"project_id": "p"})["runs"] == []
        (run,) = ask(ttp, {"collab_id": "antarctica", "project_id": "p"})["runs"]
        assert run == {"expt_id": "e", "run_id": "r", "state": "not trained"}

    def test_it_is_told_when_something_was_changed(self, ttp: Sandbox, driver: Driver) -> None:
        seen = [overview(ttp)["changes"]]
        for change in (
            lambda: driver.projects.create(project_id="p", action="classify", incentives={}),
            lambda: driver.projects.update(project_id="p", action="regress"),
            lambda: driver.projects.delete(project_id="p"),
        ):
            change()
            seen.append(overview(ttp)["changes"])
        assert len(set(seen)) == len(seen)
        assert overview(ttp)["changes"] == seen[-1]

    def test_a_ttp_that_was_started_again_is_not_taken_for_the_one_before(self, tmp_path: Path) -> None:
        seen = set()
        for _ in range(2):
            with Sandbox(store=tmp_path / "store.sqlite") as ttp:
                seen.add(overview(ttp)["changes"])
        assert len(seen) == 2
        assert max(seen) < 2**53

    def test_searches_and_failures_are_told(self, trained_ttp: Sandbox, trained_driver: Driver) -> None:
        ids = {"project_id": "penguins", "expt_id": "one_layer"}
        trained_driver.optimizations.create(
            **ids,
            search_space={"lr": {"_type": "choice", "_value": [0.01, 0.02]}},
            metric="accuracy",
            optimize_mode="max",
            max_concurrent=1,
            max_trial_num=2,
            fixed={"rounds": 1, "epochs": 1},
        )
        (search,) = ask(trained_ttp, {"project_id": "penguins"})["searches"]
        assert (search["expt_id"], search["metric"], search["trials"]) == ("one_layer", "accuracy", {"done": 2})
        results = trained_driver.results(**ids)
        assert search["best"]["run_id"] in {run.run_id for run in results.runs}

        trained_driver.projects.create(project_id="empty", action="classify", incentives={})
        httpx.post(trained_ttp.url + "/ttp/train/projects/empty/alignments/", trust_env=False, timeout=60)
        failed = overview(trained_ttp)["work"][-1]
        assert (failed["resource"], failed["state"], failed["status"]) == ("alignments", "failed", 417)
        assert "no participants" in failed["message"]

    def test_what_is_being_trained_is_told_round_by_round(
        self, trained_store: Path, tmp_path: Path, copy_store: Any
    ) -> None:
        seen: list[dict[str, Any]] = []
        begun = threading.Event()

        def look(done: Progress) -> None:
            # The first round of the test's own training may be looked at when it is over, not before.
            if done.round.number == 3:
                seen.append(overview(ttp))
                begun.set()

        ids = {"project_id": "penguins", "expt_id": "one_layer", "run_id": "live"}
        with (
            Sandbox(store=copy_store(trained_store, tmp_path), on_round=look) as ttp,
            Driver(ttp.host, ttp.port) as driver,
        ):
            driver.runs.create(**ids, rounds=3, epochs=1, batch_size=32)
            driver.models.create(**ids)
            assert begun.is_set()
            losses = ask(ttp, ids)["losses"]["panels"]
            assert "curve" not in overview(ttp)
        (told,) = seen
        assert told["curve"]["key"] == ids
        for place, panel in enumerate(losses[:2], start=1):
            assert [[point[0], point[place]] for point in told["curve"]["points"]] == panel["lines"][0]["points"]

    def test_over_machines_it_says_who_is_connected(self, tmp_path: Path) -> None:
        wire = Wire(tmp_path, ["biscoe", "dream"])
        del wire.connected["dream"]
        with Apart(wire) as ttp:
            told = httpx.get(ttp.url + OVERVIEW, trust_env=False).json()["data"]
        assert told["kind"] == "machines"
        assert told["connected"] == {"biscoe": True, "dream": False}

    def test_names_are_told_as_they_are_and_tables_as_they_may_be_shown(self, ttp: Sandbox, driver: Driver) -> None:
        for name in HOSTILE:
            driver.projects.create(project_id=name, action="classify", incentives={})
            driver.experiments.create(project_id=name, expt_id=name, model=[LAYER])
            driver.runs.create(project_id=name, expt_id=name, run_id=name)
            driver.participants.create(name, host="h", port=1, f_port=2)
        told = overview(ttp)
        assert [one["key"]["project_id"] for one in told["projects"]] == HOSTILE
        assert {one["participant_id"] for one in told["participants"]} == set(HOSTILE)
        table = ask(ttp, {"project_id": HOSTILE[-1]})["tables"]["run"]
        assert "\u202e" not in json.dumps(table, ensure_ascii=False)
        assert r"\u202egnp.exe" in table["rows"][0]

    def test_a_fragile_ttp_does_not_count_the_page(self) -> None:
        with Sandbox(fragile=True) as ttp:
            inside, go_on = threading.Barrier(4), []

            def look() -> None:
                inside.wait()
                for _ in range(5):
                    go_on.append(overview(ttp))

            threads = [threading.Thread(target=look) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(go_on) == 20
            assert ttp.overlaps == 0


class TestMuch:
    def test_of_many_rounds_evenly_spread_ones_are_told(self) -> None:
        rounds = [
            {"key": {"run_id": "r"}, "round": number, "train_loss": 1 / number, "evaluate_loss": None}
            for number in range(1, 10_001)
        ]
        points = _curve(rounds)["curve"]["points"]
        assert len(points) <= 201
        assert [points[0], points[-1]] == [(1, 1.0, None), (10_000, 1 / 10_000, None)]
        gaps = {second[0] - first[0] for first, second in itertools.pairwise(points[:-1])}
        assert len(gaps) == 1

    def test_of_many_runs_of_one_job_the_rounds_of_the_last_are_drawn(self) -> None:
        jobs = Jobs()
        job = jobs.add("optimizations", {"project_id": "p"})
        assert jobs.trained() == []
        with jobs.doing(job):
            assert jobs.trained() == []
            for run_id in ("first", "second"):
                for number in (1, 2):
                    jobs.report({"run_id": run_id}, RoundReport(number, 2, 1.0, None, {}, False, dict))
            assert [(one["key"]["run_id"], one["round"]) for one in jobs.trained()] == [("second", 1), ("second", 2)]
        assert jobs.trained() == []
        assert len(jobs.rounds(job.number, 0)) == 4

    def test_of_many_curves_those_in_colour_are_told_and_some_of_the_others(self) -> None:
        points = tuple((float(number), 1.0) for number in range(1, 1_001))
        lines = (
            *(Line("own", points, number) for number in range(10)),
            *(Line("other", points, None) for _ in range(90)),
        )
        told = _told(lines)
        assert [line.group for line in told] == [*range(10), *[None] * 20]
        assert all(len(line.points) <= 201 and line.points[-1] == points[-1] for line in told)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")
def test_in_a_real_browser_it_shows_what_there_is_and_runs_no_name(trained_ttp: Sandbox, tmp_path: Path) -> None:
    with Driver(trained_ttp.host, trained_ttp.port) as driver:
        for name in HOSTILE:
            driver.participants.create(name, host="h", port=1, f_port=2)
            driver.projects.create(project_id=name, action="classify", incentives={})
        accuracy = driver.results(project_id="penguins").best().metric("accuracy")
    shown = render(f"{trained_ttp.url}/#project_id=penguins", tmp_path)
    found = Elements(shown)
    assert f"{accuracy:.3f}" in shown
    assert len(found.of("figure")) == 2
    assert len([one for one, _ in found.of("path") if "curve" in (one.get("class") or "")]) == 2
    names = {text for _, text in found.of("bdi")}
    assert {*HOSTILE[:3], r"\u202egnp.exe", "biscoe", "adam"} <= names
    assert len(found.of("script")) == 1
    assert not found.of("img")


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")
def test_in_a_real_browser_a_closed_ttp_asks_for_its_token(tmp_path: Path) -> None:
    with Sandbox(token="secret") as ttp:
        shown = Elements(render(f"{ttp.url}/", tmp_path))
    forms, parts = shown.of("form"), {one.get("id"): one for one, _ in shown.of("div")}
    assert "hidden" not in forms[0][0]
    assert "hidden" in parts["shown"]


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")
def test_in_a_real_browser_a_new_ttp_says_what_to_do(tmp_path: Path) -> None:
    with Sandbox() as ttp:
        ((_, code),) = Elements(render(f"{ttp.url}/", tmp_path)).of("code")
        with Driver(ttp.host, ttp.port) as driver:
            exec(code, {})
            assert driver.projects.read(project_id="penguins").data.action == "classify"


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")
def test_in_a_real_browser_what_is_to_be_done_is_python_for_any_name(tmp_path: Path) -> None:
    name = 'a\nb"c\\d\u202e\u200bé'
    with Sandbox() as ttp:
        with Driver(ttp.host, ttp.port) as driver:
            driver.projects.create(project_id=name, action="classify", incentives={})
        ((_, code),) = Elements(render(f"{ttp.url}/", tmp_path)).of("code")
    names = {node.value for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)}
    assert name in names
    assert not {"\u202e", "\u200b"} & set(code)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")
def test_in_a_real_browser_what_failed_once_is_asked_for_again(trained_ttp: Sandbox, tmp_path: Path) -> None:
    with Driver(trained_ttp.host, trained_ttp.port) as driver:
        accuracy = driver.results(project_id="penguins").best().metric("accuracy")
    trained_ttp.fail_next(500, path=RESULTS)
    assert f"{accuracy:.3f}" in render(f"{trained_ttp.url}/#project_id=penguins", tmp_path, milliseconds=12_000)
    assert trained_ttp.unmet == []


@pytest.mark.skipif(CHROMIUM is None, reason="there is no browser here")
@pytest.mark.parametrize(
    "losses", [(1.2345678901234565, 1.2345678901234567), (1e20, 1e20 + 16384), (0.0, 0.0), (0.0, 5e-324), (1e300, 1.0)]
)
def test_in_a_real_browser_losses_are_drawn_however_far_apart(losses: tuple[float, ...], tmp_path: Path) -> None:
    charts = importlib.resources.files("synergos.ttp.page").joinpath("charts.js").read_text(encoding="utf-8")
    curve = {"name": "r", "points": [*enumerate(losses, start=1)], "group": 0, "isDashed": False}
    file = tmp_path / "chart.html"
    draw = f'document.body.append(drawLines("t", [{json.dumps(curve)}], "round", "loss"))'
    # A browser without a window may not come to the frame in which a real one would call.
    at_once = "window.ResizeObserver = class { constructor(call) { this.observe = () => setTimeout(call); } }"
    file.write_text(f"<body><script>{at_once}; {charts}; {draw};</script>")
    found = Elements(render(file.as_uri(), tmp_path))
    ((path, _),) = [one for one in found.of("path") if "curve" in str(one[0].get("class"))]
    assert "NaN" not in str(path["d"])
    assert 1 <= len([one for one, _ in found.of("text") if one.get("text-anchor") == "end"]) <= 8


def render(address: str, folder: Path, milliseconds: int = 3000) -> str:
    """What a page is in a browser when its script has had some time."""
    quiet = ("extensions", "sync", "default-apps", "component-update", "background-networking", "gpu")
    command = [
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--no-first-run", f"--user-data-dir={folder / 'user'}"),
        *(f"--disable-{what}" for what in quiet),
        *("--window-size=1280,900", f"--virtual-time-budget={milliseconds}", "--dump-dom", address),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return done.stdout


def hash_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def overview(ttp: Sandbox) -> dict[str, Any]:
    told: dict[str, Any] = httpx.get(ttp.url + OVERVIEW, trust_env=False, timeout=60).json()["data"]
    return told


def ask(ttp: Sandbox, query: dict[str, str]) -> dict[str, Any]:
    answer = httpx.get(ttp.url + RESULTS, params=query, trust_env=False, timeout=60)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()["data"]
    return told


def as_data(table: Table) -> dict[str, Any]:
    head, *rows = table.cells()
    return {"title": table.title, "columns": head, "rows": rows, "notes": list(table.said())}


def shared(table: dict[str, Any], results: Results) -> list[Any]:
    """What of a leaderboard is told whoever asks: a driver does not know the names that others made runs with."""
    names = [
        name for name in ("state", "expt_id", "run_id", *results.metrics, "rounds", "lr") if name in table["columns"]
    ]
    places = [table["columns"].index(name) for name in names]
    return [table["title"], names, [[row[place] for place in places] for row in table["rows"]]]


def as_json(value: object) -> Any:
    return json.loads(json.dumps(value))
