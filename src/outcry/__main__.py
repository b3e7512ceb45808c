"""`python -m outcry` is the command `outcry`."""

from outcry.cli import main

if __name__ == "__main__":
    main()
