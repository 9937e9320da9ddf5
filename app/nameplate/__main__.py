"""The entry point: `nameplate` opens the window, `nameplate COMMAND ...` does one thing."""

import sys


def main() -> None:
    """Run Nameplate with the arguments of the process."""
    try:
        # Imported here so that Ctrl-C in the first moment, too, ends it without a traceback.
        if sys.argv[1:2] == ["--child"]:
            from nameplate.services.child_tasks import main as serve  # noqa: PLC0415

            serve(int(sys.argv[2]))
        from nameplate.cli.main import run  # noqa: PLC0415

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
