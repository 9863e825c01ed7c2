import { join } from 'node:path';
import { build } from 'esbuild';
import type { ImprovSerial } from 'improv-wifi-serial-sdk/dist/serial.js';
import { checkout } from './command.ts';

type ImprovModule = { ImprovSerial: new (port: unknown, logger: unknown) => ImprovSerial };

/** The official client as it is published; its modules are meant for bundlers, so it goes through one. */
export async function loadImprovClient(): Promise<ImprovModule> {
  const entry = join(checkout, 'node_modules/improv-wifi-serial-sdk/dist/serial.js');
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, format: 'esm', write: false });
  const text = Buffer.from(outputFiles[0]?.contents ?? '').toString('base64');
  return (await import(`data:text/javascript;base64,${text}`)) as ImprovModule;
}

/** What Web Serial's SerialPort is to a page, over any wire. */
export function webSerialPort(wire: {
  write(bytes: Uint8Array): void;
  onData(hear: (bytes: Buffer) => void): void;
}) {
  return {
    readable: new ReadableStream<Uint8Array>({
      start: (controller) => wire.onData((bytes) => controller.enqueue(new Uint8Array(bytes))),
    }),
    writable: new WritableStream<Uint8Array>({ write: (bytes) => wire.write(bytes) }),
  };
}
