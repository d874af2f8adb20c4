"""The list itself. A new page of `route.ts` or section of `settings/sections.ts` without an entry fails test_listed.py."""

from tests.journeys.screens.colleagues import COLLEAGUES
from tests.journeys.screens.desk import DESK
from tests.journeys.screens.office import OFFICE
from tests.journeys.screens.outside import OUTSIDE
from tests.journeys.screens.scene import Screen
from tests.journeys.screens.steering import STEERING

SCREENS: list[Screen] = [*OUTSIDE, *DESK, *COLLEAGUES, *STEERING, *OFFICE]
