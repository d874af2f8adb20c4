"""When practice people act: arrivals by a day's curve, patience, reading and typing times. Pure: chance is passed in."""

import math
import random

DAY_SHAPE = (2, 1, 1, 1, 1, 2, 4, 9, 18, 26, 30, 28, 22, 24, 29, 30, 28, 26, 22, 16, 11, 8, 5, 3)
"""Relative arrivals per hour of a car dealer's day, from 00:00."""


def arrivals_per_second(hour: float, busiest_per_minute: float) -> float:
    """Arrival rate at `hour` (0 <= hour < 24): the curve scaled so that its top is `busiest_per_minute`.

    Never below a fifth of it, so that a demo started at night is alive too.
    """
    low, share = int(hour) % 24, hour % 1
    level = DAY_SHAPE[low] * (1 - share) + DAY_SHAPE[(low + 1) % 24] * share
    return max(level / max(DAY_SHAPE), 0.2) * busiest_per_minute / 60


def gap(chance: random.Random, rate: float) -> float:
    """Seconds to the next arrival of a Poisson stream of `rate` per second."""
    return chance.expovariate(rate)


def lognormal(chance: random.Random, mean: float, spread: float) -> float:
    """A positive time in seconds with this mean and coefficient of variation `spread`."""
    sigma = math.sqrt(math.log(1 + spread * spread))
    return chance.lognormvariate(math.log(mean) - sigma * sigma / 2, sigma)


def patience(chance: random.Random) -> float:
    """Seconds a visitor waits for a first answer before leaving: mean 150, long tail."""
    return lognormal(chance, 150, 0.8)


def typing(chance: random.Random, text: str) -> float:
    """Seconds to write `text` at about 6 characters a second, with a pause to think."""
    return min(lognormal(chance, 1.5 + len(text) / 12, 0.4), 20)


def reaction(chance: random.Random) -> float:
    """Seconds an agent needs to take an offer: mean 4."""
    return min(lognormal(chance, 4, 0.5), 15)
