"""Lets the environments of tox.ini share one virtual environment, so that torch is installed once.

tox recreates an environment folder when the name noted inside it is not the name that asks.
The runner here writes the asking name first; dependencies and Python are compared as ever, so a
change of either still reinstalls.
Environments that share a folder must not run at the same time (no `tox --parallel`).
"""

from __future__ import annotations

import json

from tox.plugin import impl
from tox.tox_env.python.virtual_env.runner import VirtualEnvRunner
from tox.tox_env.register import ToxEnvRegister


class SharedRunner(VirtualEnvRunner):
    """A virtual environment that any environment with the same `env_dir` may use."""

    @staticmethod
    def id() -> str:
        """The value of `runner` in tox.ini."""
        return "shared"

    def _setup_env(self) -> None:
        note = self.env_dir / ".tox-info.json"
        if note.is_file():
            content = json.loads(note.read_text(encoding="utf-8"))
            content["ToxEnv"]["name"] = self.conf.name
            note.write_text(json.dumps(content), encoding="utf-8")
        super()._setup_env()


@impl
def tox_register_tox_env(register: ToxEnvRegister) -> None:
    """Make the shared runner known to tox."""
    register.add_run_env(SharedRunner)
