"""The entry point: `nameplate` opens the window, `nameplate COMMAND ...` does one thing."""

import sys

from nameplate.cli.main import run


def main() -> None:
    """Run Nameplate with the arguments of the process."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
