"""The operations that each verb leads to, with the ids that stand in their paths, and in what is sent."""

Ids = tuple[str, ...]

ROUTES: dict[str, dict[str, dict[str, tuple[Ids, Ids]]]] = {
    "alignments": {
        "read": {
            "alignments.read_alignments": (("project_id",), ()),
            "alignments.read_alignments_in_collab": (("collab_id", "project_id"), ()),
        },
        "create": {
            "alignments.create_alignments": (("project_id",), ()),
            "alignments.create_alignments_in_collab": (("collab_id", "project_id"), ()),
        },
    },
    "collaborations": {
        "read_all": {"collaborations.read_collaborations": ((), ())},
        "create": {"collaborations.create_collaboration": ((), ("collab_id",))},
        "read": {"collaborations.read_collaboration": (("collab_id",), ())},
        "update": {"collaborations.update_collaboration": (("collab_id",), ())},
        "delete": {"collaborations.delete_collaboration": (("collab_id",), ())},
    },
    "data": {"read": {"sandbox.read_data": ((), ())}},
    "experiments": {
        "read_all": {
            "experiments.read_experiments": (("project_id",), ()),
            "experiments.read_experiments_in_collab": (("collab_id", "project_id"), ()),
        },
        "create": {
            "experiments.create_experiment": (("project_id",), ("expt_id",)),
            "experiments.create_experiment_in_collab": (("collab_id", "project_id"), ("expt_id",)),
        },
        "read": {
            "experiments.read_experiment": (("project_id", "expt_id"), ()),
            "experiments.read_experiment_in_collab": (("collab_id", "project_id", "expt_id"), ()),
        },
        "update": {
            "experiments.update_experiment": (("project_id", "expt_id"), ()),
            "experiments.update_experiment_in_collab": (("collab_id", "project_id", "expt_id"), ()),
        },
        "delete": {
            "experiments.delete_experiment": (("project_id", "expt_id"), ()),
            "experiments.delete_experiment_in_collab": (("collab_id", "project_id", "expt_id"), ()),
        },
    },
    "losses": {"read": {"sandbox.read_losses": ((), ())}},
    "manifests": {"read": {"sandbox.read_manifests": ((), ())}},
    "models": {
        "read": {
            "models.read_models_by_project": (("project_id",), ()),
            "models.read_models_by_experiment": (("project_id", "expt_id"), ()),
            "models.read_models_by_run": (("project_id", "expt_id", "run_id"), ()),
            "models.read_models_by_project_in_collab": (("collab_id", "project_id"), ()),
            "models.read_models_by_experiment_in_collab": (("collab_id", "project_id", "expt_id"), ()),
            "models.read_models_by_run_in_collab": (("collab_id", "project_id", "expt_id", "run_id"), ()),
        },
        "create": {
            "models.create_models_by_project": (("project_id",), ()),
            "models.create_models_by_experiment": (("project_id", "expt_id"), ()),
            "models.create_models_by_run": (("project_id", "expt_id", "run_id"), ()),
            "models.create_models_by_project_in_collab": (("collab_id", "project_id"), ()),
            "models.create_models_by_experiment_in_collab": (("collab_id", "project_id", "expt_id"), ()),
            "models.create_models_by_run_in_collab": (("collab_id", "project_id", "expt_id", "run_id"), ()),
        },
    },
    "optimizations": {
        "read": {
            "optimizations.read_optimizations": (("project_id", "expt_id"), ()),
            "optimizations.read_optimizations_in_collab": (("collab_id", "project_id", "expt_id"), ()),
        },
        "create": {
            "optimizations.create_optimizations": (("project_id", "expt_id"), ()),
            "optimizations.create_optimizations_in_collab": (("collab_id", "project_id", "expt_id"), ()),
        },
    },
    "overview": {"read": {"sandbox.read_overview": ((), ())}},
    "participants": {
        "read_all": {"participants.read_participants": ((), ())},
        "create": {"participants.create_participant": ((), ("participant_id",))},
        "read": {"participants.read_participant": (("participant_id",), ())},
        "update": {"participants.update_participant": (("participant_id",), ())},
        "delete": {"participants.delete_participant": (("participant_id",), ())},
    },
    "predictions": {
        "read": {
            "predictions.read_predictions_by_participant": (("participant_id",), ()),
            "predictions.read_predictions_by_project": (("participant_id", "project_id"), ()),
            "predictions.read_predictions_by_experiment": (("participant_id", "project_id", "expt_id"), ()),
            "predictions.read_predictions_by_run": (("participant_id", "project_id", "expt_id", "run_id"), ()),
            "predictions.read_predictions_by_participant_in_collab": (("participant_id", "collab_id"), ()),
            "predictions.read_predictions_by_project_in_collab": (("participant_id", "collab_id", "project_id"), ()),
            "predictions.read_predictions_by_experiment_in_collab": (
                ("participant_id", "collab_id", "project_id", "expt_id"),
                (),
            ),
            "predictions.read_predictions_by_run_in_collab": (
                ("participant_id", "collab_id", "project_id", "expt_id", "run_id"),
                (),
            ),
        },
        "create": {
            "predictions.create_predictions_by_participant": (("participant_id",), ()),
            "predictions.create_predictions_by_project": (("participant_id", "project_id"), ()),
            "predictions.create_predictions_by_experiment": (("participant_id", "project_id", "expt_id"), ()),
            "predictions.create_predictions_by_run": (("participant_id", "project_id", "expt_id", "run_id"), ()),
            "predictions.create_predictions_by_participant_in_collab": (("participant_id", "collab_id"), ()),
            "predictions.create_predictions_by_project_in_collab": (("participant_id", "collab_id", "project_id"), ()),
            "predictions.create_predictions_by_experiment_in_collab": (
                ("participant_id", "collab_id", "project_id", "expt_id"),
                (),
            ),
            "predictions.create_predictions_by_run_in_collab": (
                ("participant_id", "collab_id", "project_id", "expt_id", "run_id"),
                (),
            ),
        },
    },
    "progress": {"read": {"sandbox.read_progress": ((), ())}},
    "projects": {
        "read_all": {"projects.read_projects": ((), ()), "projects.read_projects_in_collab": (("collab_id",), ())},
        "create": {
            "projects.create_project": ((), ("project_id",)),
            "projects.create_project_in_collab": (("collab_id",), ("project_id",)),
        },
        "read": {
            "projects.read_project": (("project_id",), ()),
            "projects.read_project_in_collab": (("collab_id", "project_id"), ()),
        },
        "update": {
            "projects.update_project": (("project_id",), ()),
            "projects.update_project_in_collab": (("collab_id", "project_id"), ()),
        },
        "delete": {
            "projects.delete_project": (("project_id",), ()),
            "projects.delete_project_in_collab": (("collab_id", "project_id"), ()),
        },
    },
    "registrations": {
        "read_all": {
            "registrations.read_registrations_by_project": (("project_id",), ()),
            "registrations.read_registrations_by_participant": (("participant_id",), ()),
            "registrations.read_registrations_by_collab": (("collab_id",), ()),
            "registrations.read_registrations_by_participant_in_collab": (("collab_id", "participant_id"), ()),
            "registrations.read_registrations_by_project_in_collab": (("collab_id", "project_id"), ()),
        },
        "read": {
            "registrations.read_registration": (("project_id", "participant_id"), ()),
            "registrations.read_registration_in_collab": (("collab_id", "project_id", "participant_id"), ()),
        },
        "create": {
            "registrations.create_registration": (("project_id", "participant_id"), ()),
            "registrations.create_registration_in_collab": (("collab_id", "project_id", "participant_id"), ()),
        },
        "update": {
            "registrations.update_registration": (("project_id", "participant_id"), ()),
            "registrations.update_registration_in_collab": (("collab_id", "project_id", "participant_id"), ()),
        },
        "delete": {
            "registrations.delete_registration": (("project_id", "participant_id"), ()),
            "registrations.delete_registration_in_collab": (("collab_id", "project_id", "participant_id"), ()),
        },
    },
    "results": {"read": {"sandbox.read_results": ((), ())}},
    "rounds": {"read": {"sandbox.read_rounds": ((), ())}},
    "runs": {
        "read_all": {
            "runs.read_runs": (("project_id", "expt_id"), ()),
            "runs.read_runs_in_collab": (("collab_id", "project_id", "expt_id"), ()),
        },
        "create": {
            "runs.create_run": (("project_id", "expt_id"), ("run_id",)),
            "runs.create_run_in_collab": (("collab_id", "project_id", "expt_id"), ("run_id",)),
        },
        "read": {
            "runs.read_run": (("project_id", "expt_id", "run_id"), ()),
            "runs.read_run_in_collab": (("collab_id", "project_id", "expt_id", "run_id"), ()),
        },
        "update": {
            "runs.update_run": (("project_id", "expt_id", "run_id"), ()),
            "runs.update_run_in_collab": (("collab_id", "project_id", "expt_id", "run_id"), ()),
        },
        "delete": {
            "runs.delete_run": (("project_id", "expt_id", "run_id"), ()),
            "runs.delete_run_in_collab": (("collab_id", "project_id", "expt_id", "run_id"), ()),
        },
    },
    "tags": {
        "read": {
            "tags.read_tags": (("project_id", "participant_id"), ()),
            "tags.read_tags_in_collab": (("collab_id", "project_id", "participant_id"), ()),
        },
        "create": {
            "tags.create_tags": (("project_id", "participant_id"), ()),
            "tags.create_tags_in_collab": (("collab_id", "project_id", "participant_id"), ()),
        },
        "update": {
            "tags.update_tags": (("project_id", "participant_id"), ()),
            "tags.update_tags_in_collab": (("collab_id", "project_id", "participant_id"), ()),
        },
        "delete": {
            "tags.delete_tags": (("project_id", "participant_id"), ()),
            "tags.delete_tags_in_collab": (("collab_id", "project_id", "participant_id"), ()),
        },
    },
    "training": {"cancel": {"sandbox.cancel_training": ((), ())}},
    "trials": {
        "read": {
            "sandbox.read_trials": (("project_id", "expt_id"), ()),
            "sandbox.read_trials_in_collab": (("collab_id", "project_id", "expt_id"), ()),
        }
    },
    "validations": {
        "read": {
            "validations.read_validations_by_project": (("project_id",), ()),
            "validations.read_validations_by_experiment": (("project_id", "expt_id"), ()),
            "validations.read_validations_by_run": (("project_id", "expt_id", "run_id"), ()),
            "validations.read_validations_by_participant": (("project_id", "expt_id", "run_id", "participant_id"), ()),
            "validations.read_validations_by_project_in_collab": (("collab_id", "project_id"), ()),
            "validations.read_validations_by_experiment_in_collab": (("collab_id", "project_id", "expt_id"), ()),
            "validations.read_validations_by_run_in_collab": (("collab_id", "project_id", "expt_id", "run_id"), ()),
            "validations.read_validations_by_participant_in_collab": (
                ("collab_id", "project_id", "expt_id", "run_id", "participant_id"),
                (),
            ),
        },
        "create": {
            "validations.create_validations_by_project": (("project_id",), ()),
            "validations.create_validations_by_experiment": (("project_id", "expt_id"), ()),
            "validations.create_validations_by_run": (("project_id", "expt_id", "run_id"), ()),
            "validations.create_validations_by_participant": (
                ("project_id", "expt_id", "run_id", "participant_id"),
                (),
            ),
            "validations.create_validations_by_project_in_collab": (("collab_id", "project_id"), ()),
            "validations.create_validations_by_experiment_in_collab": (("collab_id", "project_id", "expt_id"), ()),
            "validations.create_validations_by_run_in_collab": (("collab_id", "project_id", "expt_id", "run_id"), ()),
            "validations.create_validations_by_participant_in_collab": (
                ("collab_id", "project_id", "expt_id", "run_id", "participant_id"),
                (),
            ),
        },
    },
}
