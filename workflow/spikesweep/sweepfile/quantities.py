"""Types of the values in a sweep file: quantities with units, names, places in a cell."""

import math
from collections.abc import Callable, Collection
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from spikesweep.errors import UserError, cut, suggest
from spikesweep.language.names import INDEX, NAME, parse_site
from spikesweep.language.units import is_quantity, to_number
from spikesweep.sweepfile.yaml_words import as_written

# mV. That of eFEL, and of NEURON's APCount (NetCon's is 10): above potentials of rest, of
# depolarised block and of most synaptic events, and below the peaks of spikes that sodium
# channels or the way along a dendrite made small, which a threshold of 0 or 10 misses.
SPIKE_THRESHOLD = -20.0


class Part(BaseModel):
    """A part of a sweep file: immutable, and a key that it does not know is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if cls.model_config["extra"] == "forbid":
            check_keys(data, [field.alias or name for name, field in cls.model_fields.items()])
        return data


def check_keys(data: Any, known: Collection[str]) -> None:
    """Refuse keys that are not known."""
    for key in data if isinstance(data, dict) else ():
        if key not in known:
            raise PydanticCustomError(
                "unknown_key",
                'unknown key "{key}"{near}; known: {known}',
                {"key": key, "near": suggest(str(key), known), "known": ", ".join(known)},
            )


def _no_bool(error: Literal["int_type", "float_type"]) -> BeforeValidator:
    """Refuse true and false, which pydantic takes for 1 and 0."""

    def read(value: object) -> object:
        if isinstance(value, bool):
            raise PydanticKnownError(error)
        return value

    return BeforeValidator(read)


NO_BOOL = _no_bool("int_type")
Whole = Annotated[int, NO_BOOL]
Number = Annotated[float, _no_bool("float_type")]


def Quantity(unit: str):
    """Return the type of quantities: numbers in `unit`, or text with a unit that converts to it."""

    return Annotated[
        float,
        BeforeValidator(lambda value: _read_number(value, unit)),
        WithJsonSchema(
            {"anyOf": [{"type": "number"}, {"type": "string"}], "description": f"in {unit or 1}"}
        ),
    ]


def _read_number(value: object, unit: str) -> float:
    try:
        return to_number(value, unit, "")
    except UserError as error:
        said = str(error).removeprefix(": ")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        said = f"{cut(as_written(value))}; {said.rpartition('; ')[2]}"
    raise ValueError(said)


Milliseconds = Quantity("ms")
Millivolts = Quantity("mV")


def _apart(limits: tuple[float, float]) -> tuple[float, float]:
    if limits[0] >= limits[1]:
        raise ValueError(f"{limits[0]:g} to {limits[1]:g} mV is empty; expected [lowest, highest]")
    return limits


MillivoltRange = Annotated[tuple[Millivolts, Millivolts], AfterValidator(_apart)]
Celsius = Quantity("degC")
_Frequency = Quantity("Hz")
Hertz = Annotated[_Frequency, Field(ge=0, le=1e6)]


def _interval(value: Any) -> float | str:
    if value == "step":
        return value
    try:
        interval = _read_number(value, "ms")
    except ValueError as error:
        raise ValueError(f'{error}, or "step"') from None
    if interval <= 0:
        raise ValueError(f"{interval:g} ms; expected an interval above 0")
    return interval


Interval = Annotated[  # ms, or every step
    Any,
    BeforeValidator(_interval),
    WithJsonSchema({"type": ["number", "string"], "description": "in ms, or step"}),
]

_COPY = f"{NAME}({INDEX})?"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
# What a text must look like, in words for messages.
FUNCTION = r"^[^:]+\.py:[A-Za-z_]\w*$"
LICENCE = r"^(https?://\S+|[A-Za-z0-9][A-Za-z0-9.+-]*)$"
DOI = r"^10\.\d{4,9}/\S+$"
LETTER = r"^[A-Z]$"
LINE = r"^[^\n\r]*\S[^\n\r]*$"
PATTERNS = {
    f"^{NAME}$": "a name: a letter, then letters, digits and _",
    f"^{_COPY}$": "a name, or one copy of it, such as pyr[3]",
    rf"^{_COPY}(\.{_COPY})?$": "the name of a process, or of one in a cell's code: pyr.syn[2]",
    VARIABLE: "the name of an environment variable: letters, digits and _",
    FUNCTION: "a function of a file of the project, such as figures/my_figure.py:effect",
    LICENCE: "an identifier of spdx.org, such as CC-BY-4.0, or an address",
    DOI: "a DOI such as 10.5281/zenodo.1234",
    LINE: "one line of text",
    LETTER: "a letter: A to Z",
}
_NAME, _COPY_NAME, _PROCESS_NAME, *_ = PATTERNS
Name = Annotated[str, Field(pattern=_NAME, max_length=64)]
CopyName = Annotated[str, Field(pattern=_COPY_NAME, max_length=80)]
ProcessName = Annotated[str, Field(pattern=_PROCESS_NAME, max_length=128)]


def _place(text: Any) -> str:
    text = str(text).strip()
    site = parse_site(text)
    if site.variable:
        raise ValueError(f'"{text}" names a variable; expected a place alone, cell.section(x)')
    return text


Place = Annotated[str, BeforeValidator(_place)]


def _value(value: Any) -> float | str:
    """A number, a quantity as text (its unit is checked where it is known), or an expression."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(
            f"{cut(as_written(value))}; expected a quantity or an expression, "
            'such as 0.3, "300 pA" or "2 * exp(-distance / 100)"'
        )
    if isinstance(value, str):
        return value.strip()
    try:
        number = float(value)
    except OverflowError:  # a whole number of more than 308 digits
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{number} is not finite; expected a number")
    return number


Value = Annotated[  # not float | str, of which pydantic would report both when one is wrong
    Any,
    BeforeValidator(_value),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]


def _as_written(value: Any) -> float | str:
    """A value in which a whole number stays one: to code, 2 and 2.0 are not the same."""
    checked = _value(value)
    return value if isinstance(value, int) else checked


# A Value, as it is written.
Written = Annotated[
    Any,
    BeforeValidator(_as_written),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]
_AnyLevel = WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "boolean"}]})


def _level(read: Callable[[Any], float | str]) -> BeforeValidator:
    """Read a value of an axis; true and false go by these names, as texts do."""
    return BeforeValidator(
        lambda value: str(value).lower() if isinstance(value, bool) else read(value)
    )


Level = Annotated[Any, _level(_as_written), _AnyLevel]
# Where an axis is looked up: 2 and 2.0 are one place.
LevelThere = Annotated[Any, _level(_value), _AnyLevel]


def _value_or_list(value: Any) -> float | str | list[float | str]:
    if not isinstance(value, list):
        return _value(value)
    if not value:
        raise ValueError("[] is empty; expected a value, or a list of them")
    return [_value(one) for one in value]


ValueOrList = Annotated[
    Any,
    BeforeValidator(_value_or_list),
    WithJsonSchema(
        {"type": ["number", "string", "array"], "items": {"type": ["number", "string"]}}
    ),
]


def _argument(value: Any) -> float | str | bool:
    """What a model's code is given as it is: a number, text, true or false."""
    if isinstance(value, bool):
        return value
    value = _as_written(value)
    if isinstance(value, str) and is_quantity(value):
        raise ValueError(
            f'"{value}": the unit that the code expects is not known; expected a plain number in it'
        )
    return value


Argument = Annotated[
    Any,
    BeforeValidator(_argument),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "boolean"}]}),
]


def _forward(window: tuple[float, float]) -> tuple[float, float]:
    if window[0] >= window[1]:
        raise ValueError(f"{window[0]:g} to {window[1]:g} ms is empty; expected [from, to]")
    return window


Window = Annotated[tuple[Milliseconds, Milliseconds], AfterValidator(_forward)]

# Or the name of a process, of which it is the time: from its delay on, as long as it lasts.
WindowOrProcess = Annotated[
    Annotated[str, Tag("process")] | Annotated[Window, Tag("times")],
    Discriminator(lambda window: "process" if isinstance(window, str) else "times"),
]


def _plain(options: dict[str, Any]) -> dict[str, Any]:
    for name, value in options.items():
        if not _is_plain(value):
            raise ValueError(
                f"{name}: {as_written(value)}; expected text, finite numbers, true, false or null, "
                "and lists and keys of these"
            )
    return options


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    return (
        value is None
        or isinstance(value, str | int)
        or (isinstance(value, float) and math.isfinite(value))
    )


# Keywords of a function of the user's own, as JSON can hold them.
Options = Annotated[dict[str, Any], AfterValidator(_plain)]


def is_expression(value: float | str) -> bool:
    """Return whether a Value is an expression such as "2e-5 * exp(distance / 300)"."""
    return isinstance(value, str) and not is_quantity(value)
