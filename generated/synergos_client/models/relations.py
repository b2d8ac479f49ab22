from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import ABSENT, Wire, many, one
from synergos.common.record import Record as _Record

if TYPE_CHECKING:
    from ..models.experiment import Experiment  # noqa: F401
    from ..models.model import Model  # noqa: F401
    from ..models.prediction import Prediction  # noqa: F401
    from ..models.project import Project  # noqa: F401
    from ..models.registration import Registration  # noqa: F401
    from ..models.run import Run  # noqa: F401
    from ..models.tag import Tag  # noqa: F401
    from ..models.validation import Validation  # noqa: F401


@_attrs_define(eq=False, repr=False)
class Relations(_Record[Any]):
    """The records below this one, by their kind. They carry no relations of their own."""

    project: list[Project] = ABSENT
    experiment: list[Experiment] = ABSENT
    run: list[Run] = ABSENT
    registration: list[Registration] = ABSENT
    tag: list[Tag] = ABSENT
    model: list[Model] = ABSENT
    validation: list[Validation] = ABSENT
    prediction: list[Prediction] = ABSENT

    _wires: ClassVar[dict[str, Wire]] = {
        "project": Wire("Project", many(one("Project"))),
        "experiment": Wire("Experiment", many(one("Experiment"))),
        "run": Wire("Run", many(one("Run"))),
        "registration": Wire("Registration", many(one("Registration"))),
        "tag": Wire("Tag", many(one("Tag"))),
        "model": Wire("Model", many(one("Model"))),
        "validation": Wire("Validation", many(one("Validation"))),
        "prediction": Wire("Prediction", many(one("Prediction"))),
    }
