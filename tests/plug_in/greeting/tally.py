"""A panel with the names of the selected pictures, and how many have each."""

from collections import Counter

from PySide6.QtWidgets import QWidget

from nameplate.ui.widgets.boxes import column, heading
from nameplate.ui.widgets.table import Table
from nameplate.ui.workbench import Area


def toggle(workbench):
    panel = workbench.part(Tally)
    panel.setVisible(panel.isHidden())
    panel.refresh()


class Tally(QWidget):
    def __init__(self, workbench):
        super().__init__()
        self._workbench = workbench
        self.table = Table("Tally", ("Name", "Pictures"), (0,))
        self.setLayout(column(heading("Tally"), self.table))
        self.hide()
        workbench.place(self, Area.BELOW, 90)
        workbench.pictures.follow_selected(self.refresh)
        workbench.follow(lambda _effects: self.refresh())

    def refresh(self):
        if self.isHidden():
            return
        project = self._workbench.project
        names = {concept.key: concept.name for concept in project.concepts}
        rows = self._workbench.pictures.selected.tolist()
        members = (project.labels.members(row) or (None,) for row in rows)
        counts = Counter(names.get(key, "no name") for keys in members for key in keys)
        self.table.clear()
        self.table.add_rows([(name, str(n)) for name, n in counts.most_common()], right=1)
