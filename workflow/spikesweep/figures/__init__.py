"""Figures: one module a kind; dataset and tables in, matplotlib Figure out.

This package imports none of its modules and no kind imports another, so that editing one kind of
figure leaves the fingerprints of all the others as they are.
"""
