"""What processes ask of the file system: locks, renames and links, seen below Python and HDF5."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

# Stands before the C library in all processes that have it in LD_PRELOAD, and writes a line a call.
SOURCE = """\
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

static void tell(const char *call, const char *from, const char *to) {
    char line[8300];
    int n = snprintf(line, sizeof line, "%d\\t%s\\t%s\\t%s\\n", getpid(), call, from, to);
    int file = open(getenv("TRACE"), O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (file >= 0) { if (write(file, line, n)) {} close(file); }
}

static void tell_lock(const char *call, int fd) {
    char link[40], name[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, name, sizeof name - 1);
    name[n < 0 ? 0 : n] = 0;
    tell(call, name, "");
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int rename(const char *a, const char *b) { tell("rename", a, b); return REAL(rename)(a, b); }
int renameat(int f, const char *a, int t, const char *b) {
    tell("rename", a, b); return REAL(renameat)(f, a, t, b);
}
int link(const char *a, const char *b) { tell("link", a, b); return REAL(link)(a, b); }
int linkat(int f, const char *a, int t, const char *b, int flags) {
    tell("link", a, b); return REAL(linkat)(f, a, t, b, flags);
}
int flock(int fd, int how) {
    if (!(how & LOCK_UN)) tell_lock("lock", fd);
    return REAL(flock)(fd, how);
}
int lockf(int fd, int how, off_t n) { tell_lock("lock", fd); return REAL(lockf)(fd, how, n); }

static int passed(int (*real)(int, int, ...), int fd, int command, void *argument) {
    if (command == F_SETLK || command == F_SETLKW || command == F_OFD_SETLK
        || command == F_OFD_SETLKW) tell_lock("lock", fd);
    return real(fd, command, argument);
}
int fcntl(int fd, int command, ...) {
    va_list more; va_start(more, command);
    void *argument = va_arg(more, void *); va_end(more);
    return passed(REAL(fcntl), fd, command, argument);
}
int fcntl64(int fd, int command, ...) {
    va_list more; va_start(more, command);
    void *argument = va_arg(more, void *); va_end(more);
    return passed(REAL(fcntl64), fd, command, argument);
}
"""


class Call(NamedTuple):
    """A call: of which process, what, of which file, and to which name."""

    process: int
    what: str
    file: str
    to: str


class Trace:
    """What is asked in processes that have `environment`."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True)
        source, library = folder / "trace.c", folder / "trace.so"
        source.write_text(SOURCE)
        compiler = shutil.which("cc") or "gcc"
        words = [compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"]
        subprocess.run(words, check=True)
        self._calls = folder / "calls"
        self.environment = {"LD_PRELOAD": str(library), "TRACE": str(self._calls)}

    def calls(self) -> list[Call]:
        """Return all of them so far."""
        lines = self._calls.read_text().splitlines() if self._calls.exists() else []
        return [Call(int(n), *words) for n, *words in (line.split("\t") for line in lines)]
