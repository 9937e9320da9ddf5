"""With what, and where, shards are embedded."""

from dataclasses import dataclass
from pathlib import Path

from nameplate.pipeline.shards.embedding import Words
from nameplate.pipeline.shards.places import NOWHERE, Places
from nameplate.system.elsewhere import host_of


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where an engine runs.

    Attributes:
        address: Of a Ray cluster, such as `auto` or `ray://host:10001`; empty for this machine.
        gpus: Cards that each process takes, from 0 to 1.
        cpus: Processors that each process takes.
    """

    address: str = ""
    gpus: float = 0.0
    cpus: int = 1


@dataclass(frozen=True, slots=True)
class Setup:
    """What processes need to embed shards, and how many there are.

    Attributes:
        model: Folder of the model.
        device: As `open_folder` takes it.
        words: Puts problems into words; a function of a module, so that it can be sent.
        workers: How many processes; with 1 and without an engine it is this one.
        cluster: Where an engine runs them; None for no engine.
        places: Where pictures may be read; a list that leads elsewhere is refused.
        hosts: Machines that may be asked, too, where one of `places` leads to them.
    """

    model: Path
    device: str
    words: Words
    workers: int = 1
    cluster: Cluster | None = None
    places: Places = NOWHERE
    hosts: frozenset[str] = frozenset()

    def may_follow(self, url: str) -> bool:
        """Return whether a server may be asked to which another one leads."""
        return self.places.hold(url) or host_of(url) in self.hosts
