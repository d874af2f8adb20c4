"""What is kept of a call, as the API plays it."""

import io
import wave

import numpy as np

from parlons.testing.fake_sound import Samples, loudness
from tests.journeys.floor import Floor


async def recording_of(floor: Floor, call_id: str) -> Samples:
    """The stored sound of a call, shape (n, 2), by the link the API gives."""
    kept = await floor.until(
        f"/recordings?call_id={call_id}", lambda page: page["items"] and page["items"][0]["state"] == "stored"
    )
    link = await floor.call("POST", f"/recordings/{kept['items'][0]['id']}/link")
    answer = await floor.api.get(link["url"], headers={"Authorization": ""})
    assert answer.status_code == 200, answer.text
    with wave.open(io.BytesIO(answer.content)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16).reshape(-1, 2)


def loudness_by_channel(sound: Samples, frequency: float) -> tuple[float, float]:
    """How loud a tone is left and right."""
    return loudness(sound[:, 0], frequency), loudness(sound[:, 1], frequency)
