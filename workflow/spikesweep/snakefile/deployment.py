"""`--sdm`: the conda environment or the container in which jobs run, if one is asked for."""

from pathlib import Path
from typing import Any

from spikesweep.errors import UserError
from spikesweep.products.engine import RULES, SHIPPED
from spikesweep.snakefile.config import CONFIG

ENVIRONMENT = "../envs/spikesweep.yaml"  # from workflow/rules
IMAGE = "spikesweep.sif"


def is_deployed(workflow: Any) -> bool:
    """Return whether Snakemake deploys what jobs run in."""
    return bool(_methods(workflow) & {"CONDA", "APPTAINER"})


def container(workflow: Any, config: dict[str, Any]) -> str | None:
    """Return the image that the config names, which Snakemake uses where it is told to.

    Raises:
        UserError: it is to use one, and none is named, or a file that is not there.
    """
    image = config.get("container")
    if image is not None and not isinstance(image, str):
        raise UserError(
            f"{CONFIG}: container: {image!r}; expected an image, such as {IMAGE}, "
            "or docker://name:tag"
        )
    if image and "://" not in image:
        image = str(Path(image).resolve())
    missing = not image or ("://" not in image and not Path(image).exists())
    if missing and "APPTAINER" in _methods(workflow):
        recipe = (RULES / "envs/spikesweep.def").relative_to(SHIPPED)
        raise UserError(
            f"{CONFIG}: container: {image or 'no image is named'}"
            f"{', which is not there' if image else ''}; --sdm apptainer needs one. Build it: "
            f"(cd {SHIPPED} && apptainer build {Path(IMAGE).resolve()} {recipe}), "
            f"then write there: container: {IMAGE}"
        )
    return image


def _methods(workflow: Any) -> set[str]:
    settings = workflow.deployment_settings
    return {method.name for method in settings.deployment_method} if settings else set()
