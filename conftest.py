"""Loads the suite's pytest plugins: fixtures, what runs claims, and the gate that may follow."""

pytest_plugins = ["chapter_and_verse.plugin", "harness.run.plugin", "reports.gate.in_pytest"]
