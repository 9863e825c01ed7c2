import type { Engine, EngineOptions } from './engine.ts';
import { EngineError } from './udp-port.ts';

export type EngineName = 'node-datachannel' | 'werift';

/**
 * Starts the engine of that name. Only then is its code loaded: the other one costs no memory.
 * @throws EngineError if the port can't be had or the library can't be loaded on this machine
 */
export async function loadEngine(name: EngineName, options: EngineOptions): Promise<Engine> {
  const { start } = await load(name);
  return await start(options);
}

async function load(name: EngineName): Promise<{ start: (options: EngineOptions) => Promise<Engine> }> {
  try {
    return name === 'werift'
      ? (await import('./werift-engine.ts')).WeriftEngine
      : (await import('./node-datachannel-engine.ts')).NodeDatachannelEngine;
  } catch (error) {
    throw new EngineError(
      {
        code: 'webrtc-engine-missing',
        message: `The WebRTC engine ${name} can't be loaded on this machine.`,
        action: `Run npm install, or set webrtc.engine to ${name === 'werift' ? 'node-datachannel' : 'werift'}.`,
      },
      { cause: error },
    );
  }
}
