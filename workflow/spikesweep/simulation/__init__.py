"""Simulations: build cells, place stimuli, record, integrate, isolate.

The only place that knows NEURON; nothing outside sees a Section or a Vector. All modules here
belong to every simulation's key, as do `spikesweep.expressions` and `spikesweep.section_names`;
they import nothing else of spikesweep therefore.

    errors      what is wrong with a simulation
    nrn         NEURON itself, imported once and guarded
    isolation   functions run in forked children
    geometry    a cell's sections: read by NEURON's Import3d, rebuilt from their points
    cells       a cell: sections, regions
    places      what expressions may speak of at a segment
    regions     regions that the sweep file names
    segments    the division of sections into segments
    usercode    code of the user's, run among its files, its errors told
    code_models cells that HOC files or a Python class build
    adjustments numbers set, or scaled, by the names that a built cell has
    phases      what a Python model does while it is integrated
    ions        concentrations and reversal potentials, and which of them hold
    biophysics  rules: what is inserted and set where
    processes   point processes: stimuli, clamps and synapses
    copies      which cells and processes an entry of a document stands for, and where they stand
    wiring      which copies a connection connects
    connections NetCons, which carry events from the cells to the processes
    waveforms   what is played into parameters
    streams     what random variables draw from
    results     what a simulation came to
    traces      traces and extremes from every step of integration
    spikes      spikes, and the events of artificial cells
    recordings  all that is kept of a simulation
    integration what was built, from its initial state to the end
    features    eFEL's features of waveforms, where a sweep names some
    engine      NEURON with one mechanism library and the morphologies at hand
    packs       which simulations may be integrated side by side
    together    simulations integrated side by side
    driver      all simulations of a job, pack by pack, each pack in a child
    structure   the segments of a simulation's cells as a table

A job uses `Engine`, `run` and `structure`. Importing them imports NEURON, which costs half a
second; `errors`, `results`, `isolation` and `packs` do without.
"""
