"""`python -m stationd` is the console script `stationd`."""

from stationd.cli import main

if __name__ == "__main__":
    main()
