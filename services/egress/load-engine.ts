import type { Engine, EngineOptions } from './engine.ts';
import { findWebRtcAddon } from './native-addon.ts';
import { EngineError } from './udp-port.ts';

export type EngineName = 'native' | 'node-datachannel' | 'werift';

/**
 * Starts the engine of that name. Only then is its code loaded: the other one costs no memory.
 * @throws EngineError if the port can't be had or the library can't be loaded on this machine
 */
export async function loadEngine(name: EngineName, options: EngineOptions): Promise<Engine> {
  if (name === 'native') return await startNative(options);
  return await (await load(name)).start(options);
}

/** Our own engine; where its addon was not compiled, or its libraries are missing, node-datachannel stands in. */
async function startNative(options: EngineOptions): Promise<Engine> {
  const addon = findWebRtcAddon();
  if (addon === null) return await (await load('node-datachannel')).start(options);
  const { NativeEngine } = await import('./native-engine.ts');
  const { RelayingEngine } = await import('./relaying-engine.ts');
  return new RelayingEngine(await NativeEngine.start(addon, options), () =>
    loadEngine('node-datachannel', { ...options, port: 0 }),
  );
}

async function load(
  name: Exclude<EngineName, 'native'>,
): Promise<{ start: (options: EngineOptions) => Promise<Engine> }> {
  try {
    switch (name) {
      case 'node-datachannel':
        return (await import('./node-datachannel-engine.ts')).NodeDatachannelEngine;
      case 'werift':
        return (await import('./werift-engine.ts')).WeriftEngine;
    }
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
