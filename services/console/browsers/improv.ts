import { pageAddresses } from '#core/domain/page-address.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import {
  type AnswerOf,
  type ApiClient,
  ApiError,
  type CallArguments,
  type CallOf,
} from '#core/protocol/client.ts';
import type { Endpoint } from '#core/protocol/endpoint.ts';
import { getStatus, type LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { changeSettings } from '#core/protocol/endpoints/settings.ts';
import { getWifi, joinWifi, scanWifi } from '#core/protocol/endpoints/wifi.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { version } from '#core/version.ts';
import { encodePacket, type ImprovPacket, packetType } from '../line/improv-packet.ts';
import type { LineWriter } from '../line/writer.ts';
import { decodeStrings, decodeText, encodeStrings } from './improv-strings.ts';
import { readMachine } from './machine.ts';

const state = { authorized: 2, provisioning: 3, provisioned: 4 } as const;
const fault = {
  none: 0x00,
  malformed: 0x01,
  unknownCommand: 0x02,
  cannotConnect: 0x03,
  badHostname: 0x05,
  unknown: 0xff,
} as const;
const rpc = { wifi: 1, state: 2, info: 3, scan: 4, hostname: 5, deviceName: 6 } as const;

/** The reference client gives up after 30 s, and would not hear why. */
const joinWithinMs = 28_000;
const answerWithinMs = 10_000;
/** Clients send one at a time. */
const maxWaiting = 16;

/** What went wrong in the protocol's one byte. */
class ImprovFault extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`Improv error ${code}`);
    this.code = code;
  }
}

interface Deps {
  writer: LineWriter;
  box: ApiClient<'operator'>;
  logger: Logger;
}

/**
 * Improv Wi-Fi Serial 1.0 (https://www.improv-wifi.com/serial/): web pages that know the standard find the box on
 * its serial port, name it, put it into a Wi-Fi network, and go on to its page.
 */
export class Improv {
  readonly #deps: Deps;
  readonly #end = new AbortController();
  readonly #queue = new SerialQueue();
  #waiting = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  packet({ type, data }: ImprovPacket): void {
    if (type !== packetType.rpc) return; // an echo of our own
    if (this.#waiting >= maxWaiting) return;
    this.#waiting += 1;
    void this.#queue.run(async () => {
      await this.#obey(data);
      this.#waiting -= 1;
    });
  }

  malformedPacket(): void {
    this.#sendFault(fault.malformed);
  }

  close(): void {
    this.#end.abort();
  }

  async #obey(data: Uint8Array): Promise<void> {
    const [command = 0, length = 0] = data;
    const payload = data.subarray(2);
    try {
      if (data.length < 2 || payload.length !== length) throw new ImprovFault(fault.malformed);
      this.#sendFault(fault.none);
      await this.#dispatch(command, payload);
    } catch (error) {
      if (this.#end.signal.aborted) return;
      if (!(error instanceof ImprovFault || error instanceof ApiError))
        this.#deps.logger.error({ err: error, command }, 'an Improv command failed unexpectedly');
      this.#sendFault(error instanceof ImprovFault ? error.code : fault.unknown);
    }
  }

  async #dispatch(command: number, payload: Uint8Array): Promise<void> {
    switch (command) {
      case rpc.wifi:
        return await this.#join(payload);
      case rpc.state:
        return await this.#tellState();
      case rpc.info:
        return await this.#tellInfo();
      case rpc.scan:
        return await this.#scan();
      case rpc.hostname:
        return await this.#hostname(payload);
      case rpc.deviceName:
        return await this.#deviceName(payload);
      default:
        throw new ImprovFault(fault.unknownCommand);
    }
  }

  async #join(payload: Uint8Array): Promise<void> {
    const [ssid, passphrase = '', ...more] = decodeStrings(payload) ?? [];
    if (!ssid || more.length > 0) throw new ImprovFault(fault.malformed);
    this.#sendState(state.provisioning);
    try {
      const joined = await this.#call(joinWifi, {
        body: { ssid, ...(passphrase ? { passphrase } : {}) },
        timeoutMs: joinWithinMs,
      });
      const addresses = pageAddresses(await this.#status());
      this.#sendState(state.provisioned);
      this.#sendResult(rpc.wifi, addresses.length > 0 ? addresses : [joined.address ?? '']);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#deps.logger.info({ code: error.code }, 'joining a Wi-Fi for an Improv client failed');
      const { isProvisioned } = await this.#provisioning().catch(() => ({ isProvisioned: false }));
      this.#sendState(isProvisioned ? state.provisioned : state.authorized);
      throw new ImprovFault(fault.cannotConnect); // last: clients take it for the answer
    }
  }

  async #tellState(): Promise<void> {
    const { isProvisioned, addresses } = await this.#provisioning().catch((error: unknown) => {
      if (this.#end.signal.aborted) throw error;
      return { isProvisioned: false, addresses: [] }; // the line works, whatever the rest of the box does
    });
    this.#sendState(isProvisioned ? state.provisioned : state.authorized);
    if (isProvisioned) this.#sendResult(rpc.state, addresses);
  }

  async #tellInfo(): Promise<void> {
    const name = await this.#status().then(
      ({ device }) => device.name,
      () => 'Onair',
    );
    const { hardware, osName, osVersion } = await readMachine('/');
    this.#sendResult(rpc.info, ['Onair', version, hardware, name, osName, osVersion]);
  }

  async #scan(): Promise<void> {
    const { networks } = await this.#call(scanWifi, { timeoutMs: scanWifi.timeoutMs - 2_000 });
    for (const { ssid, signalPercent, secured } of networks)
      this.#sendResult(rpc.scan, [ssid, String(dbmOf(signalPercent)), secured ? 'YES' : 'NO']);
    this.#sendResult(rpc.scan, []);
  }

  async #hostname(payload: Uint8Array): Promise<void> {
    if (payload.length > 0) {
      const hostname = decodeText(payload)?.toLowerCase();
      await this.#set({ network: { hostname } }, fault.badHostname);
    }
    this.#sendResult(rpc.hostname, [(await this.#status()).device.hostname]);
  }

  async #deviceName(payload: Uint8Array): Promise<void> {
    if (payload.length > 0) await this.#set({ device: { name: decodeText(payload) } }, fault.malformed);
    this.#sendResult(rpc.deviceName, [(await this.#status()).device.name]);
  }

  /** @throws ImprovFault with `refused` where the value will not do */
  async #set(patch: Record<string, unknown>, refused: number): Promise<void> {
    try {
      await this.#call(changeSettings, { body: patch });
    } catch (error) {
      if (error instanceof ApiError && error.status === 400) throw new ImprovFault(refused);
      throw error;
    }
  }

  /** In a Wi-Fi network; a box without a radio counts by its cable. */
  async #provisioning(): Promise<{ isProvisioned: boolean; addresses: string[] }> {
    const [status, wifi] = await Promise.all([this.#status(), this.#call(getWifi, {})]);
    const addresses = pageAddresses(status);
    const isProvisioned = wifi.available ? wifi.connected !== null : true;
    return { isProvisioned: isProvisioned && addresses.length > 0, addresses };
  }

  async #status(): Promise<LinkStatusBody> {
    return await this.#call(getStatus, {});
  }

  async #call<E extends Endpoint>(
    endpoint: E,
    call: Omit<CallOf<E>, 'signal'>,
  ): Promise<AnswerOf<E, 'operator'>> {
    const timeoutMs = call.timeoutMs ?? answerWithinMs;
    const whole = { ...call, timeoutMs, signal: this.#end.signal } as unknown as CallOf<E>;
    return await this.#deps.box.call(endpoint, ...([whole] as CallArguments<E>));
  }

  #sendState(code: number): void {
    this.#send(packetType.currentState, Buffer.from([code]));
  }

  #sendFault(code: number): void {
    this.#send(packetType.errorState, Buffer.from([code]));
  }

  #sendResult(command: number, strings: readonly string[]): void {
    const data = encodeStrings(strings);
    this.#send(packetType.rpcResult, Buffer.concat([Buffer.from([command, data.length]), data]));
  }

  #send(type: number, data: Uint8Array): void {
    if (!this.#end.signal.aborted) this.#deps.writer.toBrowser(encodePacket({ type, data }));
  }
}

/** As Windows and NetworkManager reckon: 100 % is -50 dBm. */
function dbmOf(signalPercent: number): number {
  return Math.round(signalPercent / 2 - 100);
}
