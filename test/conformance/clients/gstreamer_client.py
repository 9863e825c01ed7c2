"""A WHEP or WHIP client of GStreamer's own elements for it. Usage: gstreamer_client.py whep|whip URL SECONDS
Receives, or sends a test picture; prints one line of JSON. Exit code 77 where GStreamer has none of the elements."""
import json
import os
import sys

try:
    import gi

    gi.require_version("Gst", "1.0")
    from gi.repository import GLib, Gst
except (ImportError, ValueError) as error:
    print(f"GStreamer for Python is not here: {error}", file=sys.stderr)
    sys.exit(77)

Gst.init(None)
kind, url, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
token = os.environ.get("ONAIR_CONFORMANCE_TOKEN", "")
# The newer ones have a signaller with the address, the older ones have it themselves.
names = {"whep": ["whepclientsrc", "whepsrc"], "whip": ["whipclientsink", "whipsink"]}[kind]
found = [name for name in names if Gst.ElementFactory.find(name)]
if not found:
    print(f"GStreamer has no {' and no '.join(names)} here", file=sys.stderr)
    sys.exit(77)

name = found[0]
report = {"make": f"{name} of GStreamer {Gst.version_string().split()[-1]}", "connected": False, "frames": 0, "problem": None}
loop = GLib.MainLoop()
enough = 10


def finish(problem=None):
    if report["problem"] is None:
        report["problem"] = problem
    loop.quit()
    return False


def counted(_pad, _info):
    report["connected"] = True
    report["frames"] += 1
    if report["frames"] == enough:
        GLib.idle_add(finish)
    return Gst.PadProbeReturn.OK


def pad_added(_element, pad):
    if pad.get_direction() != Gst.PadDirection.SRC:
        return
    caps = (pad.get_current_caps() or pad.query_caps(None)).to_string()
    is_video = "video" in caps
    depay = "rtph264depay ! " if is_video and caps.startswith("application/x-rtp") else ""
    branch = Gst.parse_bin_from_description(f"queue ! {depay}fakesink name=sink sync=false async=false", True)
    pipeline.add(branch)
    branch.sync_state_with_parent()
    pad.link(branch.get_static_pad("sink"))
    if is_video:
        branch.get_by_name("sink").get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, counted)


def on_message(_bus, message):
    if message.type == Gst.MessageType.ERROR:
        error, details = message.parse_error()
        finish(f"{error.message} {(details or '').splitlines()[-1:]}")


def address(element):
    holder = element.get_property("signaller") if element.find_property("signaller") else element
    holder.set_property(f"{kind}-endpoint", url)
    if token:
        holder.set_property("auth-token", token)


def publishes(webrtc):
    """A server that does not take it would have ended it a moment after the transport came up."""
    def changed(_webrtc, _property):
        if webrtc.get_property("connection-state").value_nick == "connected":
            report["connected"] = True
            GLib.timeout_add(1500, finish)

    webrtc.connect("notify::connection-state", changed)


def added(_bin, _sub_bin, element):
    if element.get_factory() and element.get_factory().get_name() == "webrtcbin":
        publishes(element)


if kind == "whip":
    caps = "video-caps=video/x-h264 audio-caps=audio/x-opus" if name == "whipclientsink" else ""
    encode = "" if name == "whipclientsink" else (
        "! x264enc tune=zerolatency key-int-max=15 ! video/x-h264,profile=constrained-baseline"
        " ! rtph264pay config-interval=-1 aggregate-mode=zero-latency"
        " ! application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000"
    )
    pipeline = Gst.parse_launch(
        "videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=15/1 ! videoconvert"
        f" {encode} ! {name} name=client {caps}"
    )
    client = pipeline.get_by_name("client")
    # The newer one has a pipeline of its own for whom it sends to.
    if name == "whipclientsink":
        client.connect("consumer-added", lambda _client, _id, webrtc: publishes(webrtc))
    else:
        pipeline.connect("deep-element-added", added)
else:
    pipeline = Gst.Pipeline.new("viewer")
    client = Gst.ElementFactory.make(name, "client")
    pipeline.add(client)
    client.connect("pad-added", pad_added)
address(client)
bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect("message", on_message)
pipeline.set_state(Gst.State.PLAYING)
GLib.timeout_add(int(seconds * 1000), finish, f"not enough within {seconds:g} s")
loop.run()
pipeline.set_state(Gst.State.NULL)
print(json.dumps(report), flush=True)
os._exit(0)
