"""Lets the environments of tox.ini share one virtual environment, so that torch is installed once.

tox recreates an environment folder when the name noted inside it is not the name that asks, or
when a requirement that is noted there is asked for no longer.
The runner here writes the asking name first, and asks for what is noted as well: an environment
adds what it needs beyond the others, and takes nothing away from them. Python and constraints
are compared as ever, so a change of either still reinstalls; `tox -r` begins anew.
Environments that share a folder must not run at the same time (no `tox --parallel`).
"""

import json
from typing import Any

from packaging.requirements import Requirement
from tox.plugin import impl
from tox.tox_env.python.virtual_env.runner import VirtualEnvRunner
from tox.tox_env.register import ToxEnvRegister

PACKAGE_DEPENDENCIES = "package_deps"  # tox's own word for what `package = deps-only` installs


class SharedRunner(VirtualEnvRunner):
    """A virtual environment that any environment with the same `env_dir` may use."""

    @staticmethod
    def id() -> str:
        """The value of `runner` in tox.ini."""
        return "shared"

    def _noted(self) -> dict[str, Any]:
        """What tox noted in the folder; nothing where there is no folder yet."""
        note = self.env_dir / ".tox-info.json"
        return json.loads(note.read_text(encoding="utf-8")) if note.is_file() else {}

    def _setup_env(self) -> None:
        if noted := self._noted():
            noted["ToxEnv"]["name"] = self.conf.name
            note = self.env_dir / ".tox-info.json"
            note.write_text(json.dumps(noted), encoding="utf-8")
        super()._setup_env()

    def _install(self, arguments: Any, section: str, of_type: str) -> None:
        if of_type == PACKAGE_DEPENDENCIES:
            installed = self._noted().get(section, {}).get(of_type, {}).get("req", ())
            asked = {str(requirement) for requirement in arguments}
            arguments = [*arguments, *(Requirement(one) for one in installed if one not in asked)]
        super()._install(arguments, section, of_type)


@impl
def tox_register_tox_env(register: ToxEnvRegister) -> None:
    """Make the shared runner known to tox."""
    register.add_run_env(SharedRunner)
