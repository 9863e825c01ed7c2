"""A WHIP publisher of aiortc. Usage: whip-publisher-aiortc.py URL; the key is in WHIP_TOKEN.
Sends aiortc's own picture (H.264) and sound until SIGINT, and ends the session with DELETE then. Exit code 77 without aiortc."""
import asyncio
import signal
import sys
import urllib.parse

from whip_request import ask

try:
    import aiortc
    from aiortc import RTCPeerConnection, RTCSessionDescription
    from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
except ImportError as error:
    print(f"aiortc is not here: {error}", file=sys.stderr)
    sys.exit(77)


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
