"""Figure sets for the tests: the set `paper`, one panel of which the user's own function draws."""

from pathlib import Path

from project import ROOT, Project
from spikesweep.plan.figure_sets import SetPlan, plan_set
from spikesweep.plan.making import make_plan

OWN = """\
def points(fig, results):
    fig.subplots().plot(results.statistics["rate"].to_numpy(), "o")

def half(simulation):
    \"\"\"Half of the number of spikes.\"\"\"
    return len(simulation.train) / 2
"""


def write_paper(project: Project, text: str) -> None:
    """Write the figure set `paper`, whose panels may be drawn by `figures/own.py:points`."""
    for name, content in (("config/figure_sets/paper.yaml", text), ("figures/own.py", OWN)):
        path = project.root / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(content)


def plan_paper(text: str, change: tuple[str, str]) -> SetPlan:
    """Plan the figure set `paper` in this folder: hh_gkbar is sweep a, and changed sweep b."""
    sweep = (ROOT / "config/sweeps/hh_gkbar.yaml").read_text()
    assert change[0] in sweep
    texts = {"sweeps/a": sweep, "sweeps/b": sweep.replace(*change), "figure_sets/paper": text}
    for name, content in texts.items():
        path = Path(f"config/{name}.yaml")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(content)
    return plan_set(Path(), "paper", lambda name: make_plan(Path(), name))
