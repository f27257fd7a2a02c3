"""Profiles: how many settings are drawn. The error rates are the same in all of them."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """A profile's name and the number of settings that Hypothesis draws per claim.

    Without `protocols`, an implementation is examined by the claims that call its roles directly:
    those that train with them are left to the other profiles.
    `costliest` bounds the declared seconds of one block at each of a claim's settings: a run of
    whole folders leaves costlier claims to the other profiles.
    `least_share` is the smallest part of all instances that it excludes, where a claim declares a
    smaller one: fewer instances at the same error rates.
    With `measures_on` a decided claim goes on until its sizes are known (`trial/effects.py`).
    """

    name: str
    draws: int
    full_images: bool
    protocols: bool = True
    costliest: float = math.inf
    least_share: float = 0.0
    measures_on: bool = False


PROFILES = {
    "dev": Profile("dev", draws=2, full_images=False, costliest=0.15, least_share=0.05),
    "ci": Profile("ci", draws=8, full_images=False, measures_on=True),
    "deep": Profile("deep", draws=40, full_images=True, measures_on=True),
    "quick": Profile("quick", draws=2, full_images=False, protocols=False, least_share=0.05),
}
DEFAULT_SALT = "chapter-and-verse"
