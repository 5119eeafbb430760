"""NEURON's own mechanisms: names, units and defaults, checked against NEURON 9.0.2 in the tests.

A table, because the plan is made without importing NEURON.
"""

from spikesweep.mechanisms.mechanism import Ion, Kind, Mechanism, Variable

# Concentrations (mM) inside and outside, valence, reversal potential (mV) of ions that NEURON
# knows; an ion of another name has 1 mM on both sides and 0 mV.
_IONS = {
    "na": (10.0, 140.0, 1.0, 50.0),
    "k": (54.4, 2.5, 1.0, -77.0),
    "ca": (5e-5, 2.0, 2.0, 132.4579341637009),
}
_Quantities = dict[str, tuple[float, str] | tuple[float, str, int]]


def ion(name: str) -> Mechanism:
    """Return the mechanism that holds an ion's concentrations, reversal potential and current.

    It is there for na and k, and for any ion that a mechanism uses.
    """
    inside, outside, valence, reversal = _IONS.get(name, (1.0, 1.0, None, 0.0))
    return _mechanism(
        f"{name}_ion",
        "density",
        {
            f"e{name}": (reversal, "mV"),
            f"{name}i": (inside, "mM"),
            f"{name}o": (outside, "mM"),
        },
        {f"i{name}": "mA/cm2", f"di{name}_dv_": "S/cm2"},
        shared={f"{name}i0_{name}_ion": (inside, "mM"), f"{name}o0_{name}_ion": (outside, "mM")},
        ions=(Ion(name, valence=valence),),
    )


def _mechanism(
    name: str,
    kind: Kind,
    parameters: _Quantities,
    recordable: dict[str, str | tuple[str, int]],
    shared: _Quantities | None = None,
    **more,
) -> Mechanism:
    """Return a mechanism; quantities are (default, unit), and a size where it is not 1."""
    return Mechanism(
        name,
        kind,
        {n: Variable(n, unit, default, *size) for n, (default, unit, *size) in parameters.items()},
        {
            n: Variable(n, unit) if isinstance(unit, str) else Variable(n, unit[0], size=unit[1])
            for n, unit in recordable.items()
        },
        {n: Variable(n, unit, default) for n, (default, unit) in (shared or {}).items()},
        **more,
    )


_ALL = (
    _mechanism(
        "pas",
        "density",
        {"g": (0.001, "S/cm2"), "e": (-70.0, "mV")},
        {"i": "mA/cm2"},
        nonspecific=("i",),
    ),
    _mechanism(
        "hh",
        "density",
        {
            "gnabar": (0.12, "S/cm2"),
            "gkbar": (0.036, "S/cm2"),
            "gl": (0.0003, "S/cm2"),
            "el": (-54.3, "mV"),
        },
        {
            **{"gna": "S/cm2", "gk": "S/cm2", "il": "mA/cm2"},
            **{"minf": "", "hinf": "", "ninf": "", "mtau": "ms", "htau": "ms", "ntau": "ms"},
            **{"m": "", "h": "", "n": ""},
        },
        shared={"usetable_hh": (1.0, "")},
        nonspecific=("il",),
        ions=(Ion("na", ("ena",), ("ina",)), Ion("k", ("ek",), ("ik",))),
    ),
    _mechanism(
        "extracellular",
        "density",
        {
            "xraxial": (1e9, "MOhm/cm", 2),
            "xg": (1e9, "S/cm2", 2),
            "xc": (0.0, "uF/cm2", 2),
            "e": (0.0, "mV"),
        },
        {"i_membrane": "mA/cm2", "vext": ("mV", 2)},
        pack_hazards=("it changes the results of the cells around it by rounding (5e-11 mV)",),
    ),
    ion("na"),
    ion("k"),
    _mechanism(
        "IClamp",
        "point",
        {"delay": (0.0, "ms"), "dur": (0.0, "ms"), "amp": (0.0, "nA")},
        {"i": "nA"},
    ),
    _mechanism(
        "SEClamp",
        "point",
        {
            "rs": (1.0, "megohm"),
            **{"dur1": (0.0, "ms"), "amp1": (0.0, "mV")},
            **{"dur2": (0.0, "ms"), "amp2": (0.0, "mV")},
            **{"dur3": (0.0, "ms"), "amp3": (0.0, "mV")},
        },
        {"i": "nA", "vc": "mV"},
    ),
    _mechanism(
        "VClamp",
        "point",
        {
            "dur": (0.0, "ms", 3),
            "amp": (0.0, "mV", 3),
            "gain": (1e5, ""),
            "rstim": (1.0, "megohm"),
            "tau1": (0.001, "ms"),
            "tau2": (0.0, "ms"),
            "fac": (0.0, "1"),
        },
        {
            **{"i": "nA", "e": "mV", "vo": "mV", "vi": "mV"},
            **{"e0": "mV", "vo0": "mV", "vi0": "mV"},  # parameters, which its INITIAL sets
        },
    ),
    _mechanism(
        "OClamp",
        "point",
        {
            "rs": (1.0, "megohm"),
            "on": (0.0, "ms"),
            "off": (0.0, "ms"),
            "vc": (0.0, "mV"),
            "switched_on": (0.0, ""),
        },
        {"i": "nA"},
    ),
    _mechanism(
        "AlphaSynapse",
        "point",
        {"onset": (0.0, "ms"), "tau": (0.1, "ms"), "gmax": (0.0, "uS"), "e": (0.0, "mV")},
        {"i": "nA"},
    ),
    _mechanism(
        "ExpSyn",
        "point",
        {"tau": (0.1, "ms"), "e": (0.0, "mV")},
        {"i": "nA", "g": "uS"},
        receives=True,
        weights=(Variable("weight", "uS"),),
    ),
    _mechanism(
        "Exp2Syn",
        "point",
        {"tau1": (0.1, "ms"), "tau2": (10.0, "ms"), "e": (0.0, "mV")},
        {"i": "nA", "g": "uS", "A": "uS", "B": "uS"},
        receives=True,
        weights=(Variable("weight", "uS"),),
    ),
    _mechanism(
        "APCount", "point", {"thresh": (-20.0, "mV")}, {"n": "", "time": "ms", "firing": ""}
    ),
    _mechanism("PointProcessMark", "point", {}, {}),
    _mechanism(
        "NetStim",
        "artificial",
        {"interval": (10.0, "ms"), "number": (10.0, ""), "start": (50.0, "ms"), "noise": (0.0, "")},
        {},
        random=True,
        receives=True,
        weights=(Variable("w"),),
    ),
    _mechanism(
        "IntFire1",
        "artificial",
        {"tau": (10.0, "ms"), "refrac": (5.0, "ms")},
        {"m": ""},
        receives=True,
        weights=(Variable("w"),),
    ),
    _mechanism(
        "IntFire2",
        "artificial",
        {"taus": (20.0, "ms"), "taum": (10.0, "ms"), "ib": (0.0, "")},
        {"i": "", "m": ""},
        receives=True,
        weights=(Variable("w"),),
    ),
    _mechanism(
        "IntFire4",
        "artificial",
        {"taue": (5.0, "ms"), "taui1": (10.0, "ms"), "taui2": (20.0, "ms"), "taum": (50.0, "ms")},
        {
            **{"e": "", "i1": "", "i2": "", "m": "", "nself": "", "nexcite": "", "ninhibit": ""},
            **{"ae": "1/ms", "ai1": "1/ms", "ai2": "1/ms"},
        },
        shared={
            "eps_IntFire4": (1e-6, ""),
            "taueps_IntFire4": (0.01, ""),
            "ib_IntFire4": (0.0, ""),
        },
        receives=True,
        weights=(Variable("w"),),
    ),
    _mechanism(
        "PatternStim",
        "artificial",
        {"fake_output": (0.0, "")},
        {},
        receives=True,
        weights=(Variable("w"),),
    ),
)

BUILTIN: dict[str, Mechanism] = {mechanism.name: mechanism for mechanism in _ALL}
"""NEURON's own mechanisms by name; those of other ions than na and k: `ion`."""

# Names that NEURON has taken for what cannot be inserted.
RESERVED = {"morphology", "capacitance", "fastpas", "ca_ion"}
