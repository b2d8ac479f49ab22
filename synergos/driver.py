"""Where the TTP is, and the tasks that it can be asked."""

import copy
import functools
import os
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Never, Self, TypedDict, TypeVar, Unpack

from synergos.calls.connection import Connection
from synergos.calls.task import Task, given, within
from synergos.common.checks import Id, check, check_timeout
from synergos.common.forks import renew_cached_properties
from synergos.errors import InvalidArgument, InvalidId, SynergosError
from synergos.http import BaseTransport, MockTransport, Request
from synergos.http.address import NOWHERE, WHERE, address_of
from synergos.http.endpoint import MAX_BYTES, Certificate, Endpoint, Environment, Login, Verify
from synergos.http.log import follow_environment
from synergos.http.transport import Transport
from synergos.track.tracker import Tracks, trackers_of
from synergos.work.job import POLL, as_seconds

if TYPE_CHECKING:
    from synergos.alone import Alone
    from synergos.connect.collaborations import CollaborationTask
    from synergos.connect.experiments import ExperimentTask
    from synergos.connect.participants import ParticipantTask
    from synergos.connect.projects import ProjectTask
    from synergos.connect.registrations import RegistrationTask
    from synergos.connect.runs import RunTask
    from synergos.connect.tags import TagTask
    from synergos.cycle import Cycle
    from synergos.evaluate.predictions import PredictionTask
    from synergos.evaluate.validations import ValidationTask
    from synergos.manifest import Manifest
    from synergos.preflight import Report
    from synergos.rerun import Rerun
    from synergos.results.results import Results
    from synergos.results.table import Table
    from synergos.train.alignments import AlignmentTask
    from synergos.train.models import ModelTask
    from synergos.train.optimizations import OptimizationTask

_IDS = ("collab_id", "project_id", "expt_id", "run_id", "participant_id")
ErrorMode = Literal["raise", "return"]


class Options(TypedDict, total=False):
    """The arguments of a driver that are not about where the TTP is."""

    collab_id: str | None
    concurrent: bool
    timeout: float | None
    total_timeout: float | None
    max_bytes: int
    turn_timeout: float | None
    errors: ErrorMode | None
    headers: Mapping[str, str] | None
    auth: Login | None
    token: str | None
    verify: Verify
    cert: Certificate | None
    proxy: str | None
    transport: BaseTransport | None


TaskT = TypeVar("TaskT", bound=Task[Any])


@renew_cached_properties
class Driver:
    """The grid, driven through its TTP.

    One driver holds one HTTP client, which is built at once and kept; nothing is sent before a task is asked. Close it
    with `close()`, or use it in a `with` statement. Threads may share a driver. In a process that is forked it has a
    connection of its own; a copy, and what `pickle` makes of it in another process, is a driver made of the same
    arguments.

    Example:
        >>> driver = Driver(host=ttp.host, port=ttp.port)
        >>> driver.projects.read_all().status
        200
    """

    def __init__(
        self,
        host: str | None = None,
        port: int | str | None = None,
        is_secured: bool = False,
        *,
        url: str | None = None,
        collab_id: str | None = None,
        concurrent: bool = False,
        timeout: float | None = 60.0,
        total_timeout: float | None = None,
        max_bytes: int = MAX_BYTES,
        turn_timeout: float | None = 3600.0,
        errors: ErrorMode | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Login | None = None,
        token: str | None = None,
        verify: Verify = True,
        cert: Certificate | None = None,
        proxy: str | None = None,
        transport: BaseTransport | None = None,
    ) -> None:
        """Say where the TTP is. No connection is made.

        Args:
            host: Name or address of the machine that the TTP runs on: "localhost", "10.0.0.7", "::1". A URL is
                understood when it says the same port; one with https stands for `is_secured=True`.
            port: The port that the TTP listens on, from 1 to 65535.
            is_secured: Whether the TTP is reached by https.
            url: The address in place of host and port, with the path that a gateway has before the TTP's own:
                "https://gateway.example/grid1". A name and a password in it are taken as `auth`.
            collab_id: Id of the collaboration that is meant where a call names none. TTPs of the generation v4 have no
                collaborations: leave it out for them.
            concurrent: Whether the TTP takes requests at the same time. Real ones are spoiled by them, so all drivers
                of a user on one machine take turns at an address; the sandbox says by itself that it takes them.
            timeout: Seconds without a byte from the TTP after which a short call is given up; None waits for ever.
                Waiting for its turn does not count, and each try has the time anew. A call that trains or evaluates
                waits until it is answered; its own `timeout` argument changes that. A connection is waited for five
                seconds.
            total_timeout: Seconds after which a short request is given up though something still comes, all tries of it
                together; None for ten times `timeout`.
            max_bytes: How large an answer may be, unpacked.
            turn_timeout: Seconds to wait for a turn, behind what other calls and other processes have under way, before
                it is given up with `Busy` and nothing is sent; None waits for ever. An hour is several times what
                the longest work on a real grid was seen to take, and as long as a grid that hangs keeps its own lines.
            errors: "raise" raises what the TTP refuses. "return" is for code written for the first Synergos: the
                call then returns `{"message": ..., "status": ...}`, and every call does where host or port is still
                empty. None takes the environment variable `SYNERGOS_ERRORS`, and "raise" when that is not set.
            headers: Headers that go with each request, `{"X-Api-Key": key}` for example, where a gateway asks for them.
            auth: Who asks, where a gateway asks for it: (name, password), a bearer token, or an `Auth` of the HTTP
                library.
            token: A bearer token: the same as `auth` with a text.
            verify: Whose certificates are trusted for https: True for those that the environment variables
                `SSL_CERT_FILE` and `SSL_CERT_DIR` name, or else the public ones; the file of a CA's or of the server's
                own certificate, or a folder of such files; or an `ssl.SSLContext`.
            cert: The certificate of this client, where a gateway asks for one: a file that holds it and its key, or
                (certificate, key), or (certificate, key, password).
            proxy: URL of the proxy that leads to the TTP. None takes those of the environment, which are not asked for
                this machine.
            transport: What carries the requests in place of the network: a `synergos.http.MockTransport` in tests.

        Raises:
            InvalidArgument: When the address or another argument cannot be right, or a variable of the environment
                cannot be used.
        """
        follow_environment()
        check_timeout("Driver", timeout)
        check_timeout("Driver", total_timeout, "total_timeout")
        check_timeout("Driver", turn_timeout, "turn_timeout")
        mode = errors if errors is not None else os.environ.get("SYNERGOS_ERRORS") or "raise"
        returns_errors = check("Driver", "errors", mode, ErrorMode) == "return"
        is_concurrent = check("Driver", "concurrent", concurrent, bool)
        # Pages of the first Synergos make a driver before their fields are filled in, and ask it nothing or in vain.
        is_nowhere = returns_errors and url is None and not (host and port)
        if is_nowhere:
            address, transport = NOWHERE, MockTransport(_ask_where)
        else:
            address = address_of(url, host, port, is_secured)
        endpoint = Endpoint.checked(
            address,
            headers=headers,
            auth=auth,
            token=token,
            verify=verify,
            cert=cert,
            proxy=proxy,
            transport=transport,
            max_bytes=max_bytes,
        )
        self.url = "" if is_nowhere else str(address.url)
        self.host = "" if is_nowhere else address.url.host
        self.is_secured = address.url.scheme == "https"
        self.port = 0 if is_nowhere else address.url.port or (443 if self.is_secured else 80)
        self._connection = Connection(
            Transport(endpoint, timeout, total_timeout, is_concurrent=is_concurrent, turn_timeout=turn_timeout)
        )
        self._returns_errors = returns_errors
        self._scope: dict[str, str] = {}
        if collab_id is not None:
            self._scope["collab_id"] = check("Driver", "collab_id", collab_id, Id)

    @classmethod
    def from_env(cls, **more: Unpack[Options]) -> Self:
        """A driver on the TTP that the environment names.

        The address is that of the variable `SYNERGOS_URL`, `https://gateway.example/grid1` for example. Who asks is
        said by `SYNERGOS_TOKEN`, a bearer token, and whose certificates are trusted by `SYNERGOS_CA`, the file or
        folder of a CA; both may be missing.

        Args:
            **more: Further arguments of a driver; `token`, `auth` and `verify` win over the variables.

        Returns:
            The driver.

        Raises:
            InvalidArgument: When `SYNERGOS_URL` is not set, or a variable or an argument cannot be right.

        Example:
            >>> import os
            >>> os.environ["SYNERGOS_URL"] = f"http://{ttp.host}:{ttp.port}"
            >>> Driver.from_env(timeout=10).projects.read_all().status
            200
            >>> del os.environ["SYNERGOS_URL"]
        """
        who = ("token",) if more.get("auth") is not None else ()
        told = Environment.read(but_for=who)
        if told.url is None:
            raise InvalidArgument(
                "[Driver] The environment variable SYNERGOS_URL is not set: it says where the TTP is."
            )
        options: Options = {"token": told.token, "verify": told.verify, **more}
        with told.named():
            return cls(url=told.url, **options)

    def __copy__(self) -> Self:
        # Closing the copy must not close this one.
        return copy.deepcopy(self)

    def __repr__(self) -> str:
        scope = "".join(f", {name}={value!r}" for name, value in self._scope.items())
        if self._connection.url.path != "/":
            return f"Driver(url={self.url!r}{scope})"
        return f"Driver(host={self.host!r}, port={self.port}, is_secured={self.is_secured}{scope})"

    @property
    def address(self) -> str:
        """Where the TTP is, as a URL: "http://127.0.0.1:5000"."""
        return str(self._connection.url)

    def scope(
        self,
        *,
        collab_id: str | None = None,
        project_id: str | None = None,
        expt_id: str | None = None,
        run_id: str | None = None,
        participant_id: str | None = None,
    ) -> "Driver":
        """A driver on the same connection that fills in the ids that a call is not given.

        An id that a call is given wins; what the scope says below it is then not meant. Scopes can be narrowed further.
        Closing the one driver closes the other.

        Args:
            collab_id: Id of the collaboration.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            run_id: Id of the run.
            participant_id: Id of the participant.

        Returns:
            The driver. Its tasks are its own.

        Raises:
            InvalidId: When an id cannot be addressed.

        Example:
            >>> penguins = driver.scope(project_id="penguins")
            >>> [experiment.key.expt_id for experiment in penguins.experiments.read_all().data]
            ['one_layer']
            >>> penguins.scope(expt_id="one_layer", run_id="adam").runs.read().data.key.run_id
            'adam'
        """
        ids = {
            "collab_id": collab_id,
            "project_id": project_id,
            "expt_id": expt_id,
            "run_id": run_id,
            "participant_id": participant_id,
        }
        checked = {name: check("scope", name, value, Id | None) for name, value in ids.items()}
        scoped = object.__new__(type(self))
        scoped.url, scoped.host, scoped.port, scoped.is_secured = self.url, self.host, self.port, self.is_secured
        scoped._connection, scoped._returns_errors = self._connection, self._returns_errors
        scoped._scope = within(self._scope, checked)
        return scoped

    def check(
        self,
        *,
        collab_id: str | None = None,
        project_id: str | None = None,
        expt_id: str | None = None,
        run_id: str | None = None,
        algorithm: str | None = None,
        criterion: str | None = None,
        lr_scheduler: str | None = None,
        optimizer: str | None = None,
        reach: bool = False,
    ) -> "Report":
        """Find out whether a training can work, before minutes are spent on it.

        It reads what the TTP holds and changes nothing: whether project, experiments and runs are there, participants
        have tagged their data, the TTP knows the names of layers, activations, criterion, optimizer, scheduler and
        algorithm, the layers fit each other, and the criterion fits the network and the project.

        TTPs never tell a run's algorithm, criterion, scheduler and optimizer. Those of runs that were created over this
        connection are remembered; of others, say what they are. What is not known is not checked, and the report says
        so.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment; None checks all.
            run_id: Id of the run; None checks all of the experiment but those that a search has left. It needs
                `expt_id`.
            algorithm: The runs' algorithm.
            criterion: The runs' criterion.
            lr_scheduler: The runs' scheduler.
            optimizer: The runs' optimizer.
            reach: Whether to connect to every worker: to its `f_port`, which always answers, and to its `port`, which
                is open only while it trains. What this machine cannot reach, the TTP perhaps can.

        Returns:
            The report. It is true when nothing stands against the training; printed, it is a table of what was found,
            why it matters and what to do.

        Raises:
            InvalidId: When an id cannot be addressed, or is given without the one above it; nothing was sent.
            StatusError: When the TTP says no to being read.

        Example:
            >>> bool(driver.check(project_id="penguins", expt_id="one_layer", run_id="adam", criterion="NLLLoss"))
            True
            >>> print(driver.check(project_id="penguin"))
            Project 'penguin' is not ready to train: 1 error.
            <BLANKLINE>
            error    project 'penguin'             There is no project 'penguin'.
                                                   The TTP says: Project 'penguin' does not exist! Did you mean
                                                   'penguins'?
                                                   -> Create it with driver.projects.create(...), or correct
                                                   the id.
        """
        from synergos.preflight import examine

        ids = {"collab_id": collab_id, "project_id": project_id, "expt_id": expt_id, "run_id": run_id}
        checked = {name: check("check", name, value, Id | None) for name, value in ids.items()}
        names = {"algorithm": algorithm, "criterion": criterion, "lr_scheduler": lr_scheduler, "optimizer": optimizer}
        told = given(**{name: check("check", name, value, str | None) for name, value in names.items()})
        scope = {name: value for name, value in self._scope.items() if name in ids}
        tries = check("check", "reach", reach, bool)
        return examine("check", self._connection, within(scope, checked), told, reach=tries)

    def train(
        self,
        *,
        collab_id: str | None = None,
        project_id: str | None = None,
        expt_id: str | None = None,
        run_id: str | None = None,
        align: bool = True,
        dockerised: bool = True,
        resume: bool = False,
        track: Tracks | None = None,
        timeout: float | None = None,
        poll: float = POLL,
    ) -> "Cycle":
        """Align, train and validate the runs of a project, of an experiment, or one run: all that follows phase 1.

        It is named for what one is after: an alignment is needed for a training, and a training is worth what its
        validations say. First it finds out, as `driver.check` does, whether the training can work. Each step is
        submitted as a job and waited for, so it works on every TTP alike; in a terminal and in a notebook, progress is
        shown. Ctrl-C stops the waiting and not the step that is under way. The alignment of a real TTP ends every
        network of more than two classes in a softmax: a log_softmax that an experiment had, as NLLLoss wants it, is put
        back.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment; None trains the runs of all experiments.
            run_id: Id of the run; None trains all runs of the experiment, those that a search has left too. It needs
                `expt_id`.
            align: Whether to align. On a real cluster an alignment that comes out as it was before cannot be told from
                one that is not done: give False there when the data have not changed.
            dockerised: Whether the workers run in containers, as in `models.create`.
            resume: Whether to go on with trainings that were begun and have not ended, as in `models.create`. The
                alignment comes out as it was as long as the data are what they were.
            track: What takes each round as it comes: "csv:FILE", "tensorboard:FOLDER", "mlflow" or "mlflow:URI",
                something that is called with a `Round`, or a list of such. What it fails with stops nothing: a warning
                tells it once, and the cycle's `tracking_error` keeps it. Real TTPs tell of no rounds.
            timeout: Seconds for all of it but the check before; None for as long as it takes.
            poll: Seconds before a TTP that only queues work is asked for the second time. Each pause is longer than the
                one before it, up to twenty times that.

        Returns:
            The replies of the three steps. It prints as a table of the main statistics.

        Raises:
            InvalidId: When an id is given without the one above it; nothing was sent.
            NotReady: When the training cannot work; its `report` says what and what to do. Nothing was started.
            InvalidArgument: When the TTP cannot go on with a training, or does not tell of rounds. Nothing was started.
            StatusError: When the TTP refuses a step, or fails; also with `errors="return"`.
            TimedOut: When it is not done within `timeout`. The message says what is there and what is not.

        Example:
            >>> cycle = driver.train(project_id="penguins", expt_id="one_layer", run_id="adam")
            >>> [validation.key.participant_id for validation in cycle.validations.data]
            ['biscoe', 'dream']
        """
        from synergos.cycle import Tasks, run_cycle
        from synergos.preflight import require_ready
        from synergos.train.models import refuse_to_resume

        check("train", "align", align, bool)
        check("train", "dockerised", dockerised, bool)
        check("train", "resume", resume, bool)
        as_seconds("train", "timeout", timeout)
        as_seconds("train", "poll", check("train", "poll", poll, float))
        scoped = self.scope(collab_id=collab_id, project_id=project_id, expt_id=expt_id, run_id=run_id)
        # A participant of the scope is not meant: all train.
        scoped._scope.pop("participant_id", None)
        trackers = trackers_of("train", track)
        require_ready("train", self._connection, scoped._scope, trains_now=not align)
        if resume:
            refuse_to_resume("train", self._connection)
        if trackers:
            self._connection.jobs.told.require_rounds("train")
        tasks = Tasks(scoped.experiments, scoped.alignments, scoped.models, scoped.validations)
        ids = dict(scoped._scope)
        return run_cycle(
            self._connection,
            ids,
            tasks,
            align=align,
            dockerised=dockerised,
            resume=resume,
            trackers=trackers,
            timeout=timeout,
            poll=poll,
        )

    def results(
        self,
        *,
        collab_id: str | None = None,
        project_id: str | None = None,
        expt_id: str | None = None,
        run_id: str | None = None,
    ) -> "Results":
        """Read what came of the runs of a project, of an experiment, or of one run.

        It changes nothing. Printed, or shown by a notebook, it is a leaderboard, the best run first, with the
        hyperparameters in which the runs differ. Metrics are averaged over the participants by their rows; those of a
        classification are means over its classes before that, and the accuracy is the share of the rows that were given
        their class. Each participant and each class is one level down, in `by("participant")` and `by("class")`.

        Real TTPs tell neither the names of classes nor the losses, of regressions not the rows, and of runs that were
        not made over this connection not the names of criterion, optimizer, scheduler and algorithm. What is missing
        is said below the table.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment; None takes those of all experiments.
            run_id: Id of the run; None takes all of the experiment, those that a search has left too. It needs
                `expt_id`.

        Returns:
            The results.

        Raises:
            InvalidId: When an id cannot be addressed, or is given without the one above it; nothing was sent.
            NotFound: When there is no such project, experiment or run.
            StatusError: When the TTP says no to being read.

        Example:
            >>> results = driver.results(project_id="penguins")
            >>> best = results.best("f_score")
            >>> best.hyperparameters["lr"]
            0.03
            >>> [row["participant_id"] for row in results.by("participant")]
            ['biscoe', 'dream']
        """
        from synergos.evaluate.results import read_results

        ids = {"collab_id": collab_id, "project_id": project_id, "expt_id": expt_id, "run_id": run_id}
        checked = {name: check("results", name, value, Id | None) for name, value in ids.items()}
        scope = {name: value for name, value in self._scope.items() if name in ids}
        return read_results("results", self._connection, within(scope, checked))

    def compare_alone(
        self,
        *,
        collab_id: str | None = None,
        project_id: str | None = None,
        expt_id: str | None = None,
        run_id: str | None = None,
        metric: str | None = None,
        hyperparameters: Mapping[str, object] | None = None,
        timeout: float | None = None,
    ) -> "Alone":
        """Find out what each participant reaches by itself, beside what all have reached together.

        The run is trained once more for each participant that has data to train on, with its rows only, and validated
        on the rows of all. Network, hyperparameters, alignment and rows to evaluate are those of the federation. It
        takes as long as so many trainings, which are smaller.

        It works on a sandbox. There it is done in a project of its own, `<project_id>__alone_...`, which is deleted in
        the end with all that was made in it, also after an error or Ctrl-C: nothing is left.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            run_id: Id of the run, which is trained and validated.
            metric: What to compare; None for what results are ranked by: the accuracy or R2 where there is one.
            hyperparameters: What of the run's hyperparameters is not known. No TTP tells the names of its algorithm,
                criterion, optimizer and scheduler, nor what these take: they are known of runs that were made over this
                connection, or by a search on the sandbox.
            timeout: Seconds for each training, and for the alignment and each validation; None for as long as it takes.

        Returns:
            What each reaches alone, and what all reach together. It prints as a table.

        Raises:
            InvalidId: When an id is missing or cannot be addressed; nothing was sent.
            InvalidArgument: When the metric is not there, or what the run was made with is not known.
            NotFound: When there is no such run.
            SynergosError: When the run was not validated, or the TTP is no sandbox: nothing was changed.
            StatusError: When the TTP refuses a step: one participant's rows alone may be none to train with.

        Example:
            >>> run = driver.scope(project_id="penguins", expt_id="one_layer", run_id="twin")
            >>> fields = driver.results(project_id="penguins").best().hyperparameters
            >>> names = {"optimizer": "Adam", "criterion": "NLLLoss", "lr_scheduler": "StepLR", "step_size": 50}
            >>> reply = run.runs.create(**{**fields, **names})
            >>> cycle = run.train(align=False)
            >>> found = run.compare_alone()
            >>> list(found.alone)
            ['biscoe', 'dream']
        """
        from synergos.alone import compare

        ids = {"collab_id": collab_id, "project_id": project_id, "expt_id": expt_id, "run_id": run_id}
        checked = {name: check("compare_alone", name, value, Id | None) for name, value in ids.items()}
        scoped = within({name: value for name, value in self._scope.items() if name in ids}, checked)
        if "run_id" not in scoped:
            raise InvalidId("[compare_alone] run_id is missing: say which run is to be compared.")
        told = dict(hyperparameters or {})
        check("compare_alone", "metric", metric, str | None)
        as_seconds("compare_alone", "timeout", timeout)
        return compare(self._connection, scoped, told, metric, timeout)

    def manifest(
        self,
        *,
        collab_id: str | None = None,
        project_id: str | None = None,
        expt_id: str | None = None,
        run_id: str | None = None,
    ) -> "Manifest":
        """Read what the model of a run was made of, and what came of it: all that is needed to train it once more.

        It is `manifest.json` beside the weights. Only the sandbox and `synergos ttp` keep it.

        Args:
            collab_id: Id of the collaboration; None on a TTP of the generation v4.
            project_id: Id of the project.
            expt_id: Id of the experiment.
            run_id: Id of the run.

        Returns:
            The manifest. `save(path)` writes the file.

        Raises:
            InvalidId: When an id is missing or cannot be addressed; nothing was sent.
            NotFound: When there is no such run.
            SynergosError: When the TTP keeps no manifests, or the run has none: it is not trained, or was by an earlier
                Synergos.

        Example:
            >>> manifest = driver.manifest(project_id="penguins", expt_id="one_layer", run_id="adam")
            >>> manifest.content["rounds"]["done"]
            2
            >>> manifest.save("manifest.json")
        """
        from synergos.rerun import read_manifest

        ids = {"collab_id": collab_id, "project_id": project_id, "expt_id": expt_id, "run_id": run_id}
        checked = {name: check("manifest", name, value, Id | None) for name, value in ids.items()}
        scoped = within({name: value for name, value in self._scope.items() if name in ids}, checked)
        if missing := [name for name in ("project_id", "expt_id", "run_id") if name not in scoped]:
            raise InvalidId(f"[manifest] {missing[0]} is missing: say which run's it is.")
        return read_manifest("manifest", self._connection, scoped)

    def rerun(
        self,
        manifest: "str | os.PathLike[str] | Mapping[str, Any] | Manifest",
        *,
        keep: bool = False,
        timeout: float | None = None,
    ) -> "Rerun":
        """Train once more as a manifest says, and find out whether the same comes of it, to the last bit.

        It works on a sandbox and on `synergos ttp`, on the same one or on another with the same data. It is done in a
        project of its own, `<project_id>__rerun_...`, outside of any collaboration, with the participants, tags, layers
        and run of the manifest; they are aligned and trained, and then all of the new manifest is compared with the old
        one: versions, rows and hashes of the data, alignment, losses, hashes of the weights. The project is deleted in
        the end with all that was made in it, also after an error or Ctrl-C, and so are participants that were not there
        before, unless somebody else has registered them meanwhile, which a note then says. What was there is left
        alone, and so are the ids of the driver's scope.

        Args:
            manifest: The file, or the folder of the model, or what `driver.manifest` returned.
            keep: Whether to leave the project on the TTP; the result names it.
            timeout: Seconds for the alignment, and for the training; None for as long as it takes.

        Returns:
            What differs. It is true when nothing does; printed, it is a table.

        Raises:
            InvalidArgument: When there is no manifest, or it was cut off, changed since it was written, or is of
                another version. Nothing was sent.
            SynergosError: When the TTP is a real one, which keeps no manifests; nothing was changed.
            StatusError: When the TTP refuses a step, because its data can no longer be trained with for example.

        Example:
            >>> manifest = driver.manifest(project_id="penguins", expt_id="one_layer", run_id="adam")
            >>> print(driver.rerun(manifest))
            penguins/one_layer/adam: equal. The same losses and the same weights, to the last bit.
        """
        from pathlib import Path

        from synergos.manifest import Manifest
        from synergos.rerun import rerun

        check("rerun", "keep", keep, bool)
        as_seconds("rerun", "timeout", timeout)
        then = Manifest.read(Path(manifest) if isinstance(manifest, os.PathLike) else manifest)
        return rerun(self._connection, then, keep=keep, timeout=timeout)

    def jobs(self) -> "Table":
        """List the work that the TTP was given and is at, by anyone. Real TTPs do not tell.

        Returns:
            A row for each job: its `number`, what is made, `resource`, its ids, its `state` and, while it trains, the
            `round` of `rounds` and the losses.

        Raises:
            SynergosError: When the TTP does not tell, as real ones do not.

        Example:
            >>> [(row["resource"], row["state"]) for row in driver.jobs()][:2]
            []
        """
        from synergos.results.table import Table

        told = self._connection.jobs.told.everything()
        if told is None:
            raise SynergosError(
                "[jobs] This TTP does not tell what it is at. driver.models.job(project_id=...) looks for what there "
                "is, and waits for the rest."
            )
        columns = ("number", "resource", *_IDS, "state", "round", "rounds", "train_loss", "evaluate_loss", "message")
        rows = [{**one, **one.get("key", {}), **one["ids"]} for one in told]
        shown = tuple(name for name in columns if name in ("number", "state") or any(row.get(name) for row in rows))
        return Table(shown, tuple({name: row.get(name) for name in shown} for row in rows))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections to the TTP. The driver cannot be used afterwards.

        A call that waits in another thread, for an answer or for its turn, ends within a second with `Unreachable`,
        which says so; so does waiting for a job. The TTP goes on with what it has begun.
        """
        self._connection.transport.close()

    # Each task is imported when it is first asked for: so a script pays only for the part of the contract that it uses.

    @functools.cached_property
    def collaborations(self) -> "CollaborationTask":
        """Phase 1: who works together, and with which components; v8."""
        from synergos.connect.collaborations import CollaborationTask

        return self._task(CollaborationTask)

    @functools.cached_property
    def projects(self) -> "ProjectTask":
        """Phase 1: what is to be learned together."""
        from synergos.connect.projects import ProjectTask

        return self._task(ProjectTask)

    @functools.cached_property
    def experiments(self) -> "ExperimentTask":
        """Phase 1: networks to try in a project."""
        from synergos.connect.experiments import ExperimentTask

        return self._task(ExperimentTask)

    @functools.cached_property
    def runs(self) -> "RunTask":
        """Phase 1: sets of hyperparameters to try in an experiment."""
        from synergos.connect.runs import RunTask

        return self._task(RunTask)

    @functools.cached_property
    def participants(self) -> "ParticipantTask":
        """Phase 1: the parties of the grid."""
        from synergos.connect.participants import ParticipantTask

        return self._task(ParticipantTask)

    @functools.cached_property
    def registrations(self) -> "RegistrationTask":
        """Phase 1: who takes part in which project, and as what."""
        from synergos.connect.registrations import RegistrationTask

        return self._task(RegistrationTask)

    @functools.cached_property
    def tags(self) -> "TagTask":
        """Phase 1: which of its data a participant brings to a project."""
        from synergos.connect.tags import TagTask

        return self._task(TagTask)

    @functools.cached_property
    def alignments(self) -> "AlignmentTask":
        """Phase 2: one set of features over all participants."""
        from synergos.train.alignments import AlignmentTask

        return self._task(AlignmentTask)

    @functools.cached_property
    def models(self) -> "ModelTask":
        """Phase 2: training."""
        from synergos.train.models import ModelTask

        return self._task(ModelTask)

    @functools.cached_property
    def optimizations(self) -> "OptimizationTask":
        """Phase 2: the search for hyperparameters."""
        from synergos.train.optimizations import OptimizationTask

        return self._task(OptimizationTask)

    @functools.cached_property
    def validations(self) -> "ValidationTask":
        """Phase 3: how well the models do on the participants' data."""
        from synergos.evaluate.validations import ValidationTask

        return self._task(ValidationTask)

    @functools.cached_property
    def predictions(self) -> "PredictionTask":
        """Phase 3: what the models say of a participant's data."""
        from synergos.evaluate.predictions import PredictionTask

        return self._task(PredictionTask)

    def _task(self, kind: type[TaskT]) -> TaskT:
        return kind(self._connection, self._scope, returns_errors=self._returns_errors)


def _ask_where(_: Request) -> Never:
    raise InvalidArgument(WHERE)
