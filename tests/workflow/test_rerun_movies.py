"""Movies: simulated, collected, played and drawn to the same bytes on one core and on eight."""

import shutil

from project import Project
from rerunning import MADE, SWEEP_FILE, append, draw_figures, edit

MOVIE = "  movies: {film: {of: cell.all.v, every: 1 ms}}\n"
FIGURE = "  - {kind: movie, name: shown, of: film, at: {dose: 10, celsius: 10}}\n"


def test_the_bytes_are_the_same_on_one_core_and_on_eight(rerun_project, tmp_path):
    project = Project(tmp_path / "project", of=rerun_project)
    draw_figures(project)
    edit(
        project,
        SWEEP_FILE,
        ("axes:\n", f"{MOVIE}axes:\n"),
        ("simulations_per_job: 1", f"{FIGURE}simulations_per_job: 1"),
    )
    found = []
    for cores in ("1", "8"):
        shutil.rmtree(project.root / "results/store")
        shutil.rmtree(project.root / MADE)
        project.snakemake("--cores", cores)
        kinds = (".nc", ".html", ".pdf", ".png", ".svg", ".csv")
        files = [path for path in (project.root / MADE).iterdir() if path.suffix in kinds]
        found.append({path.name: path.read_bytes() for path in files})
    assert found[0] == found[1]
    made = {name.rpartition("_")[0] for name in found[0]}
    assert made >= {"dataset", "explore", "shown", "statistics", "batch"}
    append(project, SWEEP_FILE, "# nothing is left to do\n")
    assert "Nothing to be done" in project.snakemake("--cores", "8").stderr
