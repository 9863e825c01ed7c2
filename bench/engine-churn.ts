// A process of its own, started as the daemons are (systemd/daemon.env): the native engine alone, and viewers that come,
// get a picture and go, told by arguments.
//   node --import tsx bench/engine-churn.ts SESSIONS [EVERY]
// The viewers are in processes of their own (this file with "viewers"): what they leak is theirs.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { daemonStart } from '#cli/demo/daemon-start.ts';
import { loadEngine } from '#egress/load-engine.ts';
import { writeAnswer } from '#egress/sdp/answer.ts';
import { readOffer } from '#egress/sdp/viewer-offer.ts';
import { picture, streams } from '../test/support/engine-watch.ts';
import { WebRtcViewer } from '../test/support/webrtc-viewer.ts';

const file = fileURLToPath(import.meta.url);
const atOnce = 5;
/** libdatachannel's own closed connections add up in the viewers' process: it is replaced after so many. */
const viewersPerProcess = 2_500;

async function serveViewers(): Promise<void> {
  const viewers = new Map<number, WebRtcViewer>();
  process.on('message', ({ id, answer }: { id: number; answer: string | null }) => {
    if (answer === null) {
      const viewer = new WebRtcViewer({ bindAddress: '127.0.0.1', audio: false });
      viewers.set(id, viewer);
      void viewer.offer({ bare: true }).then((offer) => process.send?.({ id, offer }));
      return;
    }
    const viewer = viewers.get(id);
    if (!viewer) return;
    viewer.accept(answer);
    void viewer
      .until('video', () => viewer.video.length > 0)
      .then(
        () => 'seen',
        () => 'missed',
      )
      .then((end) => {
        viewer.close();
        viewers.delete(id);
        process.send?.({ id, end });
      });
  });
}

async function churn(sessions: number, every: number): Promise<void> {
  const engine = await loadEngine('native', { port: 0, bindAddress: '127.0.0.1' });
  let missed = 0;
  let child = fork(file, ['viewers']);
  for (let done = 0; done < sessions; done += atOnce) {
    if (done % every === 0) console.log(`${done} sessions: ${megabytes()} MB resident, ${missed} missed`);
    if (done > 0 && done % viewersPerProcess === 0) {
      child.kill();
      child = fork(file, ['viewers']);
    }
    const ask = (message: object): void => void child.send(message);
    const one = async (id: number): Promise<void> => {
      const replies = new Replies(child, id);
      ask({ id, answer: null });
      const { offer = '' } = await replies.next();
      const read = readOffer(offer);
      const peer = await engine.open(read.transport, [], {
        localCandidate() {},
        connected: () => peer.send(picture(1)),
        ended() {},
        rtcp() {},
      });
      ask({ id, answer: writeAnswer(read, peer.local, streams) });
      if ((await replies.next()).end !== 'seen') missed += 1;
      peer.close();
    };
    await Promise.all(Array.from({ length: atOnce }, (_, at) => one(done + at)));
  }
  console.log(
    `${sessions} sessions: ${megabytes()} MB resident, ${missed} missed, ${engine.peers} peers left`,
  );
  child.kill();
  await engine.close();
}

interface Reply {
  id: number;
  offer?: string;
  end?: string;
}

class Replies {
  readonly #waiting: ((reply: Reply) => void)[] = [];
  readonly #kept: Reply[] = [];

  constructor(child: ReturnType<typeof fork>, id: number) {
    const take = (reply: Reply): void => {
      if (reply.id !== id) return;
      if (reply.end !== undefined) child.off('message', take);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(reply);
      else this.#kept.push(reply);
    };
    child.setMaxListeners(50).on('message', take);
  }

  next(): Promise<Reply> {
    const kept = this.#kept.shift();
    return kept ? Promise.resolve(kept) : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

function megabytes(): string {
  return (process.memoryUsage().rss / 1_048_576).toFixed(1);
}

const [task = '', ...numbers] = process.argv.slice(2);
if (task === 'viewers') await serveViewers();
else if (task === 'engine') await churn(Number(numbers[0] ?? 25_000), Number(numbers[1] ?? 5_000));
else {
  const { flags, environment } = daemonStart(fileURLToPath(new URL('../dist', import.meta.url)));
  fork(file, ['engine', ...process.argv.slice(2)], {
    execArgv: [...process.execArgv, ...flags],
    env: { ...process.env, ...environment },
  });
}
