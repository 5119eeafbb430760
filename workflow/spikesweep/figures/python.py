"""A figure that the user's own function draws, in the house style, from read-only results."""

from matplotlib import rc_context

from spikesweep.figures import style
from spikesweep.figures.results import Numbers
from spikesweep.modelcode.own_function import own_function


def draw(fig: style.Canvas, results: Numbers, options: dict) -> None:
    """Call the function `draw` ("figures/my_figure.py:effect") with the figure, the results that
    the sweep file lets it read, and its `options` as keywords.

    `folder` holds copies of the function's file and of all that this reads: in these it runs.

    What it sets of matplotlib's is its own: the next panel is drawn as if nothing had been set.

    Raises:
        UserError: whatever the function raises, with the last line of the user's own.
    """
    with rc_context(), own_function(options["folder"], options["draw"]) as function:
        function(fig, results, **options["options"])
