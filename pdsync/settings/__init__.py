"""Where every value that a person may set comes from: flag > environment > pdsync.toml > default.

One table (``table.SETTINGS``) names each of them once; ``pdsync --help``, the README and the messages are made from it,
so that none can be forgotten or described twice. The result is frozen: nobody changes a setting after it was read.

- ``table``: every setting, and how its text is read
- ``secret``: tokens, which come from the environment or the system's keyring, and are hidden everywhere else
- ``values``: the settings as frozen values
- ``loading``: flags, environment and file become ``Settings``, or one clear message
"""

from pdsync.loopback import is_loopback
from pdsync.settings.loading import CONFIG_FILE, CONFIG_VARIABLE, load_settings, refuse_foreign_host
from pdsync.settings.secret import KEYRING_SERVICE, Secret
from pdsync.settings.table import SETTINGS, PipedrivePlan, Setting
from pdsync.settings.values import PipedriveSettings, PleziSettings, ScreenSettings, Settings, SideSettings

__all__ = [
    "CONFIG_FILE",
    "CONFIG_VARIABLE",
    "KEYRING_SERVICE",
    "SETTINGS",
    "PipedrivePlan",
    "PipedriveSettings",
    "PleziSettings",
    "ScreenSettings",
    "Secret",
    "Setting",
    "Settings",
    "SideSettings",
    "is_loopback",
    "load_settings",
    "refuse_foreign_host",
]
