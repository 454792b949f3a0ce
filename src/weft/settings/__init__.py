"""Every setting of Weft, read from the environment and from `.env` here and nowhere else.

A setting has one name of ours, `WEFT_…`; where the requirements give other names, these are read if ours is
absent. The environment wins over `.env`. An empty value counts as absent. `weft doctor --settings` lists all.
"""

from weft.settings.areas import (
    DatabaseSettings,
    EngineSettings,
    FileSettings,
    HomeSettings,
    LogSettings,
    RedisSettings,
    SandboxSettings,
    SecretSettings,
    ServerSettings,
)
from weft.settings.load import Setting, Settings
from weft.settings.secret_file import Secrets

__all__ = [
    "DatabaseSettings",
    "EngineSettings",
    "FileSettings",
    "HomeSettings",
    "LogSettings",
    "RedisSettings",
    "SandboxSettings",
    "SecretSettings",
    "Secrets",
    "ServerSettings",
    "Setting",
    "Settings",
]
