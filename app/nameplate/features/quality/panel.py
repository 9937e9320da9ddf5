"""The panel of random checks."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from nameplate.features.quality.card import CertificateCard
from nameplate.features.quality.checks import Checks
from nameplate.ui.widgets.keys import ENTER_KEYS
from nameplate.ui.widgets.work_panel import ColumnPanel
from nameplate.ui.workbench import Area, Workbench
from nameplate.wording.texts import tr


def attach(workbench: Workbench) -> None:
    """Show in the status line what the checks of a project say."""
    workbench.part(Checks).on_left = lambda: workbench.part(RandomCheckPanel).show_checks()


def ask(workbench: Workbench) -> None:
    """Show the panel, or close it where it is shown."""
    panel = workbench.part(RandomCheckPanel)
    if panel.is_open:
        panel.close_panel()
    else:
        panel.show_checks()


class RandomCheckPanel(ColumnPanel):
    """Shows random checks and the certificate in the place of the pictures.

    Attributes:
        card: All that is in it.
    """

    guide_page = "accuracy"

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(tr("Random checks"))
        self.card = CertificateCard(workbench)
        self._checks = workbench.part(Checks)
        self.lay_out_column(self.card)
        workbench.place(self, Area.MIDDLE)

    def show_checks(self) -> None:
        """Show the panel, with what the checks say now."""
        self.open_panel()
        self._checks.tell()
        self.card.refresh()
        button = self.card.check_button
        (button if button.isEnabled() else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the next page with Enter, close with Esc."""
        if event.key() in ENTER_KEYS:
            self.card.check()
        super().keyPressEvent(event)
