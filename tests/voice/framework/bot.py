"""A voice bot made with `pipecat-ai`, as its users make one; run in an environment of its own by `framework.py`. It has no model.

It returns what the caller says. Key 1: it says the file it was given; the caller's voice interrupts it. Key 2: it is done.
"""

import sys
import wave

import numpy as np
import uvicorn
from fastapi import FastAPI, WebSocket
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    InputDTMFFrame,
    OutputAudioRawFrame,
    OutputTransportMessageUrgentFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.runner import PipelineRunner
from pipecat.pipeline.task import PipelineParams, PipelineTask
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.runner.utils import parse_telephony_websocket
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport

LOUD = 1_000
"""Mean amplitude of a voice."""
PORT, FILE = int(sys.argv[1]), sys.argv[2]
app = FastAPI()


class Parrot(FrameProcessor):
    """What the bot does with each frame."""

    def __init__(self, parameters: dict[str, str]) -> None:
        super().__init__()
        self._parameters = parameters
        self._mode = "returns"
        """returns, waits (until the caller is silent), reads, silent"""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Sound and keys are answered here; anything else passes."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            await self._hears(frame)
        elif isinstance(frame, InputDTMFFrame) and frame.button.value == "1":
            self._mode = "waits"
            await self._reads_out()
        elif isinstance(frame, InputDTMFFrame) and frame.button.value == "2":
            given = {"data": self._parameters, "tell": {"Wish": "a person"}}
            await self.push_frame(OutputTransportMessageUrgentFrame(message={"event": "done", "done": given}))
        else:
            await self.push_frame(frame, direction)

    async def _hears(self, frame: InputAudioRawFrame) -> None:
        loud = float(np.abs(np.frombuffer(frame.audio, np.int16)).mean()) > LOUD
        if self._mode == "returns":
            await self.push_frame(OutputAudioRawFrame(frame.audio, frame.sample_rate, frame.num_channels))
        elif self._mode == "waits" and not loud:
            self._mode = "reads"
        elif self._mode == "reads" and loud:
            self._mode = "silent"
            await self.broadcast_interruption()

    async def _reads_out(self) -> None:
        with wave.open(FILE, "rb") as file:
            audio = file.readframes(file.getnframes())
            await self.push_frame(OutputAudioRawFrame(audio, file.getframerate(), 1))


@app.websocket("/calls")
async def calls(socket: WebSocket) -> None:
    """One call."""
    await socket.accept()
    kind, call = await parse_telephony_websocket(socket)
    print("call", kind, call["call_id"], flush=True)
    serializer = TwilioFrameSerializer(
        stream_sid=call["stream_id"],
        call_sid=call["call_id"],
        params=TwilioFrameSerializer.InputParams(auto_hang_up=False),
    )
    transport = FastAPIWebsocketTransport(
        websocket=socket,
        params=FastAPIWebsocketParams(audio_in_enabled=True, audio_out_enabled=True, serializer=serializer),
    )
    pipeline = Pipeline([transport.input(), Parrot(dict(call["body"])), transport.output()])
    task = PipelineTask(pipeline, params=PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000))

    @transport.event_handler("on_client_disconnected")
    async def on_client_disconnected(_transport: object, _client: object) -> None:
        await task.cancel()

    await PipelineRunner(handle_sigint=False).run(task)


uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
