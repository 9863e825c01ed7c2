import { z } from 'zod';
import { command } from '#operator/command.ts';
import type { CliContext } from '../context.ts';
import { runDemo } from '../demo/demo.ts';

const params = z.strictObject({
  port: z.string().optional(),
  httpsPort: z.string().optional(),
  source: z.string().optional(),
  verbose: z.boolean().default(false),
});
const result = z.null();

export const demoCommand = command<typeof params, typeof result, CliContext>({
  method: 'demo',
  summary: 'Run the whole appliance here, with a virtual board',
  arguments: [],
  options: {
    port: { summary: 'Port of the web page (8080)', value: 'N' },
    'https-port': { summary: 'Its port with TLS (8443)', value: 'N' },
    source: { summary: 'test (default), auto, csi, file:PATH, v4l2:/dev/videoN, …', value: 'SOURCE' },
    verbose: { summary: 'Show the services’ logs' },
  },
  params,
  result,
  run: async ({ port, httpsPort, source, verbose }, { state }) => {
    await runDemo({ port, httpsPort, source, state, verbose });
    return null;
  },
  show: () => '',
});
