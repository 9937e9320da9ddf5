"""The entry point: `nameplate` opens the window, `nameplate COMMAND ...` does one thing."""

import os
import sys

_FAILED = 1
_INTERRUPTED = 130
_PATIENCE = 1.0
"""Seconds for threads to end that nothing waits for any more."""


def main() -> None:
    """Run Nameplate with the arguments of the process."""
    _leave_out_current_folder()
    try:
        # Imported here so that Ctrl-C in the first moment, too, ends it without a traceback.
        if sys.argv[1:2] == ["--child"] and len(sys.argv) == 3:
            from nameplate.system.child_server import serve  # noqa: PLC0415

            serve(int(sys.argv[2]))
        if sys.argv[1:] == ["--version"]:  # at once: nothing else has to be imported
            from nameplate import __version__  # noqa: PLC0415

            sys.stdout.write(f"nameplate {__version__}\n")
            return
        from nameplate.cli.main import run  # noqa: PLC0415

        code = run(sys.argv[1:])
        _leave(code)
    except KeyboardInterrupt:
        os._exit(_INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - nobody foresaw it, and it is said as it can be
        _say_failure(error)
        _leave(_FAILED)


def _say_failure(error: Exception) -> None:
    """Print one sentence about an unexpected failure, and where its details are kept."""
    if isinstance(error, ImportError):  # perhaps of what would say it
        raise error
    from contextlib import suppress  # noqa: PLC0415 - as above

    from nameplate.storage.failure_log import is_debugging, log_end  # noqa: PLC0415

    if is_debugging():
        raise error
    text = f"something went wrong ({type(error).__name__}). What happened is in {log_end(error)}"
    with suppress(OSError):
        sys.stderr.write(f"nameplate: {text}; NAMEPLATE_DEBUG=1 shows it here.\n")


def _leave_out_current_folder() -> None:
    """Import nothing from the current folder, often one of pictures; nor may child processes.

    Python looks for modules there first in a process that it is to run with `-m` or `-c`, as those
    of `multiprocessing` are, unless it is told otherwise.
    """
    os.environ["PYTHONSAFEPATH"] = "1"
    if sys.flags.safe_path or getattr(sys, "frozen", False):
        return
    first = sys.path.pop(0)
    from pathlib import Path  # noqa: PLC0415 - not from there

    package = Path(__file__).parents[1]
    try:
        is_current = Path(first).samefile(Path())
    except OSError:  # one of them was deleted
        is_current = False
    if not is_current:
        sys.path.insert(0, first)
    elif package.samefile(first):  # it is found there, but hides no other module
        sys.path.append(str(package))


def _leave(code: int) -> None:
    """End the process, also where a thread waits for a drive that does not answer."""
    import signal  # noqa: PLC0415 - here, and not before the current folder was left out
    import threading  # noqa: PLC0415
    import time  # noqa: PLC0415
    from contextlib import suppress  # noqa: PLC0415

    end = time.monotonic() + _PATIENCE
    others = [t for t in threading.enumerate() if t is not threading.main_thread()]
    for thread in others:
        if not thread.daemon:
            thread.join(max(0.0, end - time.monotonic()))
    # After an interrupt a library may be at work on a thread, and what it uses must not be taken
    # down below it, as the usual end of a process does.
    if code == _INTERRUPTED or any(t.is_alive() and not t.daemon for t in others):
        for stream in filter(None, (sys.stdout, sys.stderr)):
            with suppress(OSError):
                stream.flush()
        os._exit(code)
    # All is done and said: Ctrl-C while Python takes itself down must not look like a failure.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(code)


if __name__ == "__main__":
    main()
