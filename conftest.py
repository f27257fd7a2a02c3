"""Loads the suite's pytest plugin, and the gate that may follow a run."""

pytest_plugins = ["harness.plugin", "reports.in_pytest"]
