"""A real browser at the far side: headless Chromium whose microphone plays a file, its page does what a softphone does."""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, async_playwright

from parlons.testing.fake_sound import write_wav
from tests.journeys.conftest import chromium_path

MICROPHONE = 600.0
"""Hz of what the fake microphone hears."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
)
PAGE = """<!doctype html><title>phone</title><audio id=ear autoplay></audio><script>
let pc, analyser, context, sender, channel;
async function microphone() {
  const plain = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
  return (await navigator.mediaDevices.getUserMedia({audio: plain})).getAudioTracks()[0];
}
function whistle(frequency) {
  const oscillator = context.createOscillator(), out = context.createMediaStreamDestination();
  oscillator.frequency.value = frequency; oscillator.connect(out); oscillator.start();
  return out.stream.getAudioTracks()[0];
}
async function open_(config, frequency, codecs, silent) {
  context = new AudioContext(); pc = new RTCPeerConnection(config);
  const track = frequency ? whistle(frequency) : await microphone();
  const line = pc.addTransceiver(silent ? 'audio' : track, {direction: 'sendrecv'});
  sender = line.sender; window.track = track;
  if (codecs) line.setCodecPreferences(RTCRtpReceiver.getCapabilities('audio').codecs.filter(
    c => codecs.includes(c.mimeType.slice(6))));
  channel = pc.createDataChannel('digits');
  pc.ontrack = event => {
    const stream = new MediaStream([event.track]);
    ear.srcObject = stream; analyser = context.createAnalyser(); analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0; context.createMediaStreamSource(stream).connect(analyser);
  };
  return await offer();
}
async function offer(restart) {
  const gathered = new Promise(done => pc.onicecandidate = event => event.candidate || done());
  await pc.setLocalDescription(await pc.createOffer({iceRestart: !!restart}));
  await gathered; return pc.localDescription.sdp;
}
async function takes(sdp) {
  await pc.setRemoteDescription({type: 'answer', sdp});
}
async function connected() {
  while (pc.connectionState !== 'connected') await new Promise(r => setTimeout(r, 20));
}
function level(frequency) {
  const bins = new Float32Array(analyser.frequencyBinCount); analyser.getFloatFrequencyData(bins);
  return bins[Math.round(frequency * analyser.fftSize / context.sampleRate)];
}
async function hears(frequency, ms) {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    if (analyser && level(frequency) > -45) return true;
    await new Promise(r => setTimeout(r, 30));
  }
  return false;
}
async function keys(text) { sender.dtmf.insertDTMF(text, 100, 50); }
async function says(text) {
  if (channel.readyState !== 'open') await new Promise(done => channel.onopen = done); channel.send(text);
}
async function stats(kind) {
  return [...(await pc.getStats()).values()].filter(s => s.type === kind).map(s => JSON.parse(JSON.stringify(s)));
}
</script>"""


@contextlib.asynccontextmanager
async def pages(count: int = 1, arguments: Sequence[str] = ()) -> AsyncIterator[list[Page]]:
    """Pages of one browser, each ready for `open_`."""
    if shutil.which(chromium_path()) is None:
        pytest.skip("no Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="parlons-microphone-") as folder:
        file = Path(folder) / "microphone.wav"
        seconds = np.arange(48_000 * 2) / 48_000
        write_wav(file, np.asarray(9_000 * np.sin(2 * np.pi * MICROPHONE * seconds), np.int16), 48_000)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium_path(),
                args=[*ARGUMENTS, f"--use-file-for-fake-audio-capture={file}", *arguments],
            )
            context = await browser.new_context(permissions=["microphone"])
            await context.route("http://localhost/**", _serve)
            made = []
            for _ in range(count):
                made.append(await context.new_page())
                await made[-1].goto("http://localhost/phone")
            try:
                yield made
            finally:
                await browser.close()


async def _serve(route: Any) -> None:
    await route.fulfill(body=PAGE, content_type="text/html")


async def connect(
    page: Page,
    engine: Any,
    leg_id: str,
    *,
    config: dict[str, Any] | None = None,
    tone: float | None = None,
    codecs: Sequence[str] = ("PCMU", "telephone-event"),
    silent: bool = False,
) -> None:
    """The page is the far side of a leg; it speaks `tone`, else what its microphone hears, or nothing."""
    sdp = await page.evaluate("a => open_(...a)", [config or {}, tone, list(codecs), silent])
    await page.evaluate("takes", await engine.connect_browser(leg_id, sdp))
    await page.evaluate("connected")


async def hears(page: Page, frequency: float, ms: int = 30_000) -> bool:
    """Whether the page hears a tone, within `ms`."""
    return bool(await page.evaluate("a => hears(...a)", [frequency, ms]))
