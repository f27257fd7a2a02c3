"""Loads the suite's pytest plugin, and the gate that may follow a run."""

pytest_plugins = ["harness.run.plugin", "reports.gate.in_pytest"]
