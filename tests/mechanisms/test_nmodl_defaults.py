"""A default is the number that NEURON has: nocmodl writes six digits of what the source says.

So a drug at dose 0, which scales a default, leaves the same bits as no drug at all.
"""

import re
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nocmodl import translated
from spikesweep.mechanisms.nmodl import read_mechanism

NUMBERS = st.one_of(
    st.floats(1e-12, 1e12).map(repr),
    st.decimals(0, 1, places=10).map(lambda number: f"{number:f}"),
    st.integers(0, 10**12).map(str),
)


@settings(max_examples=60)
@given(numbers=st.lists(NUMBERS, min_size=1, max_size=8), is_negative=st.booleans())
def test_defaults_are_those_that_neuron_has(numbers, is_negative, tmp_path_factory):
    sign = "-" if is_negative else ""
    names = [f"p{i}" for i in range(len(numbers))]
    declared = " ".join(f"{name} = {sign}{text}" for name, text in zip(names, numbers, strict=True))
    source = f"NEURON {{ SUFFIX x RANGE {', '.join(names)} }}\nPARAMETER {{ {declared} }}\n"
    path = Path(tmp_path_factory.mktemp("source"), "x.mod")
    path.write_text(source)
    mechanism = read_mechanism(path)[0]
    defaults = re.findall(r"^ +(\S+), /\* (p\d) \*/$", translated(source.encode()), re.MULTILINE)
    assert {name: float(text) for text, name in defaults} == {
        name: mechanism.parameters[name].default for name in names
    }
