import type { Clock } from '#core/domain/clock.ts';
import type { Unstamped } from '#core/protocol/link/daemon.ts';
import type { FromEgress, ToEgress } from '#core/protocol/link/egress.ts';
import { encodeFromEgress } from '#core/protocol/link/egress-signal.ts';
import { decodeToDevice, type SignalToDevice } from '#core/protocol/watch-signal.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { LinkClient } from '#core/runtime/link-client.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { type BitrateDecision, TargetBitrate } from './congestion/target-bitrate.ts';
import type { Engine, EngineLoad, EngineOptions } from './engine.ts';
import { KeyFrameLimiter } from './key-frame-limiter.ts';
import type { EngineName } from './load-engine.ts';
import { LoopDelay } from './loop-delay.ts';
import type { WebRtcAddon } from './native-addon.ts';
import { fullMessage, OverloadGuard } from './overload-guard.ts';
import { FanOut } from './rtp/fan-out.ts';
import { FlowMonitor } from './rtp/flow-monitor.ts';
import { openRtpInput, type RtpInput } from './rtp/input.ts';
import { InputFilter } from './rtp/input-filter.ts';
import type { MediaKind } from './rtp/packet.ts';
import { SessionClock } from './rtp/session-clock.ts';
import type { StreamLabels } from './rtp/viewer-stream.ts';
import { EngineError } from './udp-port.ts';
import { WatchSessions } from './watch/watch-sessions.ts';

type Load = Extract<FromEgress, { type: 'egress_load' }>['payload'];
type Configuration = Extract<ToEgress, { type: 'egress_configure' }>['payload'];

/** Control misses an egress that says nothing for 1.25 s. */
const pulseMs = 500;
/** How often the bitrate may follow the viewers. */
const adaptEveryMs = 250;
/** Between two requests for a key frame, of all viewers together. */
const keyFrameIntervalMs = 500;
const refusedWarningMs = 60_000;

export interface EgressOptions {
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
  readonly #options: EgressOptions;
  readonly #clock: SessionClock;
  readonly #fanOut: FanOut;
  #input: RtpInput | null = null;
  readonly #filter = new InputFilter();
  /** Refused packets up to the last warning. */
  #refusedBefore = 0;
  #warnAgainAtMs = Number.NEGATIVE_INFINITY;
  readonly #flow: FlowMonitor;
  readonly #keyFrames: KeyFrameLimiter;
  readonly #backOff = new BackOff({ firstMs: 250, maxMs: 5_000 });
  #configuration: Configuration | null = null;
  #engine: Engine | null = null;
  #sessions: WatchSessions | null = null;
  #cancelTick: (() => void) | null = null;
  #cancelPulse: (() => void) | null = null;
  #cancelRetry: (() => void) | null = null;
  #cancelAdapt: (() => void) | null = null;
  readonly #loopDelay = new LoopDelay();
  readonly #overload = new OverloadGuard();
  readonly #target = new TargetBitrate({ ceilingKbps: 1, adaptive: false });
  #decision: BitrateDecision = { targetKbps: 0, heldBy: null };
  #closed = false;

  constructor(options: EgressOptions) {
    this.#options = options;
    const { clock } = options;
    this.#keyFrames = new KeyFrameLimiter({
      clock,
      intervalMs: keyFrameIntervalMs,
      send: () => this.#send({ type: 'egress_key_frame', payload: {} }),
    });
    this.#clock = new SessionClock(clock);
    this.#fanOut = new FanOut({
      clock: this.#clock,
      labels: options.labels,
      onKeyFrame: () => this.#keyFrames.served(),
      keyFrameNeeded: () => this.#keyFrames.request(),
    });
    this.#flow = new FlowMonitor({
      clock,
      changed: (flowing) => this.#send({ type: 'egress_flow', payload: { flowing } }),
    });
  }

  async start(): Promise<void> {
    const take = (kind: MediaKind, packet: Buffer): void => this.#take(kind, packet);
    this.#input = await openRtpInput(take, this.#options.addon);
    this.#options.link.events.on('message', (message) => this.#hear(message));
    this.#cancelTick = this.#options.clock.every(1_000, () => this.#tick());
    this.#cancelAdapt = this.#options.clock.every(adaptEveryMs, () => this.#adapt());
    this.#cancelPulse = this.#options.clock.every(pulseMs, () => this.#sayFlow());
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTick?.();
    this.#cancelPulse?.();
    this.#cancelAdapt?.();
    this.#loopDelay.close();
    this.#cancelRetry?.();
    this.#input?.close();
    this.#flow.close();
    this.#keyFrames.close();
    this.#sessions?.close();
    await this.#engine?.close();
  }

  #take(kind: MediaKind, packet: Buffer): void {
    if (!this.#filter.accept(kind, packet)) return;
    this.#fanOut.take(kind, packet);
    if (kind === 'video') this.#flow.arrived();
  }

  #hear(message: ToEgress): void {
    switch (message.type) {
      case 'egress_configure':
        this.#configure(message.payload);
        break;
      case 'egress_clock':
        this.#clock.captureStartedAt(message.payload.startedMonotonicMs);
        break;
      case 'egress_input':
        this.#filter.expect(message.payload);
        break;
      case 'egress_ice_restart': {
        const { session_id, ice_ufrag: iceUfrag, ice_pwd: icePwd, candidates } = message.payload;
        const local = this.#sessions?.restartIce(session_id, { iceUfrag, icePwd, candidates }) ?? null;
        const ice = local && {
          ice_ufrag: local.iceUfrag,
          ice_pwd: local.icePwd,
          ice_lite: local.iceLite,
          candidates: local.candidates,
        };
        this.#send({ type: 'egress_ice', payload: { session_id, ice } });
        break;
      }
      case 'egress_list_sessions':
        this.#sayWho();
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
    const previous = this.#configuration;
    this.#configuration = configuration;
    this.#target.configure(configuration.bitrate);
    this.#adapt();
    if (previous === null) {
      void this.#startEngine(configuration);
    } else if (
      previous.engine !== configuration.engine ||
      previous.port !== configuration.port ||
      previous.bindAddress !== configuration.bindAddress
    ) {
      this.#options.logger.info(
        { previous, configuration },
        'other WebRTC settings: starting afresh with them',
      );
      this.#sessions?.close('The WebRTC settings of this box have changed. Connect again.');
      this.#options.restart();
    } else if (this.#engine) {
      this.#sayReady(this.#engine);
    }
  }

  async #startEngine({ engine: name, port, bindAddress }: Configuration): Promise<void> {
    try {
      const engine = await this.#options.loadEngine(name, { port, bindAddress });
      if (this.#closed) {
        await engine.close();
        return;
      }
      this.#engine = engine;
      if (engine.frames) this.#fanOut.sendFramesTo(engine.frames);
      this.#sessions = this.#keepSessions(engine);
      this.#options.logger.info({ engine: engine.name, port: engine.port }, 'WebRTC engine started');
      if (engine.name !== name)
        this.#options.logger.warn({ wanted: name, engine: engine.name }, 'another WebRTC engine stands in');
      this.#sayReady(engine);
    } catch (error) {
      if (this.#closed) return;
      const delayMs = this.#backOff.next();
      const reason = error instanceof EngineError ? error.reason : undefined;
      this.#options.logger.error(
        { err: error, reason, retryInMs: delayMs },
        'the WebRTC engine cannot start',
      );
      if (error instanceof Error) this.#options.failed(error.message);
      this.#cancelRetry = this.#options.clock.after(delayMs, () => {
        if (this.#configuration) void this.#startEngine(this.#configuration);
      });
    }
  }

  #keepSessions(engine: Engine): WatchSessions {
    return new WatchSessions({
      engine,
      fanOut: this.#fanOut,
      clock: this.#options.clock,
      reporter: {
        send: (signal) => this.#send(encodeFromEgress(signal)),
        keyFrameNeeded: () => this.#keyFrames.request(),
        targetKbps: () => this.#target.targetKbps,
        refusal: () => (this.#overload.refusing ? fullMessage : null),
      },
    });
  }

  /** Follows the viewers' links with the one encode, and sends each what its link can take. */
  #adapt(): void {
    const nowMs = this.#options.clock.monotonicMs();
    const links = this.#sessions?.links() ?? [];
    const decision = this.#target.evaluate(links, nowMs);
    this.#sessions?.adapt((id) => this.#target.fitness(id, nowMs));
    const changed = decision.targetKbps !== this.#decision.targetKbps;
    this.#decision = decision;
    if (changed) this.#sayTarget();
  }

  #sayTarget(): void {
    const { targetKbps, heldBy } = this.#decision;
    const holder = this.#sessions?.links().find(({ id }) => id === heldBy);
    this.#send({
      type: 'egress_bitrate',
      payload: { target_kbps: targetKbps, held_by: holder?.userId ?? null },
    });
  }

  #checkLoad(): EngineLoad | null {
    const engine = this.#engine?.load?.() ?? null;
    const viewers = this.#sessions?.connected ?? 0;
    const wasRefusing = this.#overload.refusing;
    const sample = { loopDelayMs: this.#loopDelay.takeMs(), engine, viewers };
    this.#loopDelay.measure(viewers > 0);
    const pressure = this.#overload.evaluate(sample);
    if (pressure === 'shed') this.#sessions?.shed(fullMessage);
    if (wasRefusing !== this.#overload.refusing)
      this.#options.logger.warn(
        { ...sample },
        wasRefusing ? 'there is room again' : 'no more viewers: this box is full',
      );
    return engine;
  }

  /** All that control must know after each connection. */
  #sayReady(engine: Engine): void {
    const { videoPort = 0, audioPort = 0 } = this.#input ?? {};
    const ports = { webrtcPort: engine.port, videoPort, audioPort };
    this.#send({ type: 'egress_ready', payload: { engine: engine.name, ...ports } });
    this.#sayFlow();
    this.#sayWho();
    this.#sayTarget();
  }

  #sayFlow(): void {
    this.#send({ type: 'egress_flow', payload: { flowing: this.#flow.flowing } });
  }

  #sayWho(): void {
    this.#send({ type: 'egress_sessions', payload: { sessions: this.#sessions?.list() ?? [] } });
  }

  /** For the operator: who is here, and whom the stream waits for. */
  #viewers(): Load['viewers'] {
    const nowMs = this.#options.clock.monotonicMs();
    return (this.#sessions?.links() ?? []).map(({ id, userId, estimateKbps }) => ({
      session_id: id,
      user_id: userId,
      estimateKbps: estimateKbps === null ? null : Math.round(estimateKbps),
      holdsTarget: id === this.#decision.heldBy,
      keyFramesOnly: this.#target.fitness(id, nowMs) === 'key-frames',
    }));
  }

  /** Once a minute at most: who floods the ports must not flood the log as well. */
  #warnOfRefused(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#filter.refused === this.#refusedBefore || nowMs < this.#warnAgainAtMs) return;
    this.#warnAgainAtMs = nowMs + refusedWarningMs;
    this.#options.logger.warn(
      { packets: this.#filter.refused - this.#refusedBefore },
      'another program on this machine sends RTP to the input ports: refused',
    );
    this.#refusedBefore = this.#filter.refused;
  }

  #tick(): void {
    this.#warnOfRefused();
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
        refusedPackets: this.#filter.refused,
        lossRatio: this.#sessions?.takeLossRatio() ?? null,
      },
    });
    this.#send({
      type: 'egress_load',
      payload: {
        targetKbps: this.#target.targetKbps,
        full: this.#overload.refusing,
        engineBusyRatio: load?.busyRatio ?? null,
        engineLateMs: load?.lateMs ?? null,
        skippedFrames: load?.skippedFrames ?? 0,
        viewers: this.#viewers(),
      },
    });
  }

  #send(message: Unstamped<FromEgress>): void {
    this.#options.link.send(message);
  }
}
