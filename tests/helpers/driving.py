"""Simulations for `run`: named, and with a mechanism that goes wrong as it is asked."""

from simulating import make_soma_document

# Every way to go wrong, by the parameter `way`.
TROUBLE = """
NEURON { SUFFIX trouble NONSPECIFIC_CURRENT i RANGE way }
PARAMETER { way = 0 }
ASSIGNED { v (millivolt) i (milliamp/cm2) }
INITIAL { act(way) }
BREAKPOINT { i = 0 }
PROCEDURE act(way) {
VERBATIM
    switch ((int) _lway) {
        case 1: *(volatile int*) 0 = 1;
        case 2: for (volatile int turn = 0;; turn = 1);
        case 3: exit(0);
        case 4: hoc_execerror("trouble:", "as asked for");
        case 5: for (;;) memset(new char[1 << 24], 1, 1 << 24);
    }
ENDVERBATIM
}
"""
CRASH, HANG, EXIT, RAISE, SWALLOW = 1, 2, 3, 4, 5


def with_mechanism(name: str, parameters: dict | None = None, **settings) -> dict:
    document = make_soma_document(**settings)
    rule = {"in": ["all"], "insert": {name: parameters or {}}}
    document["cells"]["cell"]["biophysics"].append(rule)
    return document


def named(documents: list[dict]) -> list[tuple[str, dict]]:
    return [(f"{i:064x}", document) for i, document in enumerate(documents)]


def amplitudes(number: int, **settings) -> list[dict]:
    return [make_soma_document(0.01 * i, tstop=5, **settings) for i in range(number)]
