"""What the programs of the Windows package run, with Python set up by `python313._pth`."""

import sys

sys.frozen = True  # there is no Python to be called; child processes are this program again

if sys.argv[1:2] == ["--path-entry"]:
    from path_entry import main
else:
    from nameplate.__main__ import main

main()
