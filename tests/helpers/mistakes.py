"""A sweep file that is right, and all that a user may write wrong in it."""

SWEEP = """\
title: A stick
model:
  mechanisms: default
  parameters: {lam: 50 um}
  cells:
    cell:
      distance_from: soma(0.5)
      spatial: [{in: all, nseg: 3}, {in: dend, nseg: "1 + 2 * floor(L / 40)"}]
      regions: {far: {in: dend, where: "distance > 40"}, ends: {in: [far, "d?nd"]}}
      sections:
        soma: {L: 20 um, diam: 20 um}
        dend: {L: 100 um, diam: 1 um, region: basal, parent: soma(1)}
      biophysics:
        - {in: all, Ra: 100 ohm*cm, cm: 1 uF/cm2, insert: {pas: {g: 1e-4 S/cm2}}}
        - {in: soma, insert: {hh: {gnabar: 0.12 S/cm2}}, ions: {ena: 50 mV}}
        - {in: ends, insert: {kdr: {gkbar: "0.01 * exp(-distance / lam)"}}}
protocol:
  celsius: 6.3
  tstop: 10 ms
  dt: 0.025 ms
  globals: {usetable_hh: 0}
  processes:
    step: {type: IClamp, at: cell.soma(0.5), delay: 1 ms, dur: 5 ms, amp: 0.3 nA}
    syn: {type: ExpSyn, at: cell.dend(0.5), tau: 2 ms}
  connections:
    loop: {from: cell.soma(0.5), to: syn, weight: 0.001}
record:
  traces: {v: {of: cell.soma(0.5).v, every: 0.1 ms}}
  spikes: {soma: {at: cell.soma(0.5), threshold: 0 mV}}
axes:
  dose: {values: [0, 1, 10], unit: uM, drug: {scales: cell.all.kdr.gkbar, ic50: 3 uM}}
  celsius: {values: [6.3, 16], sets: protocol.celsius}
design: {grid: [dose, celsius]}
statistics: {window: [0 ms, 10 ms]}
limits: {timeout: 60 s, memory: 2 GB}
on_failure: record
bounds: [-200 mV, 200 mV]
figures:
  - {kind: heatmap, of: rate, x: dose, y: celsius}
  - {kind: traces, at: {celsius: 6.3}}
"""

# what is replaced, by what, and what the message must say besides the file
ROWS = [
    ("title: A stick", "titel: A stick", 'unknown key "titel", did you mean "title"'),
    ("title: A stick", "title: ''", "title: '': "),
    ("title: A stick\n", "", "title: this key is required"),
    ("title: A stick\n", "title: A stick\nsimulations_per_job: 0\n",
     "simulations_per_job: 0: expected 'auto', or a value of 1 or more"),
    ("axes:\n", "axis:\n", 'unknown key "axis", did you mean "axes"'),
    ("traces: {v: {of: cell.soma(0.5).v, every: 0.1 ms}}", "traces: None",
     "record.traces: None is a text in YAML; expected keys and values below this key, or no such"),
    ("title: A stick", "title: A stick\ntitle: B", 'line 2, column 1: the key "title" stands'),
    ("title: A stick", "title: [A", 'the "[" of line 1 is not closed before this'),
    ("mechanisms: default", "mechanisms: defualt", 'model.mechanisms: there is no mechanism set'),
    ("cells:", "cell:", 'model: unknown key "cell", did you mean "cells"'),
    ("L: 20 um", "L: 20 mV", 'sections.soma.L: "20 mV" has the wrong kind of unit'),
    ("L: 20 um", "L: 0", "sections.soma.L: 0: expected a value above 0"),
    ("L: 20 um", "L: twenty", 'sections.soma.L: "twenty" is not a quantity'),
    ("L: 20 um", "length: 20 um", 'sections.soma: unknown key "length"'),
    ("parent: soma(1)", "parent: soam(1)", 'dend.parent: no section above it is named "soam"'),
    ("parent: soma(1)", "parent: soma", 'dend.parent: "soma"; expected a section and a point'),
    (", parent: soma(1)", "", "have no parent"),
    ("region: basal", "region: basl", "dend.region: 'basl': expected"),
    ("      sections:\n", "      morphology: x.swc\n      sections:\n",
     "expected either morphology or sections"),
    ("in: ends", "in: dendrite", 'biophysics[2].in: the cell has no region or section "dendrite"'),
    ("in: ends", "in: end", 'no region or section "end", did you mean "ends"'),
    ("in: ends", "in: 'z*'", 'the cell has no region or section "z*"'),
    ("{far: {in: dend,", "{far: {in: dent,", 'far.in: the cell has no region or section "dent"'),
    ("{far: {in: dend,", "{far: {in: ends,", 'far.in: the cell has no region or section "ends"'),
    ("{far: {in: dend,", "{soma: {in: dend,", "regions.soma: the cell has this region or section"),
    ("{far: {in: dend,", "{all: {in: dend,", "regions.all: the cell has this region or section"),
    ("[{in: all, nseg: 3}", "[{in: soam, nseg: 3}", "spatial[0].in: the cell has no region"),
    ("[{in: all, nseg: 3}", "[{nseg: 3}", "spatial[0].in: this key is required"),
    ("[{in: all, nseg: 3}", "[{in: all}", "spatial[0]: expected one of nseg, d_lambda, max_length"),
    ("nseg: 3}", "nseg: 0}", "spatial[0].nseg: 0; expected a whole number of 1 to 32767"),
    ("nseg: 3}", "nseg: 2.5}", "spatial[0].nseg: 2.5; expected a whole number"),
    ("nseg: 3}", "nsge: 3}", 'spatial[0]: unknown key "nsge", did you mean "nseg"'),
    ("nseg: 3}", "max_length: 3 mV}", 'spatial[0].max_length: "3 mV" has the wrong kind of unit'),
    ("floor(L / 40)", "floor(l / 40)", 'spatial[1].nseg: "1 + 2 * floor(l / 40)" is neither'),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     'celsius: {values: [1, 3], sets: "cell.spatial[2].nseg"}', 'cell has no "spatial[2].nseg"'),
    *(
        ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
         f'celsius: {{values: {values}, sets: "cell.{target}"}}', f"axes.celsius.values: {said}")
        for values, target, said in (
            ("[1, 2.5]", "spatial[0].nseg", "nseg 2.5: 2.5; expected a whole number"),
            ("[0, 3]", "spatial[0].nseg", "nseg 0: 0; expected a whole number of 1 to 32767"),
            ("[1, 2.5]", "dend.nseg", "nseg 2.5: 2.5; expected a whole number"),
        )
    ),
    ("L: 20 um, diam", "diam", "sections.soma: expected L and diam, or points"),
    *(
        ("L: 20 um, diam: 20 um", f"{points}", f"sections.soma{said}")
        for points, said in (
            ("L: 20, points: [[0, 0, 0, 1], [1, 0, 0, 1]]", ": expected L and diam, or points"),
            ("points: [[0, 0, 0, 1]]", ".points"),
            ("points: []", ".points"),
            ("points: [[0, 0, 0, 1], [0, 0, 0, 2]]", ": points lie all at one place"),
            ("points: [[0, 0, 0, 1], [1, 0, 0, 0]]", ".points[1][3]: 0: expected a value above 0"),
            ("points: [[0, 0, 0, 1], [1, 0, 1]]", ".points[1][3]: this key is required"),
            ("points: [[0, 0, 0, 1], [1, 0, 3 mV, 1]]", '.points[1][2]: "3 mV" has the wrong kind'),
        )
    ),
    ("      sections:\n", "      axon: remove\n      sections:\n", "cells.cell: axon: literal"),
    ("      sections:\n", "      axon: cut\n      sections:\n", "cell.axon: 'cut': expected"),
    ("      sections:\n", "      axon: {stub: []}\n      sections:\n", "cell.axon.stub: []"),
    ("      sections:\n", "      axon: {stub: [{L: 3}]}\n      sections:\n",
     "cell.axon.stub[0].diam: this key is required"),
    ("distance > 40", "distanc > 40", 'regions.far.where: "distanc > 40" is neither a quantity'),
    ("distance > 40", "x > 0.5", 'unknown name "x"'),
    ("distance > 40", "open('f')", 'unknown function "open"'),
    ("distance > 40", 'distance.__class__', '"distance.__class__" is not arithmetic'),
    ("{pas: {g", "{pass: {g", 'no density mechanism is named "pass", did you mean "pas"'),
    ("{pas: {g", "{kleak: {g", "or `model.mechanisms` to name the set, a folder of mod/ or"),
    ("{hh: {gnabar", "{IClamp: {gnabar", '"IClamp" is no density mechanism'),
    ("gnabar: 0.12", "gnabr: 0.12", '"gnabr" is no parameter of hh, did you mean "gnabar"'),
    ("0.12 S/cm2", "0.12 S", '"0.12 S" has the wrong kind of unit; expected one that converts to'),
    ("exp(-distance", "exp(-distnce", "biophysics[2].insert.kdr.gkbar"),
    ("exp(-distance / lam)", "__import__('os').getcwd()", "biophysics[2].insert.kdr.gkbar"),
    ("exp(-distance / lam)", "exp(-distance / lamm)", 'unknown name "lamm", did you mean "lam"'),
    ("exp(-distance / lam)", "exp(-distance / lam.real)", '"lam.real" is not arithmetic'),
    ("lam: 50 um", "x3d: 50 um", 'model.parameters: "x3d" has a meaning of its own'),
    ("lam: 50 um", "lam: 50 kg", 'parameters.lam: "kg" in "50 kg" is no unit that converts'),
    ("lam: 50 um", "lam: 1e999 um", "is not finite"),
    ("lam: 50 um", "lam: distance", 'model.parameters.lam: "distance" is not a quantity'),
    ("distance_from: soma(0.5)", "distance_from: soma", '"soma"; expected a section and a point'),
    ("distance_from: soma(0.5)", "distance_from: sma(0)", 'section "sma", did you mean "soma"'),
    ("distance_from: soma(0.5)", "distance_from: all(0)", '"all(0)" means 2 sections'),
    ("ena: 50 mV", "ema: 50 mV", '"ema", did you mean'),
    ("celsius: 6.3\n", "celcius: 6.3\n", 'protocol: unknown key "celcius", did you mean "celsius"'),
    ("tstop: 10 ms", "tstop: -10 ms", "protocol.tstop: -10.0: expected a value above 0"),
    ("celsius: 6.3\n", "celsius: 279\n", "protocol.celsius: 279.0: expected a value of 60 or less"),
    ("values: [6.3, 16]", "values: [6.3, 300]", "axes.celsius.values: celsius 300: expected"),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     "celsius: {values: [0.025, 0], sets: protocol.dt}", "axes.celsius.values: dt 0: expected a"),
    ("dt: 0.025 ms", "dt: 0.025 ms\n  cvode: {}", "protocol: both dt and cvode; expected one"),
    ("dt: 0.025 ms", "cvode: {atol: 0}", "protocol.cvode.atol: 0: expected a value above 0"),
    ("dt: 0.025 ms", "cvode: {tol: 1}", 'protocol.cvode: unknown key "tol", did you mean'),
    ("dt: 0.025 ms", "settle: -1 ms", "protocol.settle: -1.0: expected a value of 0 or more"),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     "celsius: {values: [1, 2], sets: protocol.cvode.atol}", 'protocol has no "cvode.atol"'),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     "celsius: {values: [1, -2], sets: protocol.settle}", "celsius.values: settle -2: expected"),
    ("dt: 0.025 ms", "settle: 1.01 ms", "protocol.settle: 1.01 ms is no multiple of the time step "
     "0.025 ms; expected one, such as 1 ms"),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     "celsius: {values: [1, 1.01], sets: protocol.settle}", "settle: 1.01 ms is no multiple of"),
    ("dt: 0.025 ms", "dt: 20 ms", "protocol.dt: 20 ms is longer than the run (tstop, 10 ms); "
     "expected a shorter time step"),
    ("dt: 0.025 ms", "dt: 1e-7 ms", "protocol.tstop: 10 ms in steps of 1e-07 ms are 1e+08 steps; "
     "expected at most 90,000,000"),
    ("tstop: 10 ms", "tstop: 1e7 ms", "protocol.tstop: 1e+07 ms in steps of 0.025 ms are 4e+08"),
    ("dt: 0.025 ms", "settle: 1e7 ms", "protocol.settle: 1e+07 ms in steps of 0.025 ms"),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     "celsius: {values: [0.025, 1e-9], sets: protocol.dt}", "in steps of 1e-09 ms are 1e+10"),
    ("Ra: 100 ohm*cm", "Ra: 0", "biophysics[0].Ra: 0; expected a number above 0"),
    ("cm: 1 uF/cm2", "cm: -1 uF/cm2", "biophysics[0].cm: -1; expected a number above 0"),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     "celsius: {values: [0, 100], sets: cell.dend.Ra}", "celsius.values: Ra: 0; expected a number"),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     "celsius: {values: [1, -1], sets: cell.all.cm}", "celsius.values: cm: -1; expected a number"),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     'celsius: {values: [1, 2], sets: {cell.all.cm: "1 - celsius"}}', "cm: 0; expected a number"),
    *(
        ("    syn:", f"    e: {{type: NetStim, noise: {noise}}}\n    syn:",
         f"protocol.processes.e.noise: {noise}; expected a number of 0 to 1")
        for noise in ("-0.1", "1.5")
    ),
    *(
        ("  spikes: {soma: {at: cell.soma(0.5), threshold: 0 mV}}",
         f"  features: {{f: {{of: cell.soma(0.5).v, names: [AP_width], window: [{window}]}}}}",
         f"features.f.window: {said} ms; expected one within the run, from 0 to 10 ms")
        for window, said in (("5, 11", "5 to 11"), ("-1, 5", "-1 to 5"), ("20, 30", "20 to 30"))
    ),
    ("every: 0.1 ms", "every: steps", '"steps" is not a quantity; expected a number, or one with'),
    ("every: 0.1 ms", "every: 0", "record.traces.v.every: 0 ms; expected an interval above 0"),
    ("threshold: 0 mV}}", "threshold: 0 mV, times: exact}}", "times: 'exact': expected 'netcon'"),
    ("dt: 0.025 ms", "seed: 1.5", "protocol.seed: 1.5: expected a whole number"),
    ("dt: 0.025 ms", "seed: -1", "protocol.seed: -1: expected a value of 0 or more"),
    ("dt: 0.025 ms", "seed: true", "protocol.seed: true: expected a whole number"),
    *(
        ("dt: 0.025 ms", f"dt: 0.025 ms\n  {given}", f"protocol.{said}")
        for given, said in (
            ("secondorder: true", "secondorder: true: expected a whole number"),
            ("cvode: {atol: true}", "cvode.atol: true: expected a number"),
        )
    ),
    ("L: 20 um, diam", "nseg: true, L: 20 um, diam", "soma.nseg: true: expected a whole number"),
    ("celsius: 6.3\n", "celsius: 20 C\n", "kind of unit; C is the coulomb; expected degC"),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     "celsius: {values: [1, 2.5], sets: protocol.seed}", "celsius.values: seed 2.5: expected"),
    ("tstop: 10 ms", "tstop: .inf", "protocol.tstop: inf is not finite"),
    ("tstop: 10 ms", "tstop:", "protocol.tstop: no value; expected a number, or one with a unit"),
    *(
        ("dur: 5 ms", f"dur: {given}", f"step.dur: {said}; expected a quantity or an expression")
        for given, said in {"": "no value", "true": "true", "False": "false"}.items()
    ),
    ("values: [0, 1, 10]", "values: [0, null]", "axes.dose.values[1]: no value; expected a"),
    *(
        ("insert: {pas: {g: 1e-4 S/cm2}}", f"insert: {given}",
         f"biophysics[0].insert: {said}; expected each mechanism as a key, with its parameters or "
         f"{{}} below it: {{{wanted}}}")
        for given, said, wanted in (
            ("pas", "'pas'", "pas: {}"), ("[pas, hh]", "['pas', 'hh']", "pas: {}, hh: {}"),
        )
    ),
    ("tstop: 10 ms", "tstop: true", "protocol.tstop: true; expected a number, or one with a unit"),
    ("usetable_hh", "usetabel_hh", 'GLOBAL named "usetabel_hh", did you mean "usetable_hh"'),
    ("type: IClamp", "type: Iclamp", 'no point process is named "Iclamp", did you mean "IClamp"'),
    ("type: IClamp", "type: hh", '"hh" is no point process'),
    ("type: IClamp, ", "", "protocol.processes.step.type: this key is required"),
    ("amp: 0.3 nA", "amp: 0.3 mV", 'step.amp: "0.3 mV" has the wrong kind of unit'),
    ("amp: 0.3 nA", "amplitude: 1", '"amplitude" is no parameter of IClamp'),
    ("at: cell.soma(0.5), delay", "at: cel.soma(0.5), delay", 'no cell is named "cel"'),
    ("at: cell.soma(0.5), delay", "at: 'cell.soma[1](0.5)', delay", 'no section "soma[1]"'),
    ("at: cell.soma(0.5), delay", "at: cell.soma(5), delay", "lies outside its section"),
    ("at: cell.soma(0.5), delay", "at: cell.soma, delay", "is not a place in a cell"),
    ("to: syn", "to: sin", 'connections.loop.to: no process is named "sin", did you mean "syn"'),
    ("to: syn", "to: step", "connections.loop.to: step is an IClamp, which receives no events"),
    ("weight: 0.001", "weight: 1 mV", 'connections.loop.weight: "1 mV" has the wrong kind of unit'),
    ("weight: 0.001", "weight: [1, 2]", "connections.loop.weight: 2 weights; expected at most 1"),
    ("weight: 0.001", "pattern: {pairs: [[0, 1, 2]]}", ": [0, 1, 2]: expected at most 2"),
    ("weight: 0.001", "pattern: {pairs: [3]}", "pattern.pairs[0]: 3: expected a list"),
    ("weight: 0.001", "weight: []", "connections.loop.weight: [] is empty"),
    ("weight: 0.001", "weight: {}", "loop.weight: {}; expected a quantity or an expression"),
    ("sets: protocol.celsius", "sets: 'loop.weight[1]'",
     'axes.celsius.sets: loop has no "weight[1]", did you mean "weight"'),
    ("at: cell.soma(0.5), delay", "delay", "step.at: this key is required; IClamp stands"),
    ("type: ExpSyn, at", "type: NetStim, at", "syn.at: NetStim is an artificial cell"),
    ("at: cell.soma(0.5), threshold: 0 mV", "at: som", "or a process that makes events"),
    ("at: cell.soma(0.5), threshold: 0 mV", "at: step", "step, of type IClamp, makes no events"),
    ("from: cell.soma(0.5)", "from: syn", "loop.from: syn, of type ExpSyn, makes no"),
    ("from: cell.soma(0.5)", "from: stepp", 'makes events, did you mean "step"'),
    ("from: cell.soma(0.5)", "from: cell.soma(0.5).v", "names a variable; expected a place alone"),
    *(
        ("syn: {type: ExpSyn, at: cell.dend(0.5), tau: 2 ms}\n  connections:\n"
         "    loop: {from: cell.soma(0.5), to: syn",
         f"{processes}\n  connections:\n    loop: {{{loop}", said)
        for processes, loop, said in (
            ("syn: {type: ExpSyn, at: cell.dend(0.5)}\n    go: {type: NetStim}",
             "from: go, to: syn, threshold: 3", "loop.threshold: go makes events by itself; leave"),
            ("syn: {type: NetStim, interval: 3 mV}",
             "from: syn, to: syn", 'syn.interval: "3 mV" has the wrong kind of unit'),
            ("syn: {type: NetStim, interval: [1, 2]}",
             "from: syn, to: syn", "syn.interval: [1.0, 2.0] is not a quantity"),
            ("syn: {type: VClamp, at: cell.soma(0.5), amp: 3}",
             "from: cell.soma(0.5), to: syn", "syn.amp: 3.0; expected a list of 3 values"),
            ("syn: {type: VClamp, at: cell.soma(0.5), amp: [1, 2]}",
             "from: cell.soma(0.5), to: syn", "syn.amp: [1.0, 2.0]; expected a list of 3 values"),
            ("syn: {type: VClamp, at: cell.soma(0.5), amp: [1, 2, 3 nA]}",
             "from: cell.soma(0.5), to: syn", 'syn.amp[2]: "3 nA" has the wrong kind of unit'),
        )
    ),
    *(
        ("  globals: {usetable_hh: 0}\n", f"  play: {{w: {{{waveform}}}}}\n", f"play.w{said}")
        for waveform, said in (
            ("into: step.amp", ": expected one of csv, expression, noise"),
            ("into: step.amp, expression: t", ": expected `every` beside an expression"),
            ("into: step.amp, expression: x, every: 1", '.expression: "x" is neither a quantity'),
            ("into: step.amp, expression: t, every: 0", ".every: 0: expected a value above 0"),
            ("into: step.amp, expression: t, every: 0.1 ns", ": 1e-07 ms makes 1e+08 values"),
            ("into: step.amp, csv: t.csv", '.csv: "t.csv": no such file'),
            ("into: step.amp, csv: config/sweeps", '.csv: "config/sweeps": a folder; expected'),
            ("into: step.amp, csv: link.csv", '.csv: "link.csv" leads out of the project'),
            ("into: step.amp, csv: config/sweeps/s.yaml", ".csv: s.yaml, line 1: 1 cells"),
            ("into: step.amp, noise: {sd: 1}", ".noise.every: this key is required"),
            ("into: step.amp, noise: {every: 1}", ".noise.sd: this key is required"),
            ("into: step.amp, noise: {sd: -1, every: 1}", ".noise.sd: -1; expected 0 or more"),
            ("into: step.amp, noise: {sd: 1 mV, every: 1}", '.noise.sd: "1 mV" has the wrong kind'),
            ("into: step.amp, noise: {sd: 1, evry: 1}", '.noise: unknown key "evry", did you mean'),
            ("into: stp.amp, noise: {sd: 1, every: 1}", '.into: "stp.amp" is not a place'),
            ("into: step.ampl, noise: {sd: 1, every: 1}", '.into: "ampl" is no parameter of'),
            ("into: step.i, noise: {sd: 1, every: 1}", '.into: "i" is computed by IClamp'),
            ("into: cell.soma(0.5), noise: {sd: 1, every: 1}", '.into: "cell.soma(0.5)" names no'),
            ("into: cell.soma(0.5).v, noise: {sd: 1, every: 1}", '.into: "v" is no reversal'),
            ("into: cell.soma(0.5).nat.g, noise: {sd: 1, every: 1}", '.into: "nat" is not'),
            ("into: cell.soma(0.5).hh.m, noise: {sd: 1, every: 1}", '.into: "m" is computed by hh'),
            ("into: step.amp, between: lines, expression: t, every: 1", ".between: 'lines'"),
        )
    ),
    ("  globals: {usetable_hh: 0}\n",
     "  play:\n    a: {into: step.amp, noise: {sd: 1, every: 1}}\n"
     "    b: {into: step.amp, expression: t, every: 1}\n",
     "play.b.into: a is played into step.amp as well"),
    ("sets: protocol.celsius", "sets: 'step.amp[1]'", '"amp[1]" of step; expected amp'),
    ("of: cell.soma(0.5).v", "of: cell.soma(0.5)", "names no variable"),
    ("of: cell.soma(0.5).v", "of: cell.soma(0.5).hh.q", 'hh has no variable "q"'),
    ("of: cell.soma(0.5).v", "of: cell.soma(0.5).nat.m", '"nat" is not inserted in this cell'),
    ("of: cell.soma(0.5).v", "of: cell.soma(0.5).i_membrane", "insert extracellular there"),
    ("of: cell.soma(0.5).v", "of: 'cell.soma(0.5).vext[0]'", "insert extracellular there"),
    ("of: cell.soma(0.5).v", "of: cell.soma(0.5).e_extracellular", "insert extracellular there"),
    ("celsius: {values: [6.3, 16], sets: protocol.celsius}",
     "celsius: {values: [1, 3], sets: cell.all.e_extracellular}", "insert extracellular there"),
    ("of: cell.soma(0.5).v", "of: cell.soma(0.5).ica", 'the cell has no variable "ica"'),
    ("of: cell.soma(0.5).v", "of: step.j", 'IClamp has no variable "j"'),
    *(
        ("- {kind: traces, at: {celsius: 6.3}}", f"- {{{given}}}", f"figures[1].{said}")
        for given, said in (
            ("kind: traces, at: {celsius: 6.3}, window: [10, 12]",
             "window: begins at 10 ms, when every simulation has ended; expected one that begins"),
            ("kind: raster, window: [40, 50]", "window: begins at 40 ms, when every simulation"),
            ("kind: population_rate, bin: 10.5",
             "bin: 10.5 ms is longer than the run, 10 ms, which has no whole bin; expected a"),
            ("kind: population_rate, bin: 3, window: [8, 20]",
             "bin: 3 ms is longer than the window within the run, 2 ms, which has no whole bin"),
        )
    ),
    ("every: 0.1 ms", "every: 0.03 ms", "0.03 ms is no multiple of the time step 0.025 ms"),
    ("record:\n  traces: {v: {of: cell.soma(0.5).v, every: 0.1 ms}}\n"
     "  spikes: {soma: {at: cell.soma(0.5), threshold: 0 mV}}",
     "record: {}", "record: nothing is recorded"),
    ("values: [0, 1, 10]", "values: [0, 1, 1]", "axes.dose.values: the value 1.0 stands twice"),
    ("values: [0, 1, 10]", "values: []", "axes.dose.values"),
    ("values: [0, 1, 10]", "values: [0, 1, -10]", "expected doses of 0 and above"),
    ("values: [0, 1, 10]", "values: [0, 1, .nan]", "nan is not finite"),
    ("values: [0, 1, 10]", "values: {logspace: [0, 1, 3]}", "expected first and last above 0"),
    ("values: [0, 1, 10]", "values: {linspac: [0, 1, 3]}", "axes.dose.values"),
    ("ic50: 3 uM", "ic50: 3 mV", 'axes.dose.drug.ic50: "3 mV" has the wrong kind of unit'),
    ("ic50: 3 uM", "ic50: 0", "axes.dose.drug.ic50: 0; expected a dose above 0"),
    ("scales: cell.all.kdr.gkbar", "scales: cell.soma.kdr.gkbar", "the axis would set nothing"),
    ("scales: cell.all.kdr.gkbar", "scales: cell.all.kdr.gbar", '"gbar" is no parameter of kdr'),
    ("sets: protocol.celsius", "sets: protocol.celcius", 'did you mean "celsius"'),
    ("sets: protocol.celsius", "sets: cell", '"cell" is no quantity'),
    ("sets: protocol.celsius", "sets: cell.kdr.gkbar", "is inserted: cell.all.kdr.gkbar"),
    (", sets: protocol.celsius", "", "expected either sets or drug"),
    *(
        ("sets: protocol.celsius", f"sets: {{{target}: {formula}}}", said)
        for target, formula, said in (
            ("protocol.celsius", "celcius", 'axes.celsius.sets.protocol.celsius: "celcius" is no '
             'formula of the axes: column 1: unknown name "celcius", did you mean "celsius"'),
            ("protocol.celsius", "celsius + dosis", 'unknown name "dosis"'),
            ("protocol.celsius", '"20"', 'protocol.celsius: "20" does not depend on celsius'),
            ("protocol.celsius", "20", "protocol.celsius: 20: expected text"),
            ("protocol.celsius", "1 / (celsius - 16)", "divides by zero at celsius = 16"),
            ("protocol.celsius", "celsius.real", '"celsius.real" is not arithmetic'),
            ("protocol.celsius", "open(celsius)", 'unknown function "open"'),
            ("protocol.celcius", "celsius", 'axes.celsius.sets: protocol has no "celcius"'),
        )
    ),
    ("sets: protocol.celsius", "sets: {}", "axes.celsius.sets: {} sets nothing; expected"),
    ("celsius: {values: [6.3, 16]", "celsius: {unit: mV, values: [6.3, 16]", "wrong kind of unit"),
    ("grid: [dose, celsius]", "grid: [dose, temperature]", 'no axis is named "temperature"'),
    ("grid: [dose, celsius]", "grid: [dose]", "the axis celsius is left out"),
    ("grid: [dose, celsius]", "zip: [dose, celsius]", "dose has 3, celsius has 2 values"),
    ("grid: [dose, celsius]", "table: ../t.csv", "leads out of the project"),
    ("grid: [dose, celsius]", "table: t.csv", "no such file"),
    ("grid: [dose, celsius]", "table: config/no/t.csv",
     '"config/no/t.csv": no such file; expected it in a folder no, which is not there'),
    ("grid: [dose, celsius]", "table: config/sweeps/z0z0z0.yaml",
     "no such file; expected it in the folder sweeps; sweeps has s.yaml"),
    ("kind: heatmap", "kind: heetmap", '"heetmap" is no kind of figure, did you mean "heatmap"'),
    ("of: rate", "of: rat", 'figures[0].of: no quantity is named "rat", did you mean "rate"'),
    ("x: dose", "x: doses", 'figures[0].x: no axis is named "doses", did you mean "dose"'),
    ("x: dose, y: celsius", "x: dose, y: dose", "figures[0].y: dose is x already"),
    ("at: {celsius: 6.3}", "at: {celsius: 7}", "at.celsius: 7 is no value of celsius"),
    ("at: {celsius: 6.3}", "rows: 3", "figures[1]"),
    ("window: [0 ms, 10 ms]", "window: [10 ms, 0 ms]", "statistics.window"),
    ("window: [0 ms, 10 ms]", "window: [10 ms, 20 ms]", "when every simulation has ended"),
    ("of: cell.soma(0.5).v, every", "of: cell.soma[0](0.5).v, every", "quotes around a place"),
    ("title: A stick", "title:\tA stick\n\tx: y", "indent with spaces"),
    ("window: [0 ms, 10 ms]", "window: 10 ms", "statistics.window"),
    ("timeout: 60 s", "timeout: 60 mV", 'limits.timeout: "60 mV" has the wrong kind of unit'),
    ("timeout: 60 s", "timeout: 0 s", "limits.timeout: '0 s': expected a value above 0"),
    ("timeout: 60 s", "timout: 60 s", 'limits: unknown key "timout", did you mean "timeout"'),
    ("memory: 2 GB", "memory: 2 mV", 'limits.memory: "2 mV" has the wrong kind of unit'),
    ("memory: 2 GB", "memory: 2 GX", '"GX" in "2 GX" is not a known unit'),
    ("memory: 2 GB", "memory: lots", 'limits.memory: "lots" is not a quantity'),
    ("memory: 2 GB", "memory: .inf", "limits.memory: inf is not finite"),
    ("on_failure: record", "on_failure: ignore", "on_failure: 'ignore': expected 'record' or"),
    ("bounds: [-200 mV, 200 mV]", "bounds: [200, -200]", "bounds: 200 to -200 mV is empty"),
    ("bounds: [-200 mV, 200 mV]", "bounds: [1, 2, 3]", "bounds"),
    ("L: 20 um", "L: 20 9**9**9**9", '"9**9**9**9" in "20 9**9**9**9" is not a known unit'),
    ("L: 20 um", "L: 1e999", "sections.soma.L"),
    ("L: 20 um", f"L: {10**400}", "is not finite"),
    ("amp: 0.3 nA", f"amp: {10**400}", "step.amp: inf is not finite"),
    ("title: A stick", 'title: "a\\x1b[31m"', "a character that cannot be printed"),
    ("title: A stick", "title: !!python/object/apply:os.getcwd []", "the tag"),
    ("title: A stick", "title: &a [*a]", "values, with every alias"),
    ("    cell:\n", "    ../cell:\n", "model.cells"),
    ("    cell:\n", "    -cell:\n", "model.cells"),
    ("    cell:\n", "    a cell:\n", "model.cells"),
    ("  dose: {values", "  dösis: {values", "axes.dösis"),
    *(
        ("  celsius: {values: [6.3, 16], sets: protocol.celsius}\ndesign: {grid: [dose, celsius]}",
         f"  {name}: {{values: [6.3, 16], sets: protocol.celsius}}",
         f"axes.{name}: {holder} holds something else of this name; expected another")
        for holder, names in {
            "the dataset": ("v", "v_max", "n_spikes_soma", "spike_soma", "time", "status",
                            "message", "index", "key", "key_digit", "tstop", "simulation"),
            "statistics.csv": ("site", "rate"),
            "isi.csv": ("interval",),
            "failures.csv": ("command",),
            "flags.csv": ("flag", "flag_value"),
            "plan.csv": ("batch",),
        }.items()
        for name in names
    ),
    ("traces: {v: {of:", "traces: {v_min: {of: cell.soma(0.5).v}, v: {of:",
     'record: two variables of the dataset would be named "v_min"'),
    ("traces: {v: {of:", "traces: {status: {of:", 'would be named "status"'),
    ("  - {kind: heatmap,", "  - {name: ../x, kind: heatmap,", "figures[0].name: '../x'"),
    ("  - {kind: heatmap,", "  - {name: dataset, kind: heatmap,",
     '"dataset" is taken by a table or file of the results; expected another name, such as'),
    ("  - {kind: heatmap,", "  - {name: failures, kind: heatmap,", '"failures" is taken'),
    ("mechanisms: default", "mechanisms: ../mod", "holds no .mod file"),
    ("mechanisms: default", "mechanisms: /tmp", "mechanisms"),
    ("grid: [dose, celsius]", "grid: null", "design: expected one of grid, zip, table"),
    ("grid: [dose, celsius]", "table: /etc/passwd", '"/etc/passwd" is absolute'),
    ("grid: [dose, celsius]", "table: link.csv", '"link.csv" leads out of the project'),
    ("grid: [dose, celsius]", f"table: {'x' * 300}", "cannot be a file"),
    ("values: [0, 1, 10]", "values: {linspac: [0, 1, 3]}",
     'axes.dose.values: unknown key "linspac", did you mean "linspace"?; expected a list, or'),
    ("values: [0, 1, 10]", "values: {from: 0, to: 1}",
     'axes.dose.values: unknown key "from"; expected a list, or {linspace: [first, last, n]}, or'),
    ("values: [0, 1, 10]", "values: {}", "axes.dose.values: {}; expected a list, or {linspace"),
    ("values: [0, 1, 10]", "values: {linspace: [0, 1, 60000]}",
     "120,000 simulations; expected at most 100,000"),
    ("values: [0, 1, 10]", "values: {linspace: [0, 1, 1000001]}", "axes.dose.values"),
    ("values: [6.3, 16]", "values: [6.3, '=1+1']", '"=1+1" is not a quantity'),
]  # fmt: skip
