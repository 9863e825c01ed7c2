import type { Socket } from 'node:net';
import type { Problem } from '#core/domain/problem.ts';
import { type ReasonCode, reasonOf } from '../../reasons.ts';
import { type PictureSize, sizeOfAvc, sizeOfHevc } from '../picture-size.ts';
import type { Publication, Publisher } from '../publication.ts';
import { publisherSilentMs } from '../publisher-silence.ts';
import type { PictureCodec, SoundCodec } from '../stream-protocol.ts';
import { StreamTime } from '../stream-time.ts';
import { type AmfValue, decodeAmf, encodeAmf } from './amf0.ts';
import { ChunkReader, encodeChunks, messageType, type RtmpMessage } from './chunks.ts';
import { readAacConfiguration, readPictureTag, readSoundTag, takenFourCcs } from './flv-tags.ts';

const handshakeBytes = 1_536;
const version = 3;
/** Until it has shown its key, a publisher needs no more than commands. */
const strangerMessageBytes = 16 * 1024;
const publisherMessageBytes = 6 * 1024 * 1024;
const chunkBytes = 4_096;
const windowBytes = 2_500_000;
const streamId = 1;
const commandChunks = 3;
const controlChunks = 2;
/** From its connection to `publish`. */
const strangerMs = 5_000;
/** More would take all of a small board's memory to decode. */
const maxPixels = 4_096 * 2_304;

interface SessionOptions {
  socket: Socket;
  publication: Publication;
  isKey: (key: string) => boolean;
  note: (text: string, details: Record<string, string | number>) => void;
}

/** One connection to the RTMP server: a publisher, or who would be one. */
export class RtmpSession implements Publisher {
  readonly address: string;
  readonly #deps: SessionOptions;
  readonly #reader: ChunkReader;
  readonly #time = new StreamTime();
  #handshake: Buffer | null = Buffer.alloc(0);
  #greeted = false;
  #publishes = false;
  #framesPerSecond: number | null = null;
  #received = 0;
  #acknowledged = 0;
  #ended = false;

  constructor(deps: SessionOptions) {
    this.#deps = deps;
    this.address = (deps.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#reader = new ChunkReader({
      maxMessageBytes: strangerMessageBytes,
      onMessage: (message) => this.#receive(message),
    });
    const deadline = setTimeout(() => this.#publishes || deps.socket.destroy(), strangerMs);
    deps.socket.setNoDelay();
    deps.socket.setTimeout(publisherSilentMs, () => this.#fail('publisher-silent', this.address));
    deps.socket.on('data', (bytes) => this.#read(bytes));
    deps.socket.on('error', () => {}); // 'close' follows
    deps.socket.on('close', () => {
      clearTimeout(deadline);
      this.#leave();
    });
  }

  /** It has shown the key. */
  get publishes(): boolean {
    return this.#publishes;
  }

  end(reason: Problem): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sendStatus('error', 'NetStream.Publish.Failed', reason.message);
    this.#deps.socket.end();
    setTimeout(() => this.#deps.socket.destroy(), 500).unref();
    this.#leave();
  }

  #leave(): void {
    this.#ended = true;
    if (this.#publishes) this.#deps.note('a publisher left', { address: this.address });
    this.#publishes = false;
    this.#deps.publication.leave(this);
  }

  #read(bytes: Buffer): void {
    if (this.#ended) return;
    this.#received += bytes.length;
    try {
      const rest = this.#handshake === null ? bytes : this.#shakeHands(bytes);
      if (rest.length > 0) this.#reader.push(rest);
    } catch (error) {
      this.#fail('publisher-broken', `${this.address}: ${(error as Error).message}`);
      return;
    }
    if (this.#received - this.#acknowledged > windowBytes / 2) this.#acknowledge();
  }

  /** @returns what follows the handshake (RTMP 1.0, 5.2); the simple one, since nobody checks Adobe's signatures any more */
  #shakeHands(bytes: Buffer): Buffer {
    const got = Buffer.concat([this.#handshake ?? Buffer.alloc(0), bytes]);
    this.#handshake = got;
    if (got[0] !== version) throw new RangeError('no RTMP');
    if (!this.#greeted && got.length >= 1 + handshakeBytes) {
      this.#greeted = true;
      const own = Buffer.alloc(1 + handshakeBytes);
      own[0] = version;
      this.#deps.socket.write(Buffer.concat([own, got.subarray(1, 1 + handshakeBytes)]));
    }
    const end = 1 + 2 * handshakeBytes;
    if (got.length < end) return Buffer.alloc(0);
    this.#handshake = null;
    return got.subarray(end);
  }

  #receive({ type, timestamp, body }: RtmpMessage): void {
    if (this.#ended) return;
    switch (type) {
      case messageType.command:
        this.#command(decodeAmf(body));
        break;
      case messageType.commandAmf3:
        this.#command(decodeAmf(body.subarray(1)));
        break;
      case messageType.data:
      case messageType.dataAmf3:
        this.#data(decodeAmf(type === messageType.data ? body : body.subarray(1)));
        break;
      case messageType.video:
        if (this.#publishes) this.#picture(timestamp, body);
        break;
      case messageType.audio:
        if (this.#publishes) this.#sound(timestamp, body);
        break;
    }
  }

  #command([name, transaction, , argument]: AmfValue[]): void {
    const id = typeof transaction === 'number' ? transaction : 0;
    switch (name) {
      case 'connect':
        this.#connected(id);
        break;
      case 'releaseStream':
      case 'FCPublish':
        this.#sendCommand('_result', id, null, undefined);
        break;
      case 'createStream':
        this.#sendCommand('_result', id, null, streamId);
        break;
      case 'publish':
        this.#publish(typeof argument === 'string' ? argument : '');
        break;
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream':
        this.#deps.socket.end();
        this.#leave();
        break;
      case 'play':
        this.#sendStatus('error', 'NetStream.Play.StreamNotFound', 'Streams are only taken here.');
        this.#deps.socket.end();
        break;
    }
  }

  #connected(id: number): void {
    const window = Buffer.alloc(4);
    window.writeUInt32BE(windowBytes);
    this.#sendControl(messageType.windowSize, window);
    this.#sendControl(messageType.peerBandwidth, Buffer.concat([window, Buffer.from([2])]));
    const size = Buffer.alloc(4);
    size.writeUInt32BE(chunkBytes);
    this.#sendControl(messageType.setChunkSize, size);
    this.#sendCommand(
      '_result',
      id,
      { fmsVer: 'FMS/3,0,1,123', capabilities: 31 },
      {
        level: 'status',
        code: 'NetConnection.Connect.Success',
        description: 'Connection succeeded.',
        objectEncoding: 0,
        fourCcList: takenFourCcs,
      },
    );
  }

  #publish(name: string): void {
    if (this.#publishes) return;
    const key = name.split('?')[0] ?? '';
    if (!this.#deps.isKey(key)) {
      this.#refuse(
        this.#deps.publication.turnAway('publisher-key', this.address),
        'NetStream.Publish.Denied',
      );
      return;
    }
    const refused = this.#deps.publication.admit(this, { form: 'frames' });
    if (refused) {
      this.#refuse(refused, 'NetStream.Publish.BadName');
      return;
    }
    this.#publishes = true;
    this.#reader.maxMessageBytes = publisherMessageBytes;
    this.#deps.note('a publisher joined', { address: this.address });
    const begin = Buffer.alloc(6);
    begin.writeUInt32BE(streamId, 2);
    this.#sendControl(messageType.userControl, begin);
    this.#sendStatus('status', 'NetStream.Publish.Start', 'Publishing.');
  }

  #refuse(reason: Problem, code: string): void {
    this.#deps.note(reason.message, { address: this.address });
    this.#ended = true;
    this.#sendStatus('error', code, reason.message);
    this.#deps.socket.end();
    setTimeout(() => this.#deps.socket.destroy(), 500).unref();
  }

  #data(values: AmfValue[]): void {
    const described = values.find((value) => typeof value === 'object' && value !== null);
    if (!this.#publishes || !described || Array.isArray(described)) return;
    const rate = Number(described.framerate);
    if (rate > 0 && rate <= 240) this.#framesPerSecond = rate;
  }

  #picture(timestamp: number, body: Buffer): void {
    const tag = readPictureTag(body);
    if (tag.kind === 'unsupported') this.#fail('publisher-codec', tag.codec);
    else if (tag.kind === 'configuration') this.#configurePicture(tag.codec, tag.data);
    else if (tag.kind === 'frame')
      this.#deps.publication.picture(tag.isKeyFrame, this.#time.at(timestamp) + tag.compositionMs, tag.data);
  }

  #configurePicture(codec: PictureCodec, data: Buffer): void {
    let size: PictureSize | null = null;
    if (codec === 'h264') size = sizeOfAvc(data);
    else if (codec === 'h265') size = sizeOfHevc(data);
    if (size && size.width * size.height > maxPixels) {
      this.#fail('publisher-too-large', `${size.width}x${size.height}`);
      return;
    }
    this.#deps.publication.configure({
      media: 'video',
      codec,
      width: size?.width ?? null,
      height: size?.height ?? null,
      framesPerSecond: this.#framesPerSecond,
      data: data.toString('base64'),
    });
  }

  #sound(timestamp: number, body: Buffer): void {
    const tag = readSoundTag(body);
    if (tag.kind === 'configuration') this.#configureSound(tag.codec, tag.data);
    else if (tag.kind === 'frame') {
      // MP3 says in each frame what it is.
      if (tag.codec === 'mp3') this.#configureSound(tag.codec, Buffer.alloc(0));
      this.#deps.publication.sound(this.#time.at(timestamp), tag.data);
    }
  }

  #configureSound(codec: SoundCodec, data: Buffer): void {
    const known = codec === 'aac' ? readAacConfiguration(data) : null;
    this.#deps.publication.configure({
      media: 'audio',
      codec,
      channels: known?.channels ?? 2,
      sampleRate: known?.sampleRate ?? 48_000,
      data: data.toString('base64'),
    });
  }

  #fail(code: ReasonCode, detail: string): void {
    if (this.#ended) return;
    const reason = this.#publishes ? this.#deps.publication.turnAway(code, detail) : reasonOf(code, detail);
    this.#deps.note(reason.message, { address: this.address });
    this.end(reason);
  }

  #acknowledge(): void {
    this.#acknowledged = this.#received;
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#received >>> 0);
    this.#sendControl(messageType.acknowledgement, bytes);
  }

  #sendStatus(level: 'status' | 'error', code: string, description: string): void {
    this.#sendCommand('onStatus', 0, null, { level, code, description }, streamId);
  }

  #sendCommand(name: string, id: number, object: AmfValue, argument: AmfValue, stream = 0): void {
    const body = encodeAmf([name, id, object, argument]);
    this.#send(commandChunks, { type: messageType.command, streamId: stream, timestamp: 0, body });
  }

  #sendControl(type: number, body: Buffer): void {
    this.#send(controlChunks, { type, streamId: 0, timestamp: 0, body });
  }

  #send(chunks: number, message: RtmpMessage): void {
    if (!this.#deps.socket.writable) return;
    // Before the other end is told of another size, chunks have 128 bytes.
    this.#deps.socket.write(encodeChunks(chunks, message, this.#sentChunkBytes));
    if (message.type === messageType.setChunkSize) this.#sentChunkBytes = chunkBytes;
  }

  #sentChunkBytes = 128;
}
