"""What a sweep file says of flags: simulations that ended well, and should be looked at."""

from pydantic import Field

from spikesweep.sweepfile.quantities import Milliseconds, MillivoltRange, Millivolts, Part


class Flags(Part):
    """What flags a simulation that ended well: it is not what one would expect."""

    drift: Millivolts | None = Field(
        1.0,
        gt=0,
        description="not_at_rest: the first recorded potential moves by more than this (mV) before "
        "the first stimulus; null: not looked for",
    )
    over: Milliseconds = Field(
        50.0, gt=0, description="how long before it the potential is looked at, at most (ms)"
    )
    range: MillivoltRange | None = Field(
        (-150.0, 100.0),
        description="excursion: a recorded potential leaves [lowest, highest] (mV), though not "
        "`bounds`; null: not looked for",
    )
    spike_at_end: bool = Field(
        True, description="whether a potential above the threshold of spikes at the end is flagged"
    )
    doubtful_count: bool = Field(
        True,
        description="whether a number of spikes that is another by a threshold 10 mV lower is "
        "flagged",
    )
