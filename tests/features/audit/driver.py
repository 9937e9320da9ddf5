"""Drives the audit of given labels in a person's words."""

from pathlib import Path

from nameplate.features.audit.panel import AuditPanel, audit_report, save_list
from nameplate.features.evaluation.window.saving import save_report
from qt_help import button_is_shown, press_button, wait
from window_driver import WindowDriver


class GivenLabels:
    """The panel about labels that came with the pictures."""

    def __init__(self, window: WindowDriver) -> None:
        self._window = window

    @property
    def _panel(self) -> AuditPanel:
        return self._window.main.workbenches["audit"].part(AuditPanel)

    def open(self) -> None:
        """Open the panel."""
        self._window.menu("Given labels")
        wait(lambda: self._panel.is_open)

    @property
    def says(self) -> str:
        """What the panel says; empty while it is closed."""
        return self._panel.text if self._panel.is_open else ""

    def wait_until_says(self, part: str) -> None:
        wait(lambda: part in self.says, 30)

    def offers(self, button: str) -> bool:
        """Whether the panel has this button."""
        return button_is_shown(self._panel, button)

    def answer(self, button: str) -> None:
        """Press a button of the panel."""
        press_button(self._panel, button)

    def check(self) -> None:
        """Go to the pages of doubtful labels, and wait for the first one."""
        self._panel.begin_button.click()
        wait(lambda: self._window.page and self._window.is_page_seen, 30)

    def save_list(self, path: Path) -> None:
        """Save the list of what may be wrong, without the dialog that asks where."""
        save_list(self._window.main.workbenches["audit"], self._panel.found, path)

    def save_report(self, path: Path) -> None:
        """Save the report, without the dialog that asks where."""
        workbench = self._window.main.workbenches["audit"]
        save_report(workbench, audit_report(workbench, self._panel.found), (), path)

    @property
    def names(self) -> dict[str, tuple[str, ...]]:
        """The numbers beside each name that is listed."""
        table = self._panel.table
        return {} if table.isHidden() else {row[0]: row[1:] for row in table.rows}
