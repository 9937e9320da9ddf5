"""Services of a window that every part of it may use."""

from dataclasses import dataclass

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QMainWindow

from nameplate.ui.actions.actions import Actions
from nameplate.ui.jobs.jobs import Jobs
from nameplate.ui.jobs.model_in_use import ModelInUse
from nameplate.ui.jobs.preferences_in_use import PreferencesInUse
from nameplate.ui.project_owner import ProjectOwner
from nameplate.ui.widgets.message_bar import MessageBar


@dataclass(frozen=True)
class Services:
    """Objects that are made before all parts of a window and know none of them."""

    window: QMainWindow
    owner: ProjectOwner
    jobs: Jobs
    model_in_use: ModelInUse
    messages: MessageBar
    actions: Actions
    preferences: PreferencesInUse
    settings: QSettings
