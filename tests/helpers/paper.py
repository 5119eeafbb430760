"""Figure sets for the tests: the set `paper`, one panel of which the user's own function draws."""

from project import Project

OWN = """\
def points(fig, results):
    fig.subplots().plot(results.statistics["rate"].to_numpy(), "o")
"""


def write_paper(project: Project, text: str) -> None:
    """Write the figure set `paper`, whose panels may be drawn by `figures/own.py:points`."""
    for name, content in (("config/figure_sets/paper.yaml", text), ("figures/own.py", OWN)):
        path = project.root / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(content)
