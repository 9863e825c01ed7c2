import type { Clock } from '#core/domain/clock.ts';
import type { Unstamped } from '#core/protocol/link/daemon.ts';
import type { FromEgress, ToEgress } from '#core/protocol/link/egress.ts';
import { encodeFromEgress } from '#core/protocol/link/egress-signal.ts';
import { decodeToDevice, type SignalToDevice } from '#core/protocol/watch-signal.ts';
import type { LinkClient } from '#core/runtime/link-client.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { ViewersBitrate } from './congestion/viewers-bitrate.ts';
import type { Engine, EngineLoad, EngineOptions } from './engine.ts';
import { EngineKeeper } from './engine-keeper.ts';
import { KeyFrameLimiter } from './key-frame-limiter.ts';
import type { EngineName } from './load-engine.ts';
import { LoopDelay } from './loop-delay.ts';
import type { WebRtcAddon } from './native-addon.ts';
import { fullMessage, OverloadGuard } from './overload-guard.ts';
import { FanOut } from './rtp/fan-out.ts';
import { SessionClock } from './rtp/session-clock.ts';
import { StreamInput } from './rtp/stream-input.ts';
import type { StreamLabels } from './rtp/viewer-stream.ts';
import { WatchSessions } from './watch/watch-sessions.ts';

type Configuration = Extract<ToEgress, { type: 'egress_configure' }>['payload'];
type IceRestart = Extract<ToEgress, { type: 'egress_ice_restart' }>['payload'];

/** Control misses an egress that says nothing for 1.25 s. */
const pulseMs = 500;
/** Between two requests for a key frame, of all viewers together. */
const keyFrameIntervalMs = 500;

export interface EgressDeps {
  link: LinkClient<ToEgress, FromEgress>;
  logger: Logger;
  loadEngine: (name: EngineName, options: EngineOptions) => Promise<Engine>;
  /** Reads media's packets; null where it was not compiled, or its libraries are missing. */
  addon: WebRtcAddon | null;
  clock: Clock;
  labels: StreamLabels;
  /** Ends this process so that it begins afresh: engines keep their port until the process ends. */
  restart: () => void;
  /** The engine can't start; a sentence for people. It is tried again until it can. */
  failed: (why: string) => void;
}

/** RTP in, viewers out, as control says over the link; the sessions outlive control, and each pipeline of media. */
export class Egress {
  readonly #deps: EgressDeps;
  readonly #clock: SessionClock;
  readonly #fanOut: FanOut;
  readonly #input: StreamInput;
  readonly #keyFrames: KeyFrameLimiter;
  readonly #engine: EngineKeeper;
  readonly #bitrate: ViewersBitrate;
  readonly #loopDelay = new LoopDelay();
  readonly #overload = new OverloadGuard();
  #configuration: Configuration | null = null;
  #sessions: WatchSessions | null = null;
  #cancelTick: () => void = () => {};
  #cancelPulse: () => void = () => {};

  constructor(deps: EgressDeps) {
    this.#deps = deps;
    const { clock, logger, addon, labels, loadEngine, failed } = deps;
    this.#keyFrames = new KeyFrameLimiter({
      clock,
      intervalMs: keyFrameIntervalMs,
      send: () => this.#send({ type: 'egress_key_frame', payload: {} }),
    });
    this.#clock = new SessionClock(clock);
    this.#fanOut = new FanOut({
      clock: this.#clock,
      labels,
      onKeyFrame: () => this.#keyFrames.served(),
      keyFrameNeeded: () => this.#keyFrames.request(),
    });
    this.#input = new StreamInput({
      addon,
      clock,
      logger,
      take: (kind, packet) => this.#fanOut.take(kind, packet),
      flowChanged: (flowing) => this.#send({ type: 'egress_flow', payload: { flowing } }),
    });
    this.#engine = new EngineKeeper({
      loadEngine,
      clock,
      logger,
      started: (engine) => this.#serve(engine),
      failed,
    });
    this.#bitrate = new ViewersBitrate({
      clock,
      sessions: () => this.#sessions,
      changed: () => this.#sendTarget(),
    });
  }

  async start(): Promise<void> {
    const { link, clock } = this.#deps;
    await this.#input.start();
    link.events.on('message', (message) => this.#receive(message));
    this.#cancelTick = clock.every(1_000, () => this.#tick());
    this.#bitrate.start();
    this.#cancelPulse = clock.every(pulseMs, () => this.#sendFlow());
  }

  async close(): Promise<void> {
    this.#cancelTick();
    this.#cancelPulse();
    this.#bitrate.close();
    this.#loopDelay.close();
    this.#input.close();
    this.#keyFrames.close();
    this.#sessions?.close();
    await this.#engine.close();
  }

  #receive(message: ToEgress): void {
    switch (message.type) {
      case 'egress_configure':
        this.#configure(message.payload);
        break;
      case 'egress_clock':
        this.#clock.captureStartedAt(message.payload.startedMonotonicMs);
        break;
      case 'egress_input':
        this.#input.expect(message.payload);
        break;
      case 'egress_ice_restart':
        this.#restartIce(message.payload);
        break;
      case 'egress_list_sessions':
        this.#sendSessions();
        break;
      case 'watch_request':
      case 'signal_offer':
      case 'signal_ice':
      case 'watch_ended':
        this.#relay(decodeToDevice(message));
        break;
    }
  }

  #relay(signal: SignalToDevice): void {
    const { sessionId } = signal;
    switch (signal.kind) {
      case 'request': {
        const { userId, iceServers } = signal;
        const fallback = this.#configuration?.iceServers ?? [];
        this.#sessions?.request(sessionId, userId, iceServers.length > 0 ? iceServers : fallback);
        break;
      }
      case 'offer':
        void this.#sessions?.offer(sessionId, signal.sdp);
        break;
      case 'candidate':
        this.#sessions?.addCandidate(sessionId, signal.candidate);
        break;
      case 'ended':
        this.#sessions?.end(sessionId);
        break;
    }
  }

  #configure(configuration: Configuration): void {
    const { logger, restart } = this.#deps;
    const previous = this.#configuration;
    this.#configuration = configuration;
    this.#bitrate.configure(configuration.bitrate);
    if (!this.#engine.want(configuration)) {
      logger.info({ previous, configuration }, 'other WebRTC settings: starting afresh with them');
      this.#sessions?.close('The WebRTC settings of this box have changed. Connect again.');
      restart();
    } else if (this.#engine.engine) this.#sendReady(this.#engine.engine);
  }

  #serve(engine: Engine): void {
    if (engine.frames) this.#fanOut.sendFramesTo(engine.frames);
    this.#sessions = new WatchSessions({
      engine,
      fanOut: this.#fanOut,
      clock: this.#deps.clock,
      reporter: {
        send: (signal) => this.#send(encodeFromEgress(signal)),
        keyFrameNeeded: () => this.#keyFrames.request(),
        targetKbps: () => this.#bitrate.targetKbps,
        refusal: () => (this.#overload.refusing ? fullMessage : null),
      },
    });
    this.#sendReady(engine);
  }

  #restartIce({ session_id, ice_ufrag: iceUfrag, ice_pwd: icePwd, candidates }: IceRestart): void {
    const local = this.#sessions?.restartIce(session_id, { iceUfrag, icePwd, candidates }) ?? null;
    const ice = local && {
      ice_ufrag: local.iceUfrag,
      ice_pwd: local.icePwd,
      ice_lite: local.iceLite,
      candidates: local.candidates,
    };
    this.#send({ type: 'egress_ice', payload: { session_id, ice } });
  }

  #checkLoad(): EngineLoad | null {
    const engine = this.#engine.engine?.load?.() ?? null;
    const viewers = this.#sessions?.connected ?? 0;
    const wasRefusing = this.#overload.refusing;
    const sample = { loopDelayMs: this.#loopDelay.takeMs(), engine, viewers };
    this.#loopDelay.measure(viewers > 0);
    const pressure = this.#overload.evaluate(sample);
    if (pressure === 'shed') this.#sessions?.shed(fullMessage);
    if (wasRefusing !== this.#overload.refusing)
      this.#deps.logger.warn(
        { ...sample },
        wasRefusing ? 'there is room again' : 'no more viewers: this box is full',
      );
    return engine;
  }

  /** All that control must know after each connection. */
  #sendReady(engine: Engine): void {
    const payload = { engine: engine.name, webrtcPort: engine.port, ...this.#input.ports };
    this.#send({ type: 'egress_ready', payload });
    this.#sendFlow();
    this.#sendSessions();
    this.#sendTarget();
  }

  #sendFlow(): void {
    this.#send({ type: 'egress_flow', payload: { flowing: this.#input.flowing } });
  }

  #sendSessions(): void {
    this.#send({ type: 'egress_sessions', payload: { sessions: this.#sessions?.list() ?? [] } });
  }

  #sendTarget(): void {
    this.#send({ type: 'egress_bitrate', payload: this.#bitrate.report });
  }

  #tick(): void {
    this.#input.warnOfRefused();
    const load = this.#checkLoad();
    this.#sessions?.checkDeadlines();
    this.#fanOut.report();
    this.#send({
      type: 'egress_progress',
      payload: {
        sessions: this.#sessions?.size ?? 0,
        connected: this.#sessions?.connected ?? 0,
        videoPackets: this.#fanOut.videoPackets,
        audioPackets: this.#fanOut.audioPackets,
        refusedPackets: this.#input.refused,
        lossRatio: this.#sessions?.takeLossRatio() ?? null,
      },
    });
    this.#send({
      type: 'egress_load',
      payload: {
        targetKbps: this.#bitrate.targetKbps,
        full: this.#overload.refusing,
        engineBusyRatio: load?.busyRatio ?? null,
        engineLateMs: load?.lateMs ?? null,
        skippedFrames: (load?.skippedFrames ?? 0) + this.#fanOut.takeLeftOutPictures(),
        viewers: this.#bitrate.viewers,
      },
    });
  }

  #send(message: Unstamped<FromEgress>): void {
    this.#deps.link.send(message);
  }
}
