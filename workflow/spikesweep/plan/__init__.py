"""What is to be made for a sweep, and what each product is called.

Everything that the Snakefile needs: batches, recipes, names, and what is made from what.
Nothing here imports pandas, xarray, matplotlib or neuron: the Snakefile reads it at every start.
"""

from spikesweep.plan.making import make_plan, sweep_names
from spikesweep.plan.products import MADE, Plan, Product

__all__ = ["MADE", "Plan", "Product", "make_plan", "sweep_names"]
