"""From what a call returned, or a file, to a model."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synergos.errors import InvalidArgument, SynergosError

if TYPE_CHECKING:
    from synergos.inference.model import LoadedModel

_NAMED = 5


def load_model(source: Any, *, layers: Sequence[Any] | None = None) -> "LoadedModel":
    """Load a trained model, to predict with it or to go on with it in torch.

    The sandbox keeps, beside the weights, a signature: the layers, the columns in order with what fills their gaps, how
    they are scaled and which categories they have, the classes, the action and the versions. A real TTP keeps the
    weights alone: give it the layers, and the model has its `module`; what else is unknown is in `signature.missing`.

    Args:
        source: The reply of `models.create` or `models.read` if it holds one model, one record of it, a cycle of
            `driver.train`, the folder of a model, or a file of weights such as `best_model.pt`. The files must be on
            this machine. Of all but a file, the weights are those the run is validated with.
        layers: The layers, where there is no signature: `driver.experiments.read(...).data.model`.

    Returns:
        The model.

    Raises:
        InvalidArgument: When the source holds no model or several, there are no such files on this machine, the weights
            are not those of the layers, or there is neither a signature nor layers.
        SynergosError: When torch or pandas is not installed.

    Example:
        >>> model = load_model(driver.models.read(project_id="penguins", expt_id="one_layer", run_id="adam"))
        >>> model.signature.classes
        ['Adelie', 'Chinstrap', 'Gentoo']
    """
    path = _path_of(source)
    try:
        from synergos.inference.model import open_model
    except ImportError as error:
        raise SynergosError(
            f"A model needs torch, numpy, pandas and pillow, and {error.name!r} is not installed: "
            "`pip install 'synergos-driver[model]'`."
        ) from error
    return open_model(path, None if layers is None else [_plain(layer) for layer in layers])


def _path_of(source: Any) -> Path:
    """The file of weights or the folder that is meant."""
    if isinstance(source, str | Path):
        path = Path(source)
        if not path.exists():
            raise InvalidArgument(f"[load_model] {str(source)!r} does not exist: name a model's folder or its weights.")
        return path
    source = getattr(source, "models", source)
    data = getattr(source, "data", source)
    records = data if isinstance(data, list) else [data]
    if len(records) != 1:
        shown = ", ".join(repr(getattr(one.key, "run_id", "?")) for one in records[:_NAMED])
        more = "" if len(records) <= _NAMED else f" and {len(records) - _NAMED} more"
        held = f"{len(records)} models, of the runs {shown}{more}" if records else "no model"
        raise InvalidArgument(f"[load_model] The source holds {held}: pass one of them, as reply.data[0].")
    path_text = getattr(getattr(records[0], "global_", None), "path", None)
    if not isinstance(path_text, str):
        raise InvalidArgument(
            f"[load_model] source={type(source).__name__} holds no model: pass what models.create or models.read "
            "returned, or the path of a folder or of a file of weights."
        )
    path = Path(path_text)
    if not path.is_file():
        raise InvalidArgument(
            f"[load_model] {path_text!r} is not on this machine, but on the TTP's: copy its folder here and pass its "
            "path, of a real TTP with layers=driver.experiments.read(...).data.model."
        )
    return path.parent


def _plain(layer: Any) -> dict[str, Any]:
    """A layer as the contract has it, of a record or a mapping."""
    own = layer if isinstance(layer, Mapping) else layer.to_dict()
    return {"is_input": False, "activation": None, **own}
