import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordingState } from '#core/protocol/endpoints/recordings.ts';
import type { UpdateBody } from '#core/protocol/endpoints/update.ts';
import { Appliance } from '../support/appliance.ts';
import type { RecordedDisk } from './recorded-disk.ts';

/** What the box has said that it keeps. */
export type Acknowledged = {
  /** From here on in the log of writes it has to be there. */
  position: number;
} & (
  | { kind: 'setting'; number: number }
  | { kind: 'output' | 'operator' | 'device'; name: string }
  | { kind: 'recording'; id: string; seconds: number }
  | { kind: 'update'; version: string }
);

/** Where the box keeps its state on the disk. */
export const stateFolder = 'state';
const settingsChanges = 40;
const recordedSeconds = 30;
const updateWithinMs = 180_000;
const newVersion = '99.0.0';

/** A box's first day on a disk: first start, settings, outputs, pairing, enrolling, a broadcast that is recorded, an update. */
export async function firstDay(disk: RecordedDisk, work: string): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = join(work, 'key.pem');
  await writeFile(key, publicKey.export({ type: 'spki', format: 'pem' }));
  const stateDirectory = join(disk.folder, stateFolder);
  await mkdir(stateDirectory);
  const appliance = await Appliance.start({ stateDirectory, environment: { ONAIR_UPDATE_KEY: key } });
  const change = (settings: object) => appliance.call('PATCH', '/api/v1/settings', settings);
  let number = 0;
  async function changeSettings(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) {
      number += 1;
      await change({ broadcast: { description: `${number}` } });
      acknowledged.push({ position: await disk.position(), kind: 'setting', number });
    }
  }
  try {
    await change({
      video: { width: 320, height: 180, framesPerSecond: 10, bitrateKbps: 300 },
      recording: { mode: 'manual', keepFreeMB: 50 },
    });
    await changeSettings(settingsChanges);
    for (const name of ['One', 'Two', 'Three']) {
      const url = `rtmp://127.0.0.1:1/live/${name}`;
      await appliance.call('POST', '/api/v1/outputs', { name, url, enabled: false });
      acknowledged.push({ position: await disk.position(), kind: 'output', name });
      await appliance.call('POST', '/api/v1/devices', { id: name.toLowerCase(), name });
      acknowledged.push({ position: await disk.position(), kind: 'device', name });
      await pairAs(appliance, name);
      acknowledged.push({ position: await disk.position(), kind: 'operator', name });
      await changeSettings(3);
    }
    await record();
    await update();
    await changeSettings(5);
  } catch (error) {
    throw new Error(`${error}\n${await appliance.logs()}`);
  } finally {
    await appliance.close({ keepState: true });
  }
  return acknowledged;

  async function record(): Promise<void> {
    await appliance.call('POST', '/api/v1/broadcast');
    await appliance.until(({ broadcast }) => broadcast.state === 'live', 60_000);
    await appliance.call('POST', '/api/v1/recording');
    for (let seconds = 0; seconds < recordedSeconds; ) {
      const state = (await appliance.call('GET', '/api/v1/recording')) as RecordingState;
      const position = await disk.position();
      if (state.id !== null) {
        seconds = state.durationSeconds;
        acknowledged.push({ position, kind: 'recording', id: state.id, seconds });
      }
      await delay(500);
      if (Math.floor(seconds) % 3 === 0) await changeSettings(1);
    }
    await appliance.call('DELETE', '/api/v1/recording');
    await appliance.call('DELETE', '/api/v1/broadcast');
    await appliance.until(({ broadcast }) => broadcast.state === 'offline', 60_000);
  }

  async function update(): Promise<void> {
    const payload = JSON.stringify({ compatible: 'onair-virtual', version: newVersion });
    const signature = sign(null, Buffer.from(payload), privateKey).toString('base64');
    const bundle = join(work, 'update.raucb');
    await writeFile(bundle, JSON.stringify({ payload, signature }));
    const { exitCode, stderr } = await appliance.onair('update', bundle);
    if (exitCode !== 0) throw new Error(`the update was refused: ${stderr}`);
    const deadlineMs = Date.now() + updateWithinMs;
    for (;;) {
      const body = (await appliance.call('GET', '/api/v1/update').catch(() => null)) as UpdateBody | null;
      if (body?.state === 'committed') break;
      if (Date.now() > deadlineMs) throw new Error(`the update is not done: ${JSON.stringify(body)}`);
      await delay(200);
    }
    acknowledged.push({ position: await disk.position(), kind: 'update', version: newVersion });
  }
}

async function pairAs(appliance: Appliance, name: string): Promise<void> {
  const { code } = (await appliance.call('POST', '/api/v1/pairing/code')) as { code: string };
  const response = await fetch(`${await appliance.origin()}/api/v1/pairing`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, code, as: 'token' }),
  });
  if (response.status !== 201) throw new Error(`pairing: ${response.status} ${await response.text()}`);
}
