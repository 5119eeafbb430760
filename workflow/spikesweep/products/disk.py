"""What a disk refuses, and what the user can do about it."""

import errno

# What the user mends outside of spikesweep, and what to do.
_DISK = {
    errno.ENOSPC: "the disk is full; make room",
    errno.EDQUOT: "the disk quota is used up; make room",
    errno.EROFS: "the file system is read-only; make it writable",
    errno.EACCES: "this user may not write there; change the permissions",
    errno.EPERM: "this user may not write there; change the permissions",
}


def disk_trouble(error: OSError | RuntimeError) -> str:
    """Return what to do about an error of the disk, '' for every other.

    HDF5 has no errno but in its words, "errno = 28".
    """
    number = getattr(error, "errno", None)
    for code, advice in _DISK.items():
        if number == code or f"errno = {code}," in str(error) or f"Errno {code}]" in str(error):
            return advice
    return ""
