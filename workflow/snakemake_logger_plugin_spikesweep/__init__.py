"""Snakemake's logger `spikesweep`: a run is told in one line a sweep, by whatever profile.

Snakemake imports this in every workflow of an environment, before it reads a Snakefile. So nothing
of spikesweep is imported here: it might be another than the one that the Snakefile brings. Until
that takes over (`spikesweep.snakefile.log.attach`), all is told as Snakemake tells it by itself.
"""

import logging
import sys
from typing import ClassVar

from snakemake_interface_logger_plugins.base import LogHandlerBase


class LogHandler(LogHandlerBase):
    """Snakemake's own words, until a run of spikesweep begins.

    current: the one of this process, which the Snakefile looks for.
    """

    current: ClassVar["LogHandler | None"] = None
    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        from snakemake.logging import ColorizingTextHandler  # not while Snakemake is imported

        self.stream = sys.stdout if self.common_settings.stdout else sys.stderr
        self._plain = ColorizingTextHandler(self.common_settings.nocolor, self.stream)
        self._has_ended = False
        LogHandler.current = self

    def setFormatter(self, fmt: logging.Formatter | None) -> None:
        """Use a formatter, as all handlers do."""
        super().setFormatter(fmt)
        self._plain.setFormatter(fmt)

    def emit(self, record: logging.LogRecord) -> None:
        """Tell one thing, unless another handler does by now."""
        if not self._has_ended:
            self._plain.emit(record)

    def end(self) -> None:
        """Leave what comes to another handler."""
        self._has_ended = True
