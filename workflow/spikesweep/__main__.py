"""`python -m spikesweep`."""

from spikesweep.bytecode import hold_to_content

hold_to_content()

from spikesweep.cli import main  # noqa: E402  (what is imported from here on is what was hashed)

if __name__ == "__main__":
    main()
