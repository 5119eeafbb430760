"""Features of waveforms: those that eFEL finds in plain NEURON's traces."""

import re
from importlib.metadata import version

import efel
import numpy as np
import pytest

from simulating import (
    HH,
    SOMA,
    clamp,
    make_cell,
    make_document,
    plain_neuron,
    simulate,
    simulate_well,
)
from spikesweep.document.recording import _settings as known_settings
from spikesweep.document.recording import efel_settings, feature_units
from spikesweep.errors import UserError
from spikesweep.execution.child import in_child
from spikesweep.execution.together import run_alone, run_together
from spikesweep.recording.results import digest
from spikesweep.simulation.simulator import Simulator

NAMES = ["AP_amplitude", "AHP_depth", "AP_width", "mean_frequency", "voltage_base", "sag_ratio1"]


def make_measured(amp: float = 0.2, cvode: bool = False, **wanted) -> dict:
    """Return a Hodgkin-Huxley soma with a current from 50 to 250 ms, of which features are kept."""
    document = make_document(
        {"cell": make_cell({"soma": {"L": 20, "diam": 20}}, HH)},
        processes={"step": clamp(SOMA, 50, 200, amp)},
        tstop=300,
    )
    features = {"at": SOMA, "variable": "v", "every": 0.1, "names": NAMES, "threshold": -20}
    document["record"]["features"] = {"soma": features | wanted}
    if cvode:
        del document["protocol"]["dt"]
        document["protocol"]["cvode"] = {"atol": 1e-4, "rtol": 0}
    return document


def expected(amp: float, window: tuple, threshold: float = -20, cvode: bool = False) -> dict:
    """What eFEL says of the trace of a plain script, every 0.1 ms."""
    integrator = """
cvode = n.CVode()
cvode.active(True)
cvode.atol(1e-4)
cvode.rtol(0)
cvode.condition_order(2)
grid = n.Vector([min(0.1 * i, 300) for i in range(3001)])
recorded["v"] = n.Vector().record(soma(0.5)._ref_v, grid)
"""
    oracle = plain_neuron(f"""
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 50, 200, {amp}
record("last", soma(0.5)._ref_v)
{integrator if cvode else 'record("v", soma(0.5)._ref_v)'}
run(300)
""")
    v = np.r_[oracle["v"][:3000], oracle["last"][-1]] if cvode else oracle["v"][::4]
    efel.reset()
    efel.set_setting("Threshold", float(threshold))
    efel.set_setting("interp_step", 0.1)
    trace = {"T": 0.1 * np.arange(3001), "V": v}
    trace |= {"stim_start": [window[0]], "stim_end": [window[1]]}
    [found] = efel.get_mean_feature_values([trace], NAMES, raise_warnings=False)
    return {f"soma_{name}": value for name, value in found.items() if value is not None}


def test_settings_are_those_of_efel():
    """Only strictly does eFEL leave out the spikes outside the window."""
    names = ["Spikecount", "mean_frequency"]
    with_spikes = simulate_well(make_measured(names=names)).features
    document = make_measured(names=names, settings={"strict_stiminterval": True}, window=[200, 240])
    strict = simulate_well(document).features
    loose = simulate_well(make_measured(names=names, window=[200, 240])).features
    assert with_spikes["soma_Spikecount"] == loose["soma_Spikecount"] > strict["soma_Spikecount"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"strict_stiminterval": 1}, "strict_stiminterval: 1; expected true or false"),
        ({"DerivativeThreshold": "steep"}, "'steep'; expected a number"),
        ({"strict_stiminterva": True}, "did you mean"),
        ({"Threshold": 0}, "expected the key `threshold`"),
        ({"dependencyfile_path": "x"}, 'no setting "dependencyfile_path"'),
    ],
)
def test_settings_that_efel_has_not(settings, message):
    with pytest.raises(UserError, match=re.escape(message)):
        known_settings(settings, "features.soma.settings")


def test_types_of_settings_are_those_of_efel():
    for name, kind in efel_settings().items():
        assert type(getattr(efel.settings.Settings(), name)).__name__ == kind, name


@pytest.mark.parametrize(
    ("amp", "wanted", "window"),
    [
        (0.2, {"window": [50, 250]}, (50, 250)),
        (0.2, {"window": [40, 120], "threshold": 20}, (40, 120)),
        (0.2, {}, (0, 300)),
        (-0.1, {"window": [50, 250]}, (50, 250)),  # no spike: neither amplitude nor width
    ],
)
def test_features_are_those_of_plain_neuron(amp, wanted, window):
    result = simulate_well(make_measured(amp, **wanted))
    assert result.features == expected(amp, window, wanted.get("threshold", -20))
    assert ("soma_AP_amplitude" in result.features) == (amp > 0)
    assert len(result.features) > 1
    assert result.traces == {}


def test_features_under_cvode():
    """CVode's own interpolation is another than ours, by about its tolerance."""
    result = simulate_well(make_measured(cvode=True, window=[50, 250]))
    assert result.features == pytest.approx(expected(0.2, (50, 250), cvode=True), rel=1e-4)


def test_features_in_a_pack_are_those_alone():
    """eFEL keeps settings in the process; those of one simulation are not those of the next."""
    wanted = [{}, {"threshold": 30}, {"names": ["AP_begin_voltage"], "every": 0.05}, {}]
    documents = [make_measured(amp=0.2 + i / 50, **more) for i, more in enumerate(wanted)]
    members = [(f"{i:064x}", document) for i, document in enumerate(documents)]
    packed = in_child(
        lambda: list(map(digest, run_together(members, Simulator()))), timeout=60
    ).value
    for member, packed_digest in zip(members, packed, strict=True):
        alone = in_child(lambda m=member: digest(run_alone(m, Simulator())), 60).value
        assert packed_digest == alone


def test_a_feature_that_raises_takes_no_other_with_it():
    """eFEL raises at these two where no block and no peak of the impedance are found."""
    result = simulate_well(make_measured(names=[*NAMES, "depol_block", "impedance"]))
    assert result.features.items() >= expected(0.2, (0, 300)).items()


def test_features_of_what_is_not_finite():
    result = simulate(make_measured(amp=1e308))
    assert result.status == "not_finite"
    assert result.features == {}


# Sweep files.


def test_names_are_those_of_efel():
    assert feature_units().keys() <= set(efel.get_feature_names())
    assert {"AP_amplitude", "AHP_depth", "ISI_CV", "spike_half_width"} <= feature_units().keys()


FEATURES = {"record": {"features": {"soma": {"of": "cell.soma(0.5).v", "names": ["AP_amplitude"]}}}}


def test_documents_name_efel_where_it_is_used(plan):
    """A part of the addresses of features, and of nothing else."""
    assert "efel" not in plan().template.document["recording"]
    made = plan(FEATURES)
    assert made.template.document["recording"]["efel"] == version("efel")
    assert made.keys == plan().keys
    assert made.template.document["record"]["features"]["soma"] == {
        "at": ["cell", "soma", 0, 0.5], "variable": "v", "every": 0.1,
        "names": ["AP_amplitude"], "threshold": -20,
    }  # fmt: skip
    assert made.quantities["soma_AP_amplitude"] == {"unit": "mV", "long_name": "AP amplitude"}


@pytest.mark.parametrize(
    ("features", "said"),
    [
        ({"names": ["AP_amplitud"]}, 'no feature "AP_amplitud", did you mean "AP_amplitude"'),
        ({"names": ["halfwidth"]}, 'names: eFEL has no feature "halfwidth"'),  # extracellular
        ({"names": []}, "features.soma.names"),
        ({"of": "cell.soma(0.5)"}, "names no variable"),
        ({"of": "cell.soma(0.5).ina"}, "is in mA/cm2; expected a potential"),
        ({"of": "cel.soma(0.5).v"}, 'no cell is named "cel"'),
        ({"window": [10, 5]}, "10 to 5 ms is empty"),
        ({"every": 0.03}, "features.soma.every: 0.03 ms is no multiple of the time step"),
        ({"every": "step"}, "features.soma.every"),
    ],
)
def test_features_that_are_refused(plan, features, said):
    wanted = FEATURES["record"]["features"]["soma"] | features
    with pytest.raises(UserError, match=said):
        plan({"record": {"features": {"soma": wanted}}})


def test_figures_of_features(plan):
    axes = {"amp": {"values": [0.1, 0.2], "sets": "step.amp"}}

    def drawn(of):
        return plan(FEATURES | {"axes": axes, "figures": [
            {"kind": "dose_response", "of": of, "x": "amp"}
        ]})  # fmt: skip

    assert "dose_response_soma_AP_amplitude" in drawn("soma_AP_amplitude").figures
    with pytest.raises(UserError, match='"soma_AP_amplitud", did you mean "soma_AP_amplitude"'):
        drawn("soma_AP_amplitud")


@pytest.mark.parametrize("amp", [0.2, 0.0])
def test_all_values_are_those_of_efel(amp):
    """One a spike, as eFEL has them of plain NEURON's trace; their mean is the feature."""
    names = ["AP_amplitude", "peak_time", "ISI_values", "voltage_base"]
    found = simulate_well(make_measured(amp, names=names, values=True, window=[50, 250]))
    oracle = plain_neuron(f"""
soma = n.Section("soma")
soma.L = soma.diam = 20
soma.insert("hh")
step = n.IClamp(soma(0.5))
step.delay, step.dur, step.amp = 50, 200, {amp}
record("v", soma(0.5)._ref_v)
run(300)
""")["v"][::4]
    efel.reset()
    efel.set_setting("Threshold", -20.0)
    efel.set_setting("interp_step", 0.1)
    trace = {"T": 0.1 * np.arange(3001), "V": oracle, "stim_start": [50], "stim_end": [250]}
    [expected_values] = efel.get_feature_values([trace], names, raise_warnings=False)
    for name in names:
        values = found.spikes.get(f"soma_{name}_values", np.array([]))
        expected_of_name = expected_values[name]
        if expected_of_name is None:
            assert not len(values)
            assert f"soma_{name}" not in found.features
        else:
            np.testing.assert_array_equal(values, expected_of_name)
            if len(values):
                assert found.features[f"soma_{name}"] == np.mean(values)
    assert (len(found.spikes.get("soma_peak_time_values", ())) > 5) == (amp > 0)


def test_none_is_kept_where_none_is_asked_for():
    assert not simulate_well(make_measured()).spikes
