"""A WHIP publisher of aiortc. Usage: whip-publisher-aiortc.py URL; the key is in WHIP_TOKEN.
Sends aiortc's own picture (H.264) and sound until SIGINT, and ends the session with DELETE then. Exit code 77 without aiortc."""
import asyncio
import os
import signal
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

try:
    import aiortc
    from aiortc import RTCPeerConnection, RTCSessionDescription
    from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
except ImportError as error:
    print(f"aiortc is not here: {error}", file=sys.stderr)
    sys.exit(77)


def ask(method, address, body=None):
    headers = {"Authorization": f"Bearer {os.environ['WHIP_TOKEN']}"}
    if body:
        headers["Content-Type"] = "application/sdp"
    request = urllib.request.Request(address, body.encode() if body else None, headers, method=method)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return response.headers, response.read().decode()
        except urllib.error.HTTPError as error:
            if error.code != 409:
                raise
            time.sleep(0.5)  # the one before was killed, and has not been silent for long enough


async def main(url):
    connection = RTCPeerConnection()
    connection.addTransceiver(AudioStreamTrack(), direction="sendonly")
    video = connection.addTransceiver(VideoStreamTrack(), direction="sendonly")
    codecs = aiortc.RTCRtpSender.getCapabilities("video").codecs
    video.setCodecPreferences([codec for codec in codecs if codec.mimeType == "video/H264"])
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stopped.set)
    await connection.setLocalDescription(await connection.createOffer())
    headers, answer = await asyncio.to_thread(ask, "POST", url, connection.localDescription.sdp)
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    await stopped.wait()
    await asyncio.to_thread(ask, "DELETE", urllib.parse.urljoin(url, headers["Location"]))
    await connection.close()


asyncio.run(main(sys.argv[1]))
