import t, { type Test } from 'tap';
import { decodeStrings, encodeStrings } from '#console/browsers/improv-strings.ts';
import { encodePacket } from '#console/line/improv-packet.ts';
import { consoleOnPty } from '../support/console-host.ts';
import { Refusal } from '../support/fake-control.ts';
import { loadImprovClient, webSerialPort } from '../support/improv-client.ts';
import type { Pty } from '../support/pty.ts';

t.setTimeout(60_000);

/** The packets that came, as hex of type and data. */
class PacketEar {
  #bytes = Buffer.alloc(0);
  #packets: string[] = [];
  #waiting: (() => void)[] = [];

  constructor(pty: Pty) {
    pty.onData((bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#parse();
      for (const one of this.#waiting.splice(0)) one();
    });
  }

  async take(count: number): Promise<string[]> {
    while (this.#packets.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#packets.splice(0, count);
  }

  #parse(): void {
    for (;;) {
      const at = this.#bytes.indexOf('\nIMPROV\u0001', 0, 'latin1');
      const length = at < 0 ? undefined : this.#bytes[at + 9];
      if (length === undefined || this.#bytes.length < at + 12 + length) return;
      const packet = this.#bytes.subarray(at + 1, at + 10 + length);
      const sum = packet.reduce((total, byte) => total + byte, 0) & 0xff;
      const tail = this.#bytes.subarray(at + 10 + length, at + 12 + length);
      const isRight = tail[0] === sum && tail[1] === 0x0a;
      const text = `${packet[7]} ${packet.subarray(9).toString('hex')}`;
      this.#packets.push(isRight ? text : `broken ${text}`);
      this.#bytes = this.#bytes.subarray(at + 12 + length);
    }
  }
}

async function browser(t: Test, options: { control?: boolean } = {}) {
  const made = await consoleOnPty(t, options);
  const ear = new PacketEar(made.pty);
  const rpc = (command: number, data: Uint8Array = Buffer.alloc(0)): void => {
    const bytes = encodePacket({ type: 3, data: Buffer.concat([Buffer.from([command, data.length]), data]) });
    made.host.send(bytes.subarray(1)); // as clients send it: without a line end before it
  };
  return { ...made, ear, rpc };
}

const result = (command: number, ...strings: string[]): string => {
  const data = Buffer.from(encodeStrings(strings)).toString('hex');
  return `4 ${Buffer.from([command, data.length / 2]).toString('hex')}${data}`;
};
const [none, malformed, unknownCommand, cannotConnect, badHostname, unknown] = [0, 1, 2, 3, 5, 0xff].map(
  (code) => `2 ${Buffer.from([code]).toString('hex')}`,
);
const [authorized, provisioning, provisioned] = [2, 3, 4].map((code) => `1 0${code}`);

t.test('the test vector of the specification is answered to the byte', async (t) => {
  const { host, ear } = await browser(t);
  host.send(Buffer.from('494d50524f56010302020 0e50a'.replace(' ', ''), 'hex'));
  t.same(await ear.take(2), [none, authorized]);
});

t.test('all six commands', async (t) => {
  const { host, ear, rpc, control } = await browser(t);
  await host.until('onair> ');
  rpc(3);
  const [first, info = ''] = await ear.take(2);
  t.equal(first, none, 'an RPC is first answered by error 00');
  const strings = decodeStrings(Buffer.from(info.slice(6), 'hex'));
  t.match(strings, ['Onair', /^\d+\.\d+\.\d+$/, /\S/, 'Stage', /\S/, String]);
  rpc(4);
  t.same(await ear.take(4), [
    none,
    result(4, 'Kitchen', '-60', 'YES'),
    result(4, 'Café au lait', '-84', 'NO'),
    result(4),
  ]);
  rpc(5);
  t.same(await ear.take(2), [none, result(5, 'onair')]);
  rpc(5, Buffer.from('Stage-2'));
  t.same(await ear.take(2), [none, result(5, 'stage-2')]);
  t.equal(control.settings.network?.hostname, 'stage-2');
  rpc(5, Buffer.from('not a host'));
  t.same(await ear.take(2), [none, badHostname]);
  rpc(6, Buffer.from('Bühne'));
  t.same(await ear.take(2), [none, result(6, 'Bühne')]);
  rpc(6);
  t.same(await ear.take(2), [none, result(6, 'Bühne')]);
  rpc(1, encodeStrings(['Kitchen', 'bad passphrase']));
  t.same(await ear.take(4), [none, provisioning, authorized, cannotConnect]);
  rpc(1, encodeStrings(['Kitchen', 'good passphrase']));
  t.same(await ear.take(4), [
    none,
    provisioning,
    provisioned,
    result(1, 'http://stage-2.local', 'http://192.168.1.20'),
  ]);
  rpc(2);
  t.same(await ear.take(3), [none, provisioned, result(2, 'http://stage-2.local', 'http://192.168.1.20')]);
  rpc(1, encodeStrings(['Kitchen', 'bad passphrase']));
  t.same(
    await ear.take(4),
    [none, provisioning, provisioned, cannotConnect],
    'still in the network it was in',
  );
  rpc(1, encodeStrings(['Café au lait', '']));
  t.match(await ear.take(4), [none, provisioning, provisioned]);
});

t.test('a box without a radio is provisioned by its cable', async (t) => {
  const { ear, rpc, control } = await browser(t);
  control.wifi = { ...control.wifi, available: false };
  rpc(2);
  t.same(await ear.take(3), [none, provisioned, result(2, 'http://onair.local', 'http://192.168.1.20')]);
  control.status.device.address = null;
  rpc(2);
  t.same(await ear.take(2), [none, authorized]);
});

t.test('what is wrong', async (t) => {
  const { host, ear, rpc, control } = await browser(t);
  rpc(9);
  t.same(await ear.take(2), [none, unknownCommand]);
  rpc(1, Buffer.from([40, 1, 2]));
  t.same(await ear.take(2), [none, malformed]);
  rpc(1, encodeStrings(['', 'x']));
  t.same(await ear.take(2), [none, malformed]);
  rpc(1, encodeStrings(['a', 'b', 'c']));
  t.same(await ear.take(2), [none, malformed]);
  host.send(encodePacket({ type: 3, data: Buffer.from([2]) }));
  t.same(await ear.take(1), [malformed]);
  host.send(encodePacket({ type: 3, data: Buffer.from([2, 7]) }));
  t.same(await ear.take(1), [malformed]);
  host.send(encodePacket({ type: 4, data: Buffer.from([2, 0]) }));
  host.send(encodePacket({ type: 2, data: Buffer.from([0]) }));
  const broken = Buffer.from(encodePacket({ type: 3, data: Buffer.from([2, 0]) }));
  broken[12] = 0;
  host.send(broken);
  t.same(await ear.take(1), [malformed], 'what a box says is not answered, a wrong sum is');
  control.overrides['POST /api/v1/wifi/scan'] = () => {
    throw new Refusal(503, 'unavailable', 'No radio.');
  };
  rpc(4);
  t.same(await ear.take(2), [none, unknown]);
});

t.test('without control the box is still found', async (t) => {
  const { ear, rpc } = await browser(t, { control: false });
  rpc(2);
  t.same(await ear.take(2), [none, authorized]);
  rpc(3);
  const [, info = ''] = await ear.take(2);
  t.match(decodeStrings(Buffer.from(info.slice(6), 'hex')), ['Onair', String, String, 'Onair']);
  rpc(4);
  t.same(await ear.take(2), [none, unknown]);
});

t.test('strings that do not fit are cut at a character', async (t) => {
  const name = 'ü'.repeat(200);
  const [cut = ''] = decodeStrings(encodeStrings([name, 'rest'])) ?? [];
  t.equal(cut, 'ü'.repeat(126));
  t.ok(encodeStrings([name, name]).length <= 253);
  t.equal(decodeStrings(Buffer.from([3, 65, 66])), null);
  t.equal(decodeStrings(Buffer.from([1, 0xff])), null);
});

t.test('the official client, with a person’s half-written line before it', async (t) => {
  const { host, pty, control } = await consoleOnPty(t);
  await host.until('onair> ');
  host.send('set device.na');
  await host.until('device.na');
  const { ImprovSerial } = await loadImprovClient();
  const messages: unknown[] = [];
  const logger = { log: () => {}, debug: () => {}, error: (...words: unknown[]) => messages.push(words) };
  const client = new ImprovSerial(webSerialPort(pty), logger);
  t.teardown(() => client.close());
  // Its own second would be short on a busy machine.
  const info = await client.initialize(5_000);
  t.match(info, { firmware: 'Onair', name: 'Stage', version: String, chipFamily: String, osName: String });
  t.equal(client.state, 2);
  t.same(await client.scan(), [
    { name: 'Café au lait', rssi: -84, secured: false },
    { name: 'Kitchen', rssi: -60, secured: true },
  ]);
  t.equal(await client.getHostname(), 'onair');
  t.equal(await client.setHostname('studio'), 'studio');
  t.equal(await client.setHostname('not a name').catch(String), 'BAD_HOSTNAME');
  t.equal(await client.setDeviceName('Bühne'), 'Bühne');
  t.equal(await client.getDeviceName(), 'Bühne');
  t.equal(await client.provision('Kitchen', 'wrong words').catch(String), 'UNABLE_TO_CONNECT');
  t.equal(client.state, 2);
  await client.provision('Kitchen', 'good passphrase');
  t.equal(client.state, 4);
  t.equal(client.nextUrl, 'http://studio.local');
  await client.requestCurrentState();
  t.equal(client.nextUrl, 'http://studio.local');
  t.equal(await client.requestNetworkState().catch(String), 'UNKNOWN_RPC_COMMAND', 'optional');
  const networks = new Promise((resolve) => {
    const end = client.subscribeSSIDs((found) => {
      resolve(found);
      void end();
    });
  });
  t.match(await networks, [{ name: 'Café au lait' }, { name: 'Kitchen' }]);
  t.same(messages, [], 'it had nothing to complain of');
  t.match(control.wifi.connected, { ssid: 'Kitchen' });
  host.send('\u0003');
  await host.until('^C\r\nonair> ');
  t.match(await host.type('get device.name'), /Bühne/, 'the person goes on');
});
