// An ear and a voice in the page of whoever talks: how loud a tone is in what the page hears, and what state its line is in.
// `parlonsVoice`, set before, replaces the machine's microphone by that tone: people in one browser then sound different.
(() => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const ear = {
    connection: null,
    all: [],
    /** Pictures of the other side that were decoded, of all lines together. */
    async pictures() {
      let decoded = 0;
      for (const each of ear.all.filter((one) => one.connectionState !== "closed"))
        // A connection that closes while it is asked never answers.
        for (const stat of (await Promise.race([each.getStats(), pause(1000).then(() => new Map())])).values())
          if (stat.type === "inbound-rtp" && stat.kind === "video") decoded += stat.framesDecoded ?? 0;
      return decoded;
    },
    level: () => -200,
    async hears(frequency, ms) {
      for (const end = performance.now() + ms; performance.now() < end; await pause(20))
        if (ear.level(frequency) > -45) return true;
      return false;
    },
    async loudest(frequency, ms) {
      let most = -200;
      for (const end = performance.now() + ms; performance.now() < end; await pause(20))
        most = Math.max(most, ear.level(frequency));
      return most;
    },
  };
  window.parlonsEar = ear;
  const context = new AudioContext();
  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(...options) {
      super(...options);
      ear.connection = this;
      ear.all.push(this);
      this.addEventListener("track", ({ track }) => {
        if (track.kind !== "audio") return;
        const heard = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
        const bins = new Float32Array(heard.frequencyBinCount);
        new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream([track]) }).connect(heard);
        ear.level = (frequency) => {
          heard.getFloatFrequencyData(bins);
          return bins[Math.round((frequency * heard.fftSize) / context.sampleRate)];
        };
      });
    }
  };
  const devices = navigator.mediaDevices;
  if (!devices) return; // a page that is not secure has none
  const machine = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wanted) => {
    if (!window.parlonsVoice || wanted.video) return machine(wanted);
    const whistle = new OscillatorNode(context, { frequency: window.parlonsVoice });
    const out = new MediaStreamAudioDestinationNode(context);
    whistle.connect(out);
    whistle.start();
    return out.stream;
  };
})();
