"""A WHEP client of GStreamer's own WebRTC stack (webrtcbin), which has nothing in common with the box or with browsers.

Usage: whep-client.py URL FRAMES TIMEOUT_SECONDS gather|trickle
  gather   offers with all its candidates and never trickles
  trickle  offers without candidates and sends them by PATCH (RFC 8840), as WHIP and WHEP describe
It reads buffers and caps by calls that the package python3-gst-1.0 does not replace, whether or not it is installed.
Decodes with avdec_h264 and opusdec until FRAMES pictures and some sound have come, ends the session with DELETE, and
prints one line of JSON. Exit code 77 where GStreamer's parts are not on this machine.
"""
import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
import zlib

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
for element in ("webrtcbin", "nicesrc", "avdec_h264", "h264parse", "rtph264depay", "opusdec"):
    if Gst.ElementFactory.find(element) is None:
        print(f"GStreamer has no {element} here", file=sys.stderr)
        sys.exit(77)

url, frames_wanted, timeout_s, mode = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
loop = GLib.MainLoop()
pipeline = Gst.Pipeline.new("viewer")
webrtc = Gst.ElementFactory.make("webrtcbin", "webrtc")
webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
pipeline.add(webrtc)

result = {"frames": 0, "different": 0, "sound": 0, "width": 0, "height": 0, "trickled": [], "problem": None}
prints = set()
session = {"location": None, "etag": None, "offered": False}
waiting = []


def request(method, address, content_type=None, body=None, etag=None):
    headers = {}
    if content_type:
        headers["Content-Type"] = content_type
    if etag:
        headers["If-Match"] = etag
    outgoing = urllib.request.Request(address, body.encode() if body is not None else None, headers, method=method)
    try:
        with urllib.request.urlopen(outgoing, timeout=10) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def local_sdp():
    description = webrtc.get_property("local-description")  # keeps the text's owner alive
    return description.sdp.as_text()


def give_up(problem):
    result["problem"] = problem
    loop.quit()


def done():
    return result["frames"] >= frames_wanted and result["sound"] >= 20


def on_picture(_sink, buffer, pad):
    result["frames"] += 1
    prints.add(zlib.crc32(bytes(buffer.extract_dup(0, buffer.get_size()))[::97]))
    caps = pad.get_current_caps().to_string()
    for side in ("width", "height"):
        result[side] = int(re.search(rf"\b{side}=\(int\)(\d+)", caps)[1])
    if done():
        GLib.idle_add(loop.quit)


def on_sound(_sink, _buffer, _pad):
    result["sound"] += 1
    if done():
        GLib.idle_add(loop.quit)


def on_pad(_element, pad):
    if pad.get_direction() != Gst.PadDirection.SRC:
        return
    is_video = "media=(string)video" in pad.get_current_caps().to_string()
    chain = "rtph264depay ! h264parse ! avdec_h264" if is_video else "rtpopusdepay ! opusdec"
    branch = Gst.parse_bin_from_description(
        f"queue ! {chain} ! fakesink name=sink sync=false signal-handoffs=true", True
    )
    branch.get_by_name("sink").connect("handoff", on_picture if is_video else on_sound)
    pipeline.add(branch)
    branch.sync_state_with_parent()
    pad.link(branch.get_static_pad("sink"))


def trickle(index, candidate):
    lines = local_sdp().replace("\r\n", "\n").split("\n")
    ufrag = next(line for line in lines if line.startswith("a=ice-ufrag:"))
    pwd = next(line for line in lines if line.startswith("a=ice-pwd:"))
    mids = [line for line in lines if line.startswith("a=mid:")]
    media = [line for line in lines if line.startswith("m=")]
    fragment = [ufrag, pwd, media[index], mids[index], f"a={candidate}", ""]
    status, _, _ = request(
        "PATCH", session["location"], "application/trickle-ice-sdpfrag", "\r\n".join(fragment), session["etag"]
    )
    result["trickled"].append(status)


def on_candidate(_element, index, candidate):
    if mode != "trickle" or not candidate:
        return
    if session["location"]:
        GLib.idle_add(trickle, index, candidate)
    else:
        waiting.append((index, candidate))


def offer():
    if session["offered"]:
        return False
    session["offered"] = True
    text = local_sdp()
    if mode == "trickle":
        text = "".join(
            line for line in text.splitlines(True) if not line.startswith(("a=candidate", "a=end-of-candidates"))
        )
    result["offeredCandidates"] = text.count("a=candidate")
    status, headers, answer = request("POST", url, "application/sdp", text)
    if status != 201:
        give_up(f"POST answered {status}: {answer}")
        return False
    session["location"] = urllib.parse.urljoin(url, headers["Location"])
    session["etag"] = headers.get("ETag")
    result["answeredCandidates"] = answer.count("a=candidate")
    _, message = GstSdp.SDPMessage.new_from_text(answer)
    description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
    webrtc.emit("set-remote-description", description, Gst.Promise.new())
    while waiting:
        trickle(*waiting.pop(0))
    return False


def on_local(promise):
    promise.wait()
    if mode == "trickle":
        GLib.idle_add(offer)


def on_gathering(element, _property):
    if mode == "gather" and element.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
        GLib.idle_add(offer)


def on_offer(promise):
    promise.wait()
    reply = promise.get_reply()  # keeps the description alive
    description = reply.get_value("offer")
    webrtc.emit("set-local-description", description, Gst.Promise.new_with_change_func(on_local))


def on_message(_bus, message):
    if message.type == Gst.MessageType.ERROR:
        error, details = message.parse_error()
        give_up(f"{error.message} {details}")


for caps in (
    "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,packetization-mode=(string)1",
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2",
):
    webrtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
webrtc.connect("pad-added", on_pad)
webrtc.connect("on-ice-candidate", on_candidate)
webrtc.connect("notify::ice-gathering-state", on_gathering)
bus = pipeline.get_bus()
bus.add_signal_watch()
bus.connect("message", on_message)
pipeline.set_state(Gst.State.PLAYING)
webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(on_offer))
GLib.timeout_add_seconds(timeout_s, give_up, f"not enough within {timeout_s} s")
loop.run()

result["different"] = len(prints)
if session["location"]:
    result["deleted"] = request("DELETE", session["location"])[0]
    result["deletedAgain"] = request("DELETE", session["location"])[0]
pipeline.set_state(Gst.State.NULL)
print(json.dumps(result))
