"""What a disk or the memory refuses, and what the user can do about it."""

import errno

# What the user mends outside of spikesweep, and what to do.
_DISK = {
    errno.ENOSPC: "the disk is full; make room",
    errno.EDQUOT: "the disk quota is used up; make room",
    errno.EFBIG: "no file may become this large there; raise the limit (ulimit -f)",
    errno.EIO: "the disk does not read or write; see to it",
    errno.EROFS: "the file system is read-only; make it writable",
    errno.EACCES: "this user may not write there; change the permissions",
    errno.EPERM: "this user may not write there; change the permissions",
    errno.EISDIR: "a folder stands where a file should; remove it",
    errno.ENOTDIR: "a file stands where a folder should; remove it",
    errno.EEXIST: "something else stands where a folder should; remove it",
    errno.ENOTEMPTY: "a folder stands there that is not empty; remove it",
    errno.ELOOP: "a link leads to itself; remove it",
    errno.ENAMETOOLONG: "the file system takes no name of this length; choose shorter ones",
    errno.EMFILE: "too many files are open; raise the limit (ulimit -n)",
    errno.ENFILE: "too many files are open on this machine; see to it",
}
_AGAIN = "and run snakemake again: what was finished is kept"


def disk_trouble(error: OSError | RuntimeError) -> str:
    """Return what to do about an error of the disk, '' for every other.

    HDF5 has no errno but in its words, "errno = 28".
    """
    number = getattr(error, "errno", None)
    for code, advice in _DISK.items():
        if number == code or f"errno = {code}," in str(error) or f"Errno {code}]" in str(error):
            return advice
    return ""


def machine_trouble(error: BaseException) -> str:
    """Return what to tell the user of an error that disk or memory caused, '' of every other.

    What cleans up after such an error may fail of it in words of its own (tried: matplotlib's PDF
    on a full disk), so those before it are looked at as well.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return f"there is no memory left; make room, perhaps by fewer --cores, {_AGAIN}"
        if isinstance(cause, OSError | RuntimeError) and (advice := disk_trouble(cause)):
            places = (getattr(cause, name, None) for name in ("filename2", "filename"))
            return f"{next(filter(None, places), 'results')}: {advice} {_AGAIN}"
        cause = cause.__context__
    return ""
