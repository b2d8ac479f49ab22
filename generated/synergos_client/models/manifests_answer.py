from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import define as _attrs_define
from synergos.common.record import Record as _Record
from synergos.common.record import Wire, many, one

if TYPE_CHECKING:
    from ..models.envelope_params import EnvelopeParams  # noqa: F401
    from ..models.manifest import Manifest  # noqa: F401


@_attrs_define(eq=False, repr=False)
class ManifestsAnswer(_Record[Any]):
    api_version: str
    """ The same in both generations of the TTP. """
    success: int
    """ Always 1. """
    status: int
    """ The HTTP status. """
    method: str
    """ What was called on which resource. """
    params: EnvelopeParams
    """ The ids of the call, as far as the TTP tells them. """
    data: list[Manifest]
    """ The record or the records. """

    _wires: ClassVar[dict[str, Wire]] = {
        "api_version": Wire("apiVersion", is_always=True),
        "success": Wire("success", is_always=True),
        "status": Wire("status", is_always=True),
        "method": Wire("method", is_always=True),
        "params": Wire("params", one("EnvelopeParams"), is_always=True),
        "data": Wire("data", many(one("Manifest")), is_always=True),
    }
