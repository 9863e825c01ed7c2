import type { Playing, Watcher } from '../watcher.ts';

class PageWatcher implements Watcher {
  readonly #connections: RTCPeerConnection[] = [];

  async offer(): Promise<string> {
    const connection = new RTCPeerConnection();
    this.#connections.push(connection);
    const video = document.createElement('video');
    video.autoplay = true;
    document.body.append(video);
    const stream = new MediaStream();
    video.srcObject = stream;
    connection.ontrack = ({ track }) => stream.addTrack(track);
    connection.addTransceiver('audio', { direction: 'recvonly' });
    connection.addTransceiver('video', { direction: 'recvonly' });
    connection.createDataChannel('not wanted');
    await connection.setLocalDescription();
    return connection.localDescription?.sdp ?? '';
  }

  async accept(at: number, sdp: string): Promise<void> {
    await this.#connections[at]?.setRemoteDescription({ type: 'answer', sdp });
  }

  async report(at: number): Promise<Playing> {
    const connection = this.#connections[at];
    if (!connection) throw new Error(`no connection ${at}`);
    const streams = new Map<string, Record<string, number>>();
    (await connection.getStats()).forEach((stats) => {
      if (stats.type === 'inbound-rtp') streams.set(stats.kind, stats);
    });
    const video = streams.get('video') ?? {};
    const audio = streams.get('audio') ?? {};
    const { estimatedPlayoutTimestamp: shown } = video;
    const { estimatedPlayoutTimestamp: played } = audio;
    return {
      state: connection.connectionState,
      frames: video.framesDecoded ?? 0,
      keyFrames: video.keyFramesDecoded ?? 0,
      dropped: video.framesDropped ?? 0,
      pictureLosses: video.pliCount ?? 0,
      soundSeconds: audio.totalSamplesDuration ?? 0,
      apartMs: shown && played ? played - shown : null,
    };
  }
}

Object.assign(window, { watcher: new PageWatcher() });
