from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.experiment import Experiment
    from ..models.model import Model
    from ..models.prediction import Prediction
    from ..models.project import Project
    from ..models.registration import Registration
    from ..models.run import Run
    from ..models.tag import Tag
    from ..models.validation import Validation


T = TypeVar("T", bound="Relations")


@_attrs_define
class Relations:
    """The records below this one, by their kind. They carry no relations of their own."""

    project: list[Project] | Unset = UNSET
    experiment: list[Experiment] | Unset = UNSET
    run: list[Run] | Unset = UNSET
    registration: list[Registration] | Unset = UNSET
    tag: list[Tag] | Unset = UNSET
    model: list[Model] | Unset = UNSET
    validation: list[Validation] | Unset = UNSET
    prediction: list[Prediction] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        project: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.project, Unset):
            project = []
            for project_item_data in self.project:
                project_item = project_item_data.to_dict()
                project.append(project_item)

        experiment: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.experiment, Unset):
            experiment = []
            for experiment_item_data in self.experiment:
                experiment_item = experiment_item_data.to_dict()
                experiment.append(experiment_item)

        run: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.run, Unset):
            run = []
            for run_item_data in self.run:
                run_item = run_item_data.to_dict()
                run.append(run_item)

        registration: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.registration, Unset):
            registration = []
            for registration_item_data in self.registration:
                registration_item = registration_item_data.to_dict()
                registration.append(registration_item)

        tag: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.tag, Unset):
            tag = []
            for tag_item_data in self.tag:
                tag_item = tag_item_data.to_dict()
                tag.append(tag_item)

        model: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.model, Unset):
            model = []
            for model_item_data in self.model:
                model_item = model_item_data.to_dict()
                model.append(model_item)

        validation: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.validation, Unset):
            validation = []
            for validation_item_data in self.validation:
                validation_item = validation_item_data.to_dict()
                validation.append(validation_item)

        prediction: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.prediction, Unset):
            prediction = []
            for prediction_item_data in self.prediction:
                prediction_item = prediction_item_data.to_dict()
                prediction.append(prediction_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if project is not UNSET:
            field_dict["Project"] = project
        if experiment is not UNSET:
            field_dict["Experiment"] = experiment
        if run is not UNSET:
            field_dict["Run"] = run
        if registration is not UNSET:
            field_dict["Registration"] = registration
        if tag is not UNSET:
            field_dict["Tag"] = tag
        if model is not UNSET:
            field_dict["Model"] = model
        if validation is not UNSET:
            field_dict["Validation"] = validation
        if prediction is not UNSET:
            field_dict["Prediction"] = prediction

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.experiment import Experiment  # noqa: PLC0415
        from ..models.model import Model  # noqa: PLC0415
        from ..models.prediction import Prediction  # noqa: PLC0415
        from ..models.project import Project  # noqa: PLC0415
        from ..models.registration import Registration  # noqa: PLC0415
        from ..models.run import Run  # noqa: PLC0415
        from ..models.tag import Tag  # noqa: PLC0415
        from ..models.validation import Validation  # noqa: PLC0415

        d = dict(src_dict)
        _project = d.pop("Project", UNSET)
        project: list[Project] | Unset = UNSET
        if _project is not UNSET:
            project = []
            for project_item_data in _project:
                project_item = Project.from_dict(project_item_data)

                project.append(project_item)

        _experiment = d.pop("Experiment", UNSET)
        experiment: list[Experiment] | Unset = UNSET
        if _experiment is not UNSET:
            experiment = []
            for experiment_item_data in _experiment:
                experiment_item = Experiment.from_dict(experiment_item_data)

                experiment.append(experiment_item)

        _run = d.pop("Run", UNSET)
        run: list[Run] | Unset = UNSET
        if _run is not UNSET:
            run = []
            for run_item_data in _run:
                run_item = Run.from_dict(run_item_data)

                run.append(run_item)

        _registration = d.pop("Registration", UNSET)
        registration: list[Registration] | Unset = UNSET
        if _registration is not UNSET:
            registration = []
            for registration_item_data in _registration:
                registration_item = Registration.from_dict(registration_item_data)

                registration.append(registration_item)

        _tag = d.pop("Tag", UNSET)
        tag: list[Tag] | Unset = UNSET
        if _tag is not UNSET:
            tag = []
            for tag_item_data in _tag:
                tag_item = Tag.from_dict(tag_item_data)

                tag.append(tag_item)

        _model = d.pop("Model", UNSET)
        model: list[Model] | Unset = UNSET
        if _model is not UNSET:
            model = []
            for model_item_data in _model:
                model_item = Model.from_dict(model_item_data)

                model.append(model_item)

        _validation = d.pop("Validation", UNSET)
        validation: list[Validation] | Unset = UNSET
        if _validation is not UNSET:
            validation = []
            for validation_item_data in _validation:
                validation_item = Validation.from_dict(validation_item_data)

                validation.append(validation_item)

        _prediction = d.pop("Prediction", UNSET)
        prediction: list[Prediction] | Unset = UNSET
        if _prediction is not UNSET:
            prediction = []
            for prediction_item_data in _prediction:
                prediction_item = Prediction.from_dict(prediction_item_data)

                prediction.append(prediction_item)

        relations = cls(
            project=project,
            experiment=experiment,
            run=run,
            registration=registration,
            tag=tag,
            model=model,
            validation=validation,
            prediction=prediction,
        )

        relations.additional_properties = d
        return relations

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
