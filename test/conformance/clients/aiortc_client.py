"""A WHEP or WHIP client of aiortc (Python). Usage: aiortc_client.py whep|whip URL SECONDS
Receives and decodes, or sends a generated picture; prints one line of JSON. Exit code 77 without aiortc."""
import asyncio
import json
import os
import sys
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

kind, url, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
token = os.environ.get("ONAIR_CONFORMANCE_TOKEN", "")
report = {"make": f"aiortc {aiortc.__version__}", "connected": False, "frames": 0, "problem": None}


def ask(method, address, body=None):
    headers = {"Content-Type": "application/sdp"} if body else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(address, body.encode() if body else None, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.headers, response.read().decode()


async def main():
    connection = RTCPeerConnection()
    done = asyncio.Event()
    location = None

    async def count(track):
        while True:
            await track.recv()
            if track.kind == "video":
                report["frames"] += 1
                if report["frames"] >= 10:
                    done.set()

    @connection.on("connectionstatechange")
    def changed():
        if connection.connectionState == "connected":
            report["connected"] = True

    if kind == "whep":
        connection.on("track", lambda track: asyncio.ensure_future(count(track)))
        connection.addTransceiver("audio", direction="recvonly")
        connection.addTransceiver("video", direction="recvonly")
    else:
        connection.addTransceiver(AudioStreamTrack(), direction="sendonly")
        video = connection.addTransceiver(VideoStreamTrack(), direction="sendonly")
        codecs = aiortc.RTCRtpSender.getCapabilities("video").codecs
        video.setCodecPreferences([codec for codec in codecs if codec.mimeType == "video/H264"])
    try:
        await connection.setLocalDescription(await connection.createOffer())
        headers, answer = await asyncio.to_thread(ask, "POST", url, connection.localDescription.sdp)
        location = urllib.parse.urljoin(url, headers["Location"])
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        if kind == "whip":
            asyncio.ensure_future(acknowledged(connection, done))
        await asyncio.wait_for(done.wait(), seconds)
    except asyncio.TimeoutError:
        report["problem"] = f"10 frames have not come in {seconds:g} s"
    except urllib.error.HTTPError as error:
        report["problem"] = f"POST: {error.code}"
    except Exception as error:
        report["problem"] = f"{type(error).__name__}: {error}"
    finally:
        await connection.close()
        if location:
            try:
                await asyncio.to_thread(ask, "DELETE", location)
            except Exception:
                pass
    print(json.dumps(report))


async def acknowledged(connection, done):
    """It sends for a while on a transport that stays up."""
    while not done.is_set():
        for stats in (await connection.getStats()).values():
            if stats.type == "outbound-rtp" and stats.kind == "video" and connection.connectionState == "connected":
                report["frames"] = stats.packetsSent
                if stats.packetsSent >= 30:
                    done.set()
        await asyncio.sleep(0.2)


asyncio.run(main())
