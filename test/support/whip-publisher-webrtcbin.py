"""A WHIP publisher of GStreamer's webrtcbin. Usage: whip-publisher-webrtcbin.py URL [WIDTH HEIGHT RATE PARAMETERS]; the key is
in WHIP_TOKEN. Sends a test picture (H.264) and a tone (Opus) until SIGINT, and ends the session with DELETE then. SIGUSR1 turns
the picture on its side. PARAMETERS is `stream`, or `offer` where H.264's parameter sets are in the offer alone. With WHIP_CLIP, it
sends that Matroska file (H.264 and Opus) as it is. Exit code 77 where GStreamer's parts are not on this machine."""
import os
import signal
import sys
import urllib.parse

from whip_request import ask

try:
    import gi

    gi.require_version("Gst", "1.0")
    gi.require_version("GstSdp", "1.0")
    gi.require_version("GstWebRTC", "1.0")
    from gi.repository import GLib, Gst, GstSdp, GstWebRTC
except (ImportError, ValueError) as error:
    print(f"GStreamer for Python is not here: {error}", file=sys.stderr)
    sys.exit(77)

Gst.init(None)
for element in ("webrtcbin", "nicesink", "x264enc", "opusenc"):
    if Gst.ElementFactory.find(element) is None:
        print(f"GStreamer has no {element} here", file=sys.stderr)
        sys.exit(77)

url = sys.argv[1]
width, height, rate = (int(text) for text in sys.argv[2:5] or ("320", "240", "15"))
in_offer = sys.argv[5:] == ["offer"]
loop = GLib.MainLoop()
location = None
clip = os.environ.get("WHIP_CLIP")
if clip:
    picture = f"filesrc location={clip} ! matroskademux name=clip clip.video_0 ! queue ! h264parse ! clocksync"
    sound = "clip.audio_0 ! queue ! opusparse ! clocksync"
else:
    picture = (
        f"videotestsrc is-live=true ! capsfilter name=size caps=video/x-raw,width={width},height={height},framerate={rate}/1"
        f" ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max={2 * rate}"
        f" ! video/x-h264,profile=constrained-baseline,stream-format={'avc' if in_offer else 'byte-stream'}"
    )
    sound = "audiotestsrc is-live=true ! audioconvert ! opusenc"
pipeline = Gst.parse_launch(
    "webrtcbin name=webrtc bundle-policy=max-bundle"
    f" {picture} ! rtph264pay config-interval={0 if in_offer else -1} aggregate-mode=zero-latency"
    " ! application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000,packetization-mode=(string)1"
    " ! webrtc."
    f" {sound} ! rtpopuspay"
    " ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2"
    " ! webrtc."
)
webrtc = pipeline.get_by_name("webrtc")


def negotiate():
    global location
    description = webrtc.get_property("local-description")  # keeps the text's owner alive
    headers, answer = ask("POST", url, description.sdp.as_text())
    location = urllib.parse.urljoin(url, headers["Location"])
    _, message = GstSdp.SDPMessage.new_from_text(answer)
    answered = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
    webrtc.emit("set-remote-description", answered, Gst.Promise.new())
    return False


def gathering(_webrtc, _property):
    if webrtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
        GLib.idle_add(negotiate)


def offered(promise):
    reply = promise.get_reply()  # keeps the description alive
    webrtc.emit("set-local-description", reply.get_value("offer"), Gst.Promise.new())


sending = set()


def sends(pad, _property):
    """Both payloaders have said what they send: the offer has it by then."""
    if pad.get_current_caps() is None or pad.get_name() in sending:
        return
    sending.add(pad.get_name())
    if len(sending) == 2:
        GLib.idle_add(offer)


def offer():
    for index in range(2):
        transceiver = webrtc.emit("get-transceiver", index)
        transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
    webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(offered))
    return False


webrtc.connect("notify::ice-gathering-state", gathering)
for name in ("sink_0", "sink_1"):
    webrtc.get_static_pad(name).connect("notify::caps", sends)


def turn():
    caps = f"video/x-raw,width={height},height={width},framerate={rate}/1"
    pipeline.get_by_name("size").set_property("caps", Gst.Caps.from_string(caps))
    return GLib.SOURCE_REMOVE


GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, loop.quit)
GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGUSR1, turn)
pipeline.set_state(Gst.State.PLAYING)
loop.run()
if location:
    ask("DELETE", location)
os._exit(0)
