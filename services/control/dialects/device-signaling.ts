import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { deviceChannel } from '#core/protocol/channels/signaling-device.ts';
import type { Unstamped } from '#core/protocol/link/daemon.ts';
import type { DeviceToServer, ServerToDevice } from '#core/protocol/signaling.ts';
import { decodeFromDevice, encodeToDevice, type SignalToDevice } from '#core/protocol/watch-signal.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { bearerOf } from '../access/request-credentials.ts';
import type { DeviceConnection, DeviceSwitchboard } from '../hub/device-switchboard.ts';
import type { Connection } from '../sockets/connection.ts';
import type { ConnectionEnd, Dialect, DialectSession, Upgrade } from '../sockets/dialect.ts';
import { encode, helloTimeoutMs, policyViolation, requestIdOf } from './signaling-words.ts';

interface Principal {
  key: string | null;
}

interface Services {
  switchboard: DeviceSwitchboard;
  clock: Clock;
  logger: Logger;
}

/** `/ws/device` (signaling.md, "Device Messages"): other boxes that join this one as their hub. */
export class DeviceSignaling implements Dialect<DeviceToServer, Principal> {
  readonly channel = deviceChannel;
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** The key comes with the upgrade; whether it is right, the document says after hello. */
  authorize({ request }: Upgrade): Principal {
    return { key: bearerOf(request) };
  }

  open(connection: Connection, { key }: Principal): DialectSession<DeviceToServer> {
    return new DeviceSession(connection, key, this.#services);
  }
}

class DeviceSession implements DialectSession<DeviceToServer>, DeviceConnection {
  readonly #connection: Connection;
  readonly #key: string | null;
  readonly #services: Services;
  readonly #cancelHello: () => void;
  #deviceId: string | null = null;
  #greeting = false;
  #helloRequestId: string | undefined;

  constructor(connection: Connection, key: string | null, services: Services) {
    this.#connection = connection;
    this.#key = key;
    this.#services = services;
    this.#cancelHello = services.clock.after(helloTimeoutMs, () => this.#refuseHello('hello expected', null));
  }

  readonly own = false;

  get online(): boolean {
    return this.#connection.open;
  }

  receive(message: DeviceToServer): void {
    if (message.type === 'hello') {
      void this.#greet(message.payload.device_id, message.request_id);
      return;
    }
    const deviceId = this.#deviceId;
    if (deviceId === null) throw new OnairError('unauthorized', 'Unauthorized');
    if (message.type === 'heartbeat') {
      this.#say({ type: 'heartbeat_ack', payload: {}, request_id: message.request_id });
      this.#inBackground(this.#services.switchboard.touch(deviceId, null), message.request_id);
    } else if (message.type === 'device_presence') {
      this.#inBackground(this.#services.switchboard.touch(deviceId, message.payload), message.request_id);
    } else {
      this.#inBackground(
        this.#services.switchboard.relay(deviceId, decodeFromDevice(message)),
        message.request_id,
      );
    }
  }

  refuse(error: OnairError, raw: unknown): void {
    this.#say({ type: 'error', payload: { message: error.message }, request_id: requestIdOf(raw) });
    if (this.#deviceId === null && !this.#greeting) this.#refuseHello('Unauthorized', null);
  }

  closed(how: ConnectionEnd): void {
    this.#cancelHello();
    if (this.#deviceId !== null && how !== 'restart')
      this.#inBackground(this.#services.switchboard.disconnect(this.#deviceId, this), undefined);
  }

  greet(): void {
    this.#say({
      type: 'hello_ack',
      payload: {
        device_id: this.#deviceId ?? '',
        server_time: new Date(this.#services.clock.nowMs()).toISOString(),
      },
      request_id: this.#helloRequestId,
    });
  }

  dismiss(reason: string): void {
    this.#connection.close(policyViolation, reason);
  }

  send(signal: SignalToDevice): void {
    this.#say(encodeToDevice(signal));
  }

  async #greet(deviceId: string, requestId: string | undefined): Promise<void> {
    if (this.#greeting || this.#deviceId !== null) {
      this.#say({ type: 'error', payload: { message: 'hello was said already' }, request_id: requestId });
      return;
    }
    this.#greeting = true;
    this.#helloRequestId = requestId;
    const { switchboard } = this.#services;
    try {
      await switchboard.admit(deviceId, this.#key);
      if (!this.#connection.open) return;
      this.#cancelHello();
      this.#deviceId = deviceId;
      await switchboard.connect(deviceId, this);
    } catch (error) {
      const known = error instanceof OnairError ? error : null;
      if (!known) this.#services.logger.error({ err: error }, 'a device could not be greeted');
      this.#say({
        type: 'error',
        payload: { message: known?.message ?? 'Internal error' },
        request_id: requestId,
      });
      if (known && known.code !== 'unavailable') this.#refuseHello(known.message, deviceId);
      else this.#connection.close(1011, 'Server error');
    }
  }

  #refuseHello(why: string, deviceId: string | null): void {
    const { remoteAddress } = this.#connection;
    this.#services.logger.warn({ remoteAddress, deviceId, why }, 'a device was refused');
    this.#connection.close(policyViolation, why);
  }

  #inBackground(work: Promise<void>, request_id: string | undefined): void {
    work.catch((error) => {
      if (error instanceof OnairError)
        this.#say({ type: 'error', payload: { message: error.message }, request_id });
      else this.#services.logger.error({ err: error }, "a device's message failed");
    });
  }

  #say(message: Unstamped<ServerToDevice>): void {
    this.#connection.send(encode(message, this.#services.clock.nowMs()));
  }
}
