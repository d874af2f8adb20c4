"""The routes that read, against their description: a few generated calls of each. All routes, with many: `make fuzz-api`."""

import httpx

from tests.app.conftest import Centre
from tests.fuzz.centre import Caller, furnish
from tests.fuzz.pool import Pool
from tests.fuzz.run import Fuzz, Report

CASES = 3
AT_LEAST = 50
"""Operations which answer 2xx on a centre with little in it; else the calls prove nothing."""


def test_what_reads_answers_as_it_is_described(shared: Centre) -> None:
    pool, report = Pool(1), Report()
    furnish(shared.server, pool)
    with httpx.Client(timeout=60) as client:
        who = Caller(
            "operator", shared.server.url, client, headers={"Authorization": f"Bearer {shared.server.operator_key()}"}
        )
        document = client.get(f"{shared.server.url}/api/v1/openapi.json").json()
        fuzz = Fuzz(document, [who], pool, report)
        reading = [one for one in fuzz.operations("GET ") if not one.path.startswith(("/api/v1/webc",))]
        for operation in reading:
            fuzz.try_operation(operation, CASES, 1)
    assert not report.breaches, report.text()
    assert len(report.statuses) - len(report.never) > AT_LEAST
