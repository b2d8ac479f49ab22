"""A sandbox over HTTP, as the tests of it as a server see one."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

LAYER = {"is_input": True, "l_type": "Linear", "structure": {"in_features": 4, "out_features": 1}, "activation": None}
JOB = {"auto_align": True, "dockerised": True, "verbose": False, "log_msgs": False}
RUN = {"algorithm": "FedAvg", "rounds": 2, "epochs": 1, "lr": 0.1, "optimizer": "Adam", "lr_scheduler": "", "seed": 1}
TRAIN = {"biscoe": [["non_iid_1"]], "dream": [["non_iid_2"]]}


class Caller:
    """Sends requests to a sandbox and says what came back."""

    LAYER, JOB, RUN, TRAIN = LAYER, JOB, RUN, TRAIN

    def __init__(self, port: int) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False)

    def send(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send one request; a path without `/ttp` is one of phase 1."""
        path = path if path.startswith("/ttp") else f"/ttp/connect/{path}"
        return self.http.request(method, path, **({} if body is None else {"json": body}))

    def ok(self, method: str, path: str, body: object = None) -> Any:
        """The data of an answer that must be a success."""
        response = self.send(method, path, body)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()["data"]

    def refused(self, status: int, method: str, path: str, body: object = None) -> str:
        """The message of an answer that must be of this status."""
        response = self.send(method, path, body)
        assert response.status_code == status, f"{method} {path}: {response.status_code} {response.text}"
        assert list(response.json()) == ["message"]
        return str(response.json()["message"])

    def connect(
        self,
        project: str = "p",
        expt: str = "e",
        run: str = "r",
        train: Mapping[str, list[list[str]]] = TRAIN,
        evaluate: tuple[str, ...] = ("iid_1",),
        **fields: object,
    ) -> None:
        """Phase 1 of a project on the demo data, with one experiment and one run."""
        its = f"projects/{quote(project, safe='')}"
        self.ok("POST", "projects/", {"project_id": project, "action": "classify", "incentives": {}})
        self.ok("POST", f"{its}/experiments/", {"expt_id": expt, "model": [LAYER]})
        self.ok("POST", f"{its}/experiments/{quote(expt, safe='')}/runs/", {"run_id": run, **RUN, **fields})
        for name, tags in train.items():
            registration = f"{its}/participants/{quote(name, safe='')}/registration"
            self.ok("POST", "participants/", {"id": name, "host": "127.0.0.1", "port": 8020, "f_port": 5000})
            self.ok("POST", registration, {"role": "guest"})
            self.ok("POST", f"{registration}/tags", {"train": tags, "evaluate": [[tag] for tag in evaluate]})

    def align(self, project: str = "p") -> Any:
        """Align a project."""
        return self.ok("POST", f"/ttp/train/projects/{quote(project, safe='')}/alignments/")

    def train(self, project: str = "p", expt: str = "e", run: str = "r") -> Any:
        """Train one run."""
        ids = (quote(one, safe="") for one in (project, expt, run))
        return self.ok("POST", "/ttp/train/projects/{}/models/{}/{}".format(*ids), JOB)
