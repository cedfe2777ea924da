"""`python -m heliograph` is the same program as the `heliograph` command."""

from heliograph.cli import main

if __name__ == "__main__":
    main()
