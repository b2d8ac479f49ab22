"""The schemas of the contract, each a class that is imported when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .action import Action
    from .alignment import Alignment
    from .alignment_input import AlignmentInput
    from .alignments_answer import AlignmentsAnswer
    from .collaboration import Collaboration
    from .collaboration_answer import CollaborationAnswer
    from .collaboration_fields import CollaborationFields
    from .collaboration_input import CollaborationInput
    from .collaboration_key import CollaborationKey
    from .collaboration_update import CollaborationUpdate
    from .collaborations_answer import CollaborationsAnswer
    from .component import Component
    from .component_input import ComponentInput
    from .component_ports import ComponentPorts
    from .curve import Curve
    from .curve_key import CurveKey
    from .data_column import DataColumn
    from .data_finding import DataFinding
    from .data_report import DataReport
    from .data_report_answer import DataReportAnswer
    from .data_table import DataTable
    from .data_table_classes import DataTableClasses
    from .data_table_left_out import DataTableLeftOut
    from .data_value import DataValue
    from .distribution import Distribution
    from .envelope import Envelope
    from .envelope_params import EnvelopeParams
    from .error import Error
    from .experiment import Experiment
    from .experiment_answer import ExperimentAnswer
    from .experiment_input import ExperimentInput
    from .experiment_key import ExperimentKey
    from .experiment_update import ExperimentUpdate
    from .experiments_answer import ExperimentsAnswer
    from .incentives import Incentives
    from .inference import Inference
    from .job_fields import JobFields
    from .layer import Layer
    from .layer_input import LayerInput
    from .layer_structure import LayerStructure
    from .logs_input import LogsInput
    from .logs_ports_input import LogsPortsInput
    from .losses import Losses
    from .losses_answer import LossesAnswer
    from .manifest import Manifest
    from .manifest_alignment import ManifestAlignment
    from .manifest_layers_item import ManifestLayersItem
    from .manifest_losses import ManifestLosses
    from .manifest_losses_additional_property import ManifestLossesAdditionalProperty
    from .manifest_participants import ManifestParticipants
    from .manifest_participants_additional_property import ManifestParticipantsAdditionalProperty
    from .manifest_rounds import ManifestRounds
    from .manifest_run import ManifestRun
    from .manifest_versions import ManifestVersions
    from .manifest_weights import ManifestWeights
    from .manifest_weights_additional_property import ManifestWeightsAdditionalProperty
    from .manifests_answer import ManifestsAnswer
    from .model import Model
    from .model_file import ModelFile
    from .model_in_collab_input import ModelInCollabInput
    from .model_input import ModelInput
    from .model_job_fields import ModelJobFields
    from .models_answer import ModelsAnswer
    from .node import Node
    from .node_input import NodeInput
    from .optimization_fields import OptimizationFields
    from .optimization_fields_backend import OptimizationFieldsBackend
    from .optimization_fields_optimize_mode import OptimizationFieldsOptimizeMode
    from .optimization_fields_search_space import OptimizationFieldsSearchSpace
    from .optimization_in_collab_input import OptimizationInCollabInput
    from .optimization_input import OptimizationInput
    from .overview import Overview
    from .overview_answer import OverviewAnswer
    from .overview_connected import OverviewConnected
    from .overview_more import OverviewMore
    from .overview_versions import OverviewVersions
    from .participant import Participant
    from .participant_answer import ParticipantAnswer
    from .participant_count import ParticipantCount
    from .participant_fields import ParticipantFields
    from .participant_input import ParticipantInput
    from .participant_key import ParticipantKey
    from .participant_socials import ParticipantSocials
    from .participant_update import ParticipantUpdate
    from .participants_answer import ParticipantsAnswer
    from .ports_input import PortsInput
    from .prediction import Prediction
    from .prediction_fields import PredictionFields
    from .prediction_fields_tags import PredictionFieldsTags
    from .prediction_in_collab_input import PredictionInCollabInput
    from .prediction_input import PredictionInput
    from .predictions_answer import PredictionsAnswer
    from .progress_answer import ProgressAnswer
    from .project import Project
    from .project_answer import ProjectAnswer
    from .project_counts import ProjectCounts
    from .project_counts_counts import ProjectCountsCounts
    from .project_counts_key import ProjectCountsKey
    from .project_fields import ProjectFields
    from .project_in_collab_input import ProjectInCollabInput
    from .project_incentives import ProjectIncentives
    from .project_input import ProjectInput
    from .project_key import ProjectKey
    from .project_update import ProjectUpdate
    from .projects_answer import ProjectsAnswer
    from .record import Record
    from .registration import Registration
    from .registration_answer import RegistrationAnswer
    from .registration_collaboration import RegistrationCollaboration
    from .registration_in_collab_input import RegistrationInCollabInput
    from .registration_in_collab_update import RegistrationInCollabUpdate
    from .registration_input import RegistrationInput
    from .registration_key import RegistrationKey
    from .registration_participant import RegistrationParticipant
    from .registration_project import RegistrationProject
    from .registration_update import RegistrationUpdate
    from .registrations_answer import RegistrationsAnswer
    from .relations import Relations
    from .result_key import ResultKey
    from .results import Results
    from .results_answer import ResultsAnswer
    from .results_losses import ResultsLosses
    from .results_runs_item import ResultsRunsItem
    from .results_searches_item import ResultsSearchesItem
    from .results_tables import ResultsTables
    from .role import Role
    from .round_ import Round
    from .round_local_losses import RoundLocalLosses
    from .rounds_answer import RoundsAnswer
    from .run import Run
    from .run_answer import RunAnswer
    from .run_fields import RunFields
    from .run_fields_mode import RunFieldsMode
    from .run_fields_reduction import RunFieldsReduction
    from .run_fields_scale_mode import RunFieldsScaleMode
    from .run_input import RunInput
    from .run_key import RunKey
    from .run_update import RunUpdate
    from .runs_answer import RunsAnswer
    from .spacers import Spacers
    from .statistics import Statistics
    from .structure import Structure
    from .tag import Tag
    from .tag_answer import TagAnswer
    from .tag_fields import TagFields
    from .tag_input import TagInput
    from .tag_update import TagUpdate
    from .trial import Trial
    from .trial_hyperparameters import TrialHyperparameters
    from .trials_answer import TrialsAnswer
    from .validation import Validation
    from .validation_input import ValidationInput
    from .validations_answer import ValidationsAnswer
    from .work import Work
    from .work_ids import WorkIds
    from .work_key import WorkKey

__all__ = (
    "Action",
    "Alignment",
    "AlignmentInput",
    "AlignmentsAnswer",
    "Collaboration",
    "CollaborationAnswer",
    "CollaborationFields",
    "CollaborationInput",
    "CollaborationKey",
    "CollaborationsAnswer",
    "CollaborationUpdate",
    "Component",
    "ComponentInput",
    "ComponentPorts",
    "Curve",
    "CurveKey",
    "DataColumn",
    "DataFinding",
    "DataReport",
    "DataReportAnswer",
    "DataTable",
    "DataTableClasses",
    "DataTableLeftOut",
    "DataValue",
    "Distribution",
    "Envelope",
    "EnvelopeParams",
    "Error",
    "Experiment",
    "ExperimentAnswer",
    "ExperimentInput",
    "ExperimentKey",
    "ExperimentsAnswer",
    "ExperimentUpdate",
    "Incentives",
    "Inference",
    "JobFields",
    "Layer",
    "LayerInput",
    "LayerStructure",
    "LogsInput",
    "LogsPortsInput",
    "Losses",
    "LossesAnswer",
    "Manifest",
    "ManifestAlignment",
    "ManifestLayersItem",
    "ManifestLosses",
    "ManifestLossesAdditionalProperty",
    "ManifestParticipants",
    "ManifestParticipantsAdditionalProperty",
    "ManifestRounds",
    "ManifestRun",
    "ManifestsAnswer",
    "ManifestVersions",
    "ManifestWeights",
    "ManifestWeightsAdditionalProperty",
    "Model",
    "ModelFile",
    "ModelInCollabInput",
    "ModelInput",
    "ModelJobFields",
    "ModelsAnswer",
    "Node",
    "NodeInput",
    "OptimizationFields",
    "OptimizationFieldsBackend",
    "OptimizationFieldsOptimizeMode",
    "OptimizationFieldsSearchSpace",
    "OptimizationInCollabInput",
    "OptimizationInput",
    "Overview",
    "OverviewAnswer",
    "OverviewConnected",
    "OverviewMore",
    "OverviewVersions",
    "Participant",
    "ParticipantAnswer",
    "ParticipantCount",
    "ParticipantFields",
    "ParticipantInput",
    "ParticipantKey",
    "ParticipantsAnswer",
    "ParticipantSocials",
    "ParticipantUpdate",
    "PortsInput",
    "Prediction",
    "PredictionFields",
    "PredictionFieldsTags",
    "PredictionInCollabInput",
    "PredictionInput",
    "PredictionsAnswer",
    "ProgressAnswer",
    "Project",
    "ProjectAnswer",
    "ProjectCounts",
    "ProjectCountsCounts",
    "ProjectCountsKey",
    "ProjectFields",
    "ProjectIncentives",
    "ProjectInCollabInput",
    "ProjectInput",
    "ProjectKey",
    "ProjectsAnswer",
    "ProjectUpdate",
    "Record",
    "Registration",
    "RegistrationAnswer",
    "RegistrationCollaboration",
    "RegistrationInCollabInput",
    "RegistrationInCollabUpdate",
    "RegistrationInput",
    "RegistrationKey",
    "RegistrationParticipant",
    "RegistrationProject",
    "RegistrationsAnswer",
    "RegistrationUpdate",
    "Relations",
    "ResultKey",
    "Results",
    "ResultsAnswer",
    "ResultsLosses",
    "ResultsRunsItem",
    "ResultsSearchesItem",
    "ResultsTables",
    "Role",
    "Round",
    "RoundLocalLosses",
    "RoundsAnswer",
    "Run",
    "RunAnswer",
    "RunFields",
    "RunFieldsMode",
    "RunFieldsReduction",
    "RunFieldsScaleMode",
    "RunInput",
    "RunKey",
    "RunsAnswer",
    "RunUpdate",
    "Spacers",
    "Statistics",
    "Structure",
    "Tag",
    "TagAnswer",
    "TagFields",
    "TagInput",
    "TagUpdate",
    "Trial",
    "TrialHyperparameters",
    "TrialsAnswer",
    "Validation",
    "ValidationInput",
    "ValidationsAnswer",
    "Work",
    "WorkIds",
    "WorkKey",
)

if not TYPE_CHECKING:
    _MODULES = {
        "Action": ".action",
        "Alignment": ".alignment",
        "AlignmentInput": ".alignment_input",
        "AlignmentsAnswer": ".alignments_answer",
        "Collaboration": ".collaboration",
        "CollaborationAnswer": ".collaboration_answer",
        "CollaborationFields": ".collaboration_fields",
        "CollaborationInput": ".collaboration_input",
        "CollaborationKey": ".collaboration_key",
        "CollaborationUpdate": ".collaboration_update",
        "CollaborationsAnswer": ".collaborations_answer",
        "Component": ".component",
        "ComponentInput": ".component_input",
        "ComponentPorts": ".component_ports",
        "Curve": ".curve",
        "CurveKey": ".curve_key",
        "DataColumn": ".data_column",
        "DataFinding": ".data_finding",
        "DataReport": ".data_report",
        "DataReportAnswer": ".data_report_answer",
        "DataTable": ".data_table",
        "DataTableClasses": ".data_table_classes",
        "DataTableLeftOut": ".data_table_left_out",
        "DataValue": ".data_value",
        "Distribution": ".distribution",
        "Envelope": ".envelope",
        "EnvelopeParams": ".envelope_params",
        "Error": ".error",
        "Experiment": ".experiment",
        "ExperimentAnswer": ".experiment_answer",
        "ExperimentInput": ".experiment_input",
        "ExperimentKey": ".experiment_key",
        "ExperimentUpdate": ".experiment_update",
        "ExperimentsAnswer": ".experiments_answer",
        "Incentives": ".incentives",
        "Inference": ".inference",
        "JobFields": ".job_fields",
        "Layer": ".layer",
        "LayerInput": ".layer_input",
        "LayerStructure": ".layer_structure",
        "LogsInput": ".logs_input",
        "LogsPortsInput": ".logs_ports_input",
        "Losses": ".losses",
        "LossesAnswer": ".losses_answer",
        "Manifest": ".manifest",
        "ManifestAlignment": ".manifest_alignment",
        "ManifestLayersItem": ".manifest_layers_item",
        "ManifestLosses": ".manifest_losses",
        "ManifestLossesAdditionalProperty": ".manifest_losses_additional_property",
        "ManifestParticipants": ".manifest_participants",
        "ManifestParticipantsAdditionalProperty": ".manifest_participants_additional_property",
        "ManifestRounds": ".manifest_rounds",
        "ManifestRun": ".manifest_run",
        "ManifestVersions": ".manifest_versions",
        "ManifestWeights": ".manifest_weights",
        "ManifestWeightsAdditionalProperty": ".manifest_weights_additional_property",
        "ManifestsAnswer": ".manifests_answer",
        "Model": ".model",
        "ModelFile": ".model_file",
        "ModelInCollabInput": ".model_in_collab_input",
        "ModelInput": ".model_input",
        "ModelJobFields": ".model_job_fields",
        "ModelsAnswer": ".models_answer",
        "Node": ".node",
        "NodeInput": ".node_input",
        "OptimizationFields": ".optimization_fields",
        "OptimizationFieldsBackend": ".optimization_fields_backend",
        "OptimizationFieldsOptimizeMode": ".optimization_fields_optimize_mode",
        "OptimizationFieldsSearchSpace": ".optimization_fields_search_space",
        "OptimizationInCollabInput": ".optimization_in_collab_input",
        "OptimizationInput": ".optimization_input",
        "Overview": ".overview",
        "OverviewAnswer": ".overview_answer",
        "OverviewConnected": ".overview_connected",
        "OverviewMore": ".overview_more",
        "OverviewVersions": ".overview_versions",
        "Participant": ".participant",
        "ParticipantAnswer": ".participant_answer",
        "ParticipantCount": ".participant_count",
        "ParticipantFields": ".participant_fields",
        "ParticipantInput": ".participant_input",
        "ParticipantKey": ".participant_key",
        "ParticipantSocials": ".participant_socials",
        "ParticipantUpdate": ".participant_update",
        "ParticipantsAnswer": ".participants_answer",
        "PortsInput": ".ports_input",
        "Prediction": ".prediction",
        "PredictionFields": ".prediction_fields",
        "PredictionFieldsTags": ".prediction_fields_tags",
        "PredictionInCollabInput": ".prediction_in_collab_input",
        "PredictionInput": ".prediction_input",
        "PredictionsAnswer": ".predictions_answer",
        "ProgressAnswer": ".progress_answer",
        "Project": ".project",
        "ProjectAnswer": ".project_answer",
        "ProjectCounts": ".project_counts",
        "ProjectCountsCounts": ".project_counts_counts",
        "ProjectCountsKey": ".project_counts_key",
        "ProjectFields": ".project_fields",
        "ProjectInCollabInput": ".project_in_collab_input",
        "ProjectIncentives": ".project_incentives",
        "ProjectInput": ".project_input",
        "ProjectKey": ".project_key",
        "ProjectUpdate": ".project_update",
        "ProjectsAnswer": ".projects_answer",
        "Record": ".record",
        "Registration": ".registration",
        "RegistrationAnswer": ".registration_answer",
        "RegistrationCollaboration": ".registration_collaboration",
        "RegistrationInCollabInput": ".registration_in_collab_input",
        "RegistrationInCollabUpdate": ".registration_in_collab_update",
        "RegistrationInput": ".registration_input",
        "RegistrationKey": ".registration_key",
        "RegistrationParticipant": ".registration_participant",
        "RegistrationProject": ".registration_project",
        "RegistrationUpdate": ".registration_update",
        "RegistrationsAnswer": ".registrations_answer",
        "Relations": ".relations",
        "ResultKey": ".result_key",
        "Results": ".results",
        "ResultsAnswer": ".results_answer",
        "ResultsLosses": ".results_losses",
        "ResultsRunsItem": ".results_runs_item",
        "ResultsSearchesItem": ".results_searches_item",
        "ResultsTables": ".results_tables",
        "Role": ".role",
        "Round": ".round_",
        "RoundLocalLosses": ".round_local_losses",
        "RoundsAnswer": ".rounds_answer",
        "Run": ".run",
        "RunAnswer": ".run_answer",
        "RunFields": ".run_fields",
        "RunFieldsMode": ".run_fields_mode",
        "RunFieldsReduction": ".run_fields_reduction",
        "RunFieldsScaleMode": ".run_fields_scale_mode",
        "RunInput": ".run_input",
        "RunKey": ".run_key",
        "RunUpdate": ".run_update",
        "RunsAnswer": ".runs_answer",
        "Spacers": ".spacers",
        "Statistics": ".statistics",
        "Structure": ".structure",
        "Tag": ".tag",
        "TagAnswer": ".tag_answer",
        "TagFields": ".tag_fields",
        "TagInput": ".tag_input",
        "TagUpdate": ".tag_update",
        "Trial": ".trial",
        "TrialHyperparameters": ".trial_hyperparameters",
        "TrialsAnswer": ".trials_answer",
        "Validation": ".validation",
        "ValidationInput": ".validation_input",
        "ValidationsAnswer": ".validations_answer",
        "Work": ".work",
        "WorkIds": ".work_ids",
        "WorkKey": ".work_key",
    }

    def __getattr__(name):
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_MODULES[name], __name__), name)

    def __dir__():
        return sorted(__all__)
