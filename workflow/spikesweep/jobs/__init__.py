"""One module a product: reads what the plan says of it, and hands it to the stage that makes it.

Each refuses where the code, the packages or an input are not those that the plan was made with.
It is imported whole before it looks (`PlanFile.recipe`), so what ran is what was looked at.
The simulations of a job stand in `spikesweep.batch`.
"""
