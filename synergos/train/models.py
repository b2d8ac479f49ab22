"""Models: training over all participants."""

from synergos_client.api.models import (
    create_models_by_experiment,
    create_models_by_project,
    create_models_by_run,
    read_models_by_experiment,
    read_models_by_project,
    read_models_by_run,
)
from synergos_client.models.model import Model
from synergos_client.models.model_input import ModelInput

from synergos.checks import Id, verb
from synergos.reply import Reply
from synergos.task import DerivedTask, RequestBuilder, nested_ids

# The route follows from the ids that are given.
_CREATE: dict[tuple[str, ...], RequestBuilder] = {
    ("project_id",): create_models_by_project._get_kwargs,
    (
        "project_id",
        "expt_id",
    ): create_models_by_experiment._get_kwargs,
    (
        "project_id",
        "expt_id",
        "run_id",
    ): create_models_by_run._get_kwargs,
}
_READ: dict[tuple[str, ...], RequestBuilder] = {
    ("project_id",): read_models_by_project._get_kwargs,
    (
        "project_id",
        "expt_id",
    ): read_models_by_experiment._get_kwargs,
    (
        "project_id",
        "expt_id",
        "run_id",
    ): read_models_by_run._get_kwargs,
}


class ModelTask(DerivedTask):
    """The trained models of a project."""

    _name = "models"

    @verb
    def create(
        self,
        *,
        project_id: Id,
        expt_id: Id | None = None,
        run_id: Id | None = None,
        auto_align: bool = True,
        dockerised: bool = True,
        verbose: bool = True,
        log_msgs: bool = True,
        timeout: float | None = None,
    ) -> Reply[list[Model]]:
        """Train the runs of a project, of an experiment, or one run.

        The call returns when the training is done. On a real grid this takes minutes, and losing the connection does
        not stop it: the models can be read later.

        Args:
            project_id: Id of the project. It must be aligned, and a participant must have `evaluate` tags.
            expt_id: Id of the experiment; None trains the runs of all experiments.
            run_id: Id of the run; None trains all runs of the experiment. It needs `expt_id`.
            auto_align: Whether data are fitted to the alignment as they are loaded.
            dockerised: Whether the workers run in containers.
            verbose: Whether the workers log in detail.
            log_msgs: Whether the workers log their messages.
            timeout: Seconds to wait for the answer; None waits until it comes.

        Returns:
            One record for each run, with the files of the global model and of each participant's, on the TTP's disk.

        Raises:
            InvalidId: When `run_id` is given without `expt_id`; nothing was sent.
            NotFound: When there is no such project, experiment or run.
            Rejected: When the project is not ready; the message says what is missing. A real TTP answers with a
                `ServerFailure`.
            TimedOut: When no answer comes within `timeout`. The TTP goes on.

        Example:
            >>> models = driver.models.create(project_id="penguins", expt_id="one_layer", run_id="adam").data
            >>> models[0].global_.origin
            'ttp'
        """
        ids = nested_ids("models.create", project_id=project_id, expt_id=expt_id, run_id=run_id)
        body = ModelInput(auto_align=auto_align, dockerised=dockerised, verbose=verbose, log_msgs=log_msgs)
        return self._work(Model, "create", _CREATE[tuple(ids)](**ids, body=body), ids, timeout)

    @verb
    def read(self, *, project_id: Id, expt_id: Id | None = None, run_id: Id | None = None) -> Reply[list[Model]]:
        """Read the models of a project, of an experiment, or of one run.

        Args:
            project_id: Id of the project.
            expt_id: Id of the experiment; None reads those of all experiments.
            run_id: Id of the run; None reads those of all runs. It needs `expt_id`.

        Returns:
            The models, a list even for one run.

        Raises:
            InvalidId: When `run_id` is given without `expt_id`; nothing was sent.
            NotFound: When nothing is trained yet.

        Example:
            >>> driver.models.read(project_id="penguins").data[0].key.run_id
            'adam'
        """
        ids = nested_ids("models.read", project_id=project_id, expt_id=expt_id, run_id=run_id)
        return self._many(Model, "read", _READ[tuple(ids)](**ids), ids)
