import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { Appliance } from '../test/support/appliance.ts';
import { percentile } from '../test/support/percentile.ts';
import type { Ask, Told } from './fan-out-clients.ts';
import { processorSeconds } from './process-figures.ts';
import type { Report } from './report.ts';

/** What changes, and how it sounds on the wire: the bare loop sends the same. */
interface FanOut {
  name: string;
  path: string;
  marker: string;
  /** How long the box collects changes. */
  batchMs: number;
}

/** Clients in a process of their own. */
class Clients {
  readonly #child: ChildProcess = fork(fileURLToPath(new URL('fan-out-clients.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });

  async open(open: Extract<Ask, { open: object }>['open']): Promise<void> {
    await this.#ask({ open });
  }

  /** Times at which the clients heard of what `change` did, in ms after it, in order. */
  async hear(change: () => Promise<void>): Promise<number[]> {
    await this.#ask({ arm: true });
    const heard = this.#told();
    const changedAtMs = Number(process.hrtime.bigint()) / 1e6;
    await change();
    const told = await heard;
    return 'heardAtMs' in told ? told.heardAtMs.map((atMs) => atMs - changedAtMs) : [];
  }

  close(): void {
    this.#child.kill();
  }

  async #ask(ask: Ask): Promise<Told> {
    const told = this.#told();
    this.#child.send(ask);
    return await told;
  }

  #told(): Promise<Told> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const settle = (told: Told | null): void => {
        clearTimeout(timer);
        child.off('message', settle);
        child.off('exit', gone);
        if (told) resolve(told);
        else reject(new Error('the clients heard nothing'));
      };
      const gone = (): void => settle(null);
      const timer = setTimeout(gone, 60_000);
      child.on('message', settle);
      child.on('exit', gone);
    });
  }
}

/** One more client comes, then goes: two changes. */
async function comeAndGo(url: string, clients: Clients): Promise<number[][]> {
  let socket: WebSocket | null = null;
  const came = await clients.hear(async () => {
    socket = new WebSocket(url);
    await once(socket, 'open');
  });
  const went = await clients.hear(async () => (socket as WebSocket | null)?.terminate());
  return [came, went];
}

interface Server {
  pid: number;
  /** A client of this address is a change. */
  changeUrl: string;
  clients: Clients;
  rounds: number[][];
  processorSeconds: number;
}

async function round(server: Server): Promise<void> {
  const before = processorSeconds(server.pid);
  server.rounds.push(...(await comeAndGo(server.changeUrl, server.clients)));
  server.processorSeconds += processorSeconds(server.pid) - before;
}

/** How fast a change reaches 1,000 clients, beside a bare loop that sends the same bytes in the same run. */
export async function measureFanOut({ report, quick }: { report: Report; quick: boolean }): Promise<void> {
  const count = quick ? 200 : 1_000;
  const appliance = await Appliance.start({ settings: { viewing: { maxViewers: 10_000 } } });
  try {
    const origin = await appliance.origin();
    const { stream } = await appliance.status();
    const answer = await fetch(`${origin}/api/v1/streams/${stream.id}/tokens`, { method: 'POST' });
    const { token } = (await answer.json()) as { token: string };
    for (const fanOut of [
      { name: 'LANCast status', path: '/ws', marker: '"status"', batchMs: 10 },
      {
        name: 'Nova viewer count',
        path: `/api/v1/streams/${stream.id}/ws?token=${token}`,
        marker: 'viewer_count_changed',
        batchMs: 50,
      },
    ])
      await compare(report, appliance, fanOut, count, quick ? 5 : 40);
  } finally {
    await appliance.close();
  }
}

async function compare(
  report: Report,
  appliance: Appliance,
  fanOut: FanOut,
  count: number,
  rounds: number,
): Promise<void> {
  const { port } = new URL(await appliance.origin());
  const pid = (await appliance.status()).daemons.control?.pid ?? 0;
  const text = await sampleOf(`ws://127.0.0.1:${port}${fanOut.path}`, fanOut.marker);
  const bare = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      fileURLToPath(new URL('fan-out-bare.ts', import.meta.url)),
      text,
      String(fanOut.batchMs),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [barePort] = await once(createInterface({ input: bare.stdout }), 'line');
  const servers: Record<'box' | 'bare', Server> = {
    // A LANCast viewer more or less is news for both.
    box: {
      pid,
      changeUrl: `ws://127.0.0.1:${port}/ws`,
      clients: new Clients(),
      rounds: [],
      processorSeconds: 0,
    },
    bare: {
      pid: bare.pid ?? 0,
      changeUrl: `ws://127.0.0.1:${barePort}/change`,
      clients: new Clients(),
      rounds: [],
      processorSeconds: 0,
    },
  };
  try {
    await servers.box.clients.open({ port: Number(port), path: fanOut.path, count, marker: fanOut.marker });
    await servers.bare.clients.open({ port: Number(barePort), path: '/', count, marker: fanOut.marker });
    await round(servers.box); // what newcomers are told is over, and both are warm
    await round(servers.bare);
    for (const server of Object.values(servers)) Object.assign(server, { rounds: [], processorSeconds: 0 });
    for (let done = 0; done < rounds; done += 1) {
      await round(servers.box);
      await round(servers.bare);
    }
  } finally {
    for (const server of Object.values(servers)) server.clients.close();
    bare.kill();
  }
  const figures = Object.fromEntries(
    Object.entries(servers).map(([name, server]) => [name, figuresOf(server, fanOut.batchMs)]),
  );
  for (const [name, { lastMs, rate, processorMs }] of Object.entries(figures)) {
    report.add({
      section: 'fan-out',
      name: `${fanOut.name}, ${count} clients, ${name}: change → last has it, median`,
      value: lastMs,
      unit: 'ms',
      note: `${Math.round(rate)} messages/s once it begins, ${processorMs.toFixed(1)} ms of processor for a change`,
    });
  }
  const share = (figures.box?.rate ?? 0) / (figures.bare?.rate ?? 1);
  report.add({
    section: 'fan-out',
    name: `${fanOut.name}: time to send, of the bare loop's`,
    value: 1 / share,
    unit: 'times',
    goal: 1.11,
    note: `${share.toFixed(2)} of its rate`,
  });
}

/** Both collect changes for `batchMs`: what comes after that is the sending. */
function figuresOf({ rounds, processorSeconds: seconds }: Server, batchMs: number) {
  const lastMs = percentile(
    rounds.map((heard) => heard.at(-1) ?? 0),
    0.5,
  );
  const sendingMs = percentile(
    rounds.map((heard) => (heard.at(-1) ?? 0) - batchMs),
    0.5,
  );
  return {
    lastMs,
    rate: ((rounds[0]?.length ?? 0) / sendingMs) * 1_000,
    processorMs: (seconds / rounds.length) * 1_000,
  };
}

/** One message as the box sends it. */
async function sampleOf(url: string, marker: string): Promise<string> {
  const socket = new WebSocket(url);
  try {
    for (;;) {
      const [data] = await once(socket, 'message', { signal: AbortSignal.timeout(10_000) });
      if (String(data).includes(marker)) return String(data);
    }
  } finally {
    socket.terminate();
  }
}
