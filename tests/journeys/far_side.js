// The other end of a browser's call, in the page itself: answers each offer like the server and says a tone of 440 Hz.
// What the page says is measured: `parlonsFar.level()` is its loudness in [0, 1].
(() => {
  const far = { level: () => 0, offers: 0, connection: null };
  window.parlonsFar = far;
  async function answer(sdp) {
    far.offers += 1;
    far.connection?.close();
    const connection = new RTCPeerConnection();
    far.connection = connection;
    const context = new AudioContext();
    const tone = context.createOscillator();
    tone.frequency.value = 440;
    const out = context.createMediaStreamDestination();
    tone.connect(out);
    tone.start();
    connection.ontrack = ({ track }) => {
      const heard = context.createAnalyser();
      const stream = new MediaStream([track]);
      new Audio().srcObject = stream;
      context.createMediaStreamSource(stream).connect(heard);
      const samples = new Float32Array(heard.fftSize);
      far.level = () => {
        heard.getFloatTimeDomainData(samples);
        return Math.max(...samples.map(Math.abs));
      };
    };
    connection.addTrack(out.stream.getAudioTracks()[0], out.stream);
    await connection.setRemoteDescription({ type: "offer", sdp });
    await connection.setLocalDescription(await connection.createAnswer());
    await new Promise((done) => {
      const look = () => connection.iceGatheringState === "complete" && done();
      connection.addEventListener("icegatheringstatechange", look);
      setTimeout(done, 1500);
      look();
    });
    return connection.localDescription.sdp;
  }
  const real = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const path = new URL(String(input?.url ?? input), location.href).pathname;
    const offer = /\/(?:voice\/phone|webcall\/[^/]+\/calls|webcall\/calls\/[^/]+\/offer)$/.test(path);
    if (!offer || init?.method !== "POST") return real(input, init);
    const answer_sdp = await answer(JSON.parse(init.body).offer_sdp);
    const body = { answer_sdp, leg_id: "leg-me", call_id: "CA1", token: "token" };
    return new Response(JSON.stringify(body), { status: 201 });
  };
})();
