"""A WHEP or WHIP client of GStreamer's webrtcbin. Usage: webrtcbin_client.py whep|whip URL SECONDS
Receives and depayloads, or sends a test picture; prints one line of JSON. Exit code 77 without GStreamer for Python."""
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

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
kind, url, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
token = os.environ.get("ONAIR_CONFORMANCE_TOKEN", "")
needed = ["webrtcbin", "nicesrc", "rtph264depay"] + (["x264enc", "rtph264pay"] if kind == "whip" else [])
for element in needed:
    if Gst.ElementFactory.find(element) is None:
        print(f"GStreamer has no {element} here", file=sys.stderr)
        sys.exit(77)

report = {"make": f"webrtcbin {Gst.version_string().split()[-1]}", "connected": False, "frames": 0, "problem": None}
loop = GLib.MainLoop()
location = None
h264 = "application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000,packetization-mode=(string)1,profile-level-id=(string)42e01f,rtcp-fb-nack-pli=true"
opus = "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2"


def ask(method, address, body=None):
    headers = {"Content-Type": "application/sdp"} if body else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(address, body.encode() if body else None, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.headers, response.read().decode()


def finish(problem=None):
    if report["problem"] is None:
        report["problem"] = problem
    loop.quit()
    return False


def counted(pad, info):
    report["frames"] += 1
    if report["frames"] >= 10:
        GLib.idle_add(finish)
    return Gst.PadProbeReturn.OK


def pad_added(_webrtc, pad):
    if pad.get_direction() != Gst.PadDirection.SRC:
        return
    caps = pad.get_current_caps() or pad.query_caps(None)
    video = caps is not None and caps.to_string().find("media=(string)video") >= 0
    chain = ["queue", "rtph264depay", "fakesink"] if video else ["queue", "fakesink"]
    elements = [Gst.ElementFactory.make(name) for name in chain]
    elements[-1].set_property("sync", False)
    elements[-1].set_property("async", False)
    for element in elements:
        pipeline.add(element)
        element.sync_state_with_parent()
    for one, other in zip(elements, elements[1:]):
        one.link(other)
    pad.link(elements[0].get_static_pad("sink"))
    if video:
        elements[-1].get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, counted)


def negotiate():
    global location
    try:
        sdp = webrtc.get_property("local-description").sdp.as_text()
        headers, answer = ask("POST", url, sdp)
        location = urllib.parse.urljoin(url, headers["Location"])
        _, message = GstSdp.SDPMessage.new_from_text(answer)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        webrtc.emit("set-remote-description", description, Gst.Promise.new())
    except urllib.error.HTTPError as error:
        finish(f"POST: {error.code}")
    except Exception as error:
        finish(f"{type(error).__name__}: {error}")
    return False


def offered(promise):
    reply = promise.get_reply()  # keeps the description alive
    offer = reply.get_value("offer")
    webrtc.emit("set-local-description", offer, Gst.Promise.new())


def gathering(_webrtc, _property):
    if webrtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
        GLib.idle_add(negotiate)


def connection(_webrtc, _property):
    if webrtc.get_property("connection-state") == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
        report["connected"] = True
        if kind == "whip":
            GLib.timeout_add(1500, finish)  # a server that does not take it would have ended it by then


if kind == "whip":
    pipeline = Gst.parse_launch(
        "webrtcbin name=webrtc bundle-policy=max-bundle videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=15/1"
        " ! x264enc tune=zerolatency key-int-max=15 ! video/x-h264,profile=constrained-baseline"
        f" ! rtph264pay config-interval=-1 aggregate-mode=zero-latency ! {h264} ! webrtc."
    )
    webrtc = pipeline.get_by_name("webrtc")
    for transceiver in [webrtc.emit("get-transceiver", 0)]:
        transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
else:
    pipeline = Gst.Pipeline.new("viewer")
    webrtc = Gst.ElementFactory.make("webrtcbin", "webrtc")
    webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
    pipeline.add(webrtc)
    for caps in (opus, h264):
        webrtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
    webrtc.connect("pad-added", pad_added)
webrtc.connect("notify::ice-gathering-state", gathering)
webrtc.connect("notify::connection-state", connection)


def offer(_webrtc=None):
    webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(offered))
    return False


if kind == "whep":
    webrtc.connect("on-negotiation-needed", offer)
else:
    GLib.timeout_add(1000, offer)  # by then the encoder has said what it sends
pipeline.set_state(Gst.State.PLAYING)
GLib.timeout_add(int(seconds * 1000), finish, f"10 frames have not come in {seconds:g} s")
loop.run()
pipeline.set_state(Gst.State.NULL)
if location:
    try:
        ask("DELETE", location)
    except Exception:
        pass
print(json.dumps(report), flush=True)
os._exit(0)
