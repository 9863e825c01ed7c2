import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Test } from 'tap';
import { ApiClient } from '#core/protocol/client.ts';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { shortFolder } from './short-folder.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** Something on the link's socket that answers as the test says. */
export async function fakeBox(t: Test, answers: Record<string, Answer>) {
  const paths = pathsFrom({ ONAIR_STATE: await shortFolder(t) });
  const asked: { request: string; body: string }[] = [];
  const streams = new Set<Socket>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const key = `${request.method} ${request.url}`;
    asked.push({ request: key, body });
    const answer = answers[key];
    if (answer) answer(request, response, body);
    else response.writeHead(404).end('{"title":"Not here."}');
  });
  server.on('connection', (stream) => {
    streams.add(stream);
    stream.on('close', () => streams.delete(stream));
  });
  server.listen(paths.controlSocket);
  await once(server, 'listening');
  t.teardown(async () => {
    for (const stream of streams) stream.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  /** Resolves once nobody is connected any more. */
  const left = async (): Promise<void> => {
    for (let [one] = streams; one !== undefined; [one] = streams) await once(one, 'close');
  };
  return { paths, api: new ApiClient<'operator'>(linkTransport(paths.controlSocket)), asked, left };
}

export const json =
  (status: number, body: unknown): Answer =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

/** A status of the link with these changes. */
export function linkStatus(broadcast: Partial<LinkStatusBody['broadcast']> = {}): LinkStatusBody {
  return {
    device: {
      id: 'box-1',
      name: 'Stage',
      hostname: 'onair',
      address: 'http://192.168.1.20',
      version: '0.1.0',
    },
    stream: {
      ...{ id: 's', title: 'Live', description: '', sound: true, quality: '720p', width: 1280, height: 720 },
      ...{ framesPerSecond: 30, bitrateKbps: 2_950, replayFrom: null },
    },
    broadcast: { state: 'offline', startTime: null, reason: null, ...broadcast },
    audience: { viewers: 1, peak: 3, max: 10 },
    telemetry: { batteryPercent: null, temperatureCelsius: null, throttled: false, underVoltage: false },
    daemons: { control: { pid: 1, up: true }, media: { pid: null, up: false } },
    advancing: true,
    ports: { http: 80, https: 443, webrtc: 8189, rtsp: 8554 },
    usbAddress: null,
    powerConditions: [],
    issueReports: 0,
    outputs: [],
    webrtc: null,
    problems: [],
  };
}
