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
    """Objects that are made before all parts of a window and know none of them.

    Attributes:
        window: The parent of dialogs.
        owner: The open project.
        jobs: Runs what takes longer than a key may.
        model_in_use: The model.
        messages: The message bar.
        actions: Every action.
        preferences: What a person chose for all projects.
        settings: What the window remembers, such as its size.
    """

    window: QMainWindow
    owner: ProjectOwner
    jobs: Jobs
    model_in_use: ModelInUse
    messages: MessageBar
    actions: Actions
    preferences: PreferencesInUse
    settings: QSettings
