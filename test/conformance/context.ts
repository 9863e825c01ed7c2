import type { HttpAnswer, HttpClient, HttpRequest } from './http-client.ts';
import { Failed, type Kind, NotApplicable } from './requirement.ts';
import { fragment, parseSdp, type Sdp } from './sdp.ts';

const sdpType = 'application/sdp';
export const fragmentType = 'application/trickle-ice-sdpfrag';
/** More is a loop. */
const mostRedirects = 5;
/** Our own checks may fill a small server: one of them ends soon. */
const fullRetries = 6;
const fullPauseMs = 1_000;

/** A session of the server, as it told of it. */
export interface Session {
  created: HttpAnswer;
  /** Absolute; null where the server gave no Location, of which `http-location` speaks. */
  location: string | null;
  /** The same. @throws NotApplicable without one */
  readonly url: string;
  etag: string | null;
  answer: Sdp;
  answerText: string;
  patch(body: string, headers?: Record<string, string>): Promise<HttpAnswer>;
  /** Candidate lines by PATCH. @throws NotApplicable where the server does not trickle, Failed where it takes them not */
  trickle(ice: { ufrag: string; pwd: string }, lines: readonly string[]): Promise<void>;
  end(headers?: Record<string, string>): Promise<HttpAnswer>;
}

/** What a check has to work with; its sessions and peers are ended after it. */
export class Context {
  readonly url: string;
  readonly kind: Kind;
  readonly http: HttpClient;
  /** How the server is restarted; null where nobody said. */
  readonly restartCommand: string | null;
  /** What several checks of a run look at, once. */
  readonly #shared: Map<string, Promise<unknown>>;
  readonly #cleanUp: (() => Promise<unknown> | unknown)[] = [];
  readonly #sessions: string[] = [];

  constructor(options: {
    url: string;
    kind: Kind;
    http: HttpClient;
    restartCommand?: string | null;
    shared?: Map<string, Promise<unknown>>;
  }) {
    this.url = options.url;
    this.kind = options.kind;
    this.http = options.http;
    this.restartCommand = options.restartCommand ?? null;
    this.#shared = options.shared ?? new Map();
  }

  /** What takes long is seen once and told to every check that asks under this name. */
  once<Seen>(name: string, look: () => Promise<Seen>): Promise<Seen> {
    const seen = this.#shared.get(name) ?? look();
    this.#shared.set(name, seen);
    return seen as Promise<Seen>;
  }

  /** Ended after the check, in reverse order. */
  after(cleanUp: () => Promise<unknown> | unknown): void {
    this.#cleanUp.push(cleanUp);
  }

  /** Within that time; what hangs longer is left to itself. */
  async close(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([this.#cleanAll(), enough]);
    clearTimeout(timer);
  }

  async #cleanAll(): Promise<void> {
    for (const cleanUp of this.#cleanUp.splice(0).reverse()) {
      try {
        await cleanUp();
      } catch {
        // over already
      }
    }
  }

  /**
   * POSTs an offer; whatever the answer is. A redirect is followed, as clients have to; a server that our own checks
   * have filled is asked again.
   */
  async post(
    offer: string,
    headers: Record<string, string> = { 'content-type': sdpType },
  ): Promise<HttpAnswer> {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.#postFollowing({ headers, body: offer });
      this.endLater(answer);
      // A server that takes one publisher: the check's own former one makes room.
      if (answer.status === 409 && this.kind === 'whip' && this.#sessions.length > 0) {
        await this.endAll();
        continue;
      }
      if (answer.status !== 503 || attempt === fullRetries) return answer;
      await new Promise((resolve) => setTimeout(resolve, fullPauseMs));
    }
  }

  /** Ends the session that this answer opened, if it did, after the check. */
  endLater(answer: HttpAnswer): void {
    const url = answer.status === 201 ? locationOf(answer) : null;
    if (url === null) return;
    this.#sessions.push(url);
    this.after(() => this.http.send('DELETE', url));
  }

  /** Ends what this check opened so far. */
  async endAll(): Promise<void> {
    for (const url of this.#sessions.splice(0)) await this.http.send('DELETE', url);
  }

  async #postFollowing(request: HttpRequest): Promise<HttpAnswer> {
    let answer = await this.http.send('POST', this.url, request);
    for (let count = 0; count < mostRedirects && [307, 308].includes(answer.status); count += 1) {
      const next = locationOf(answer);
      if (next === null) return answer;
      answer = await this.http.send('POST', next, request);
    }
    return answer;
  }

  /**
   * Opens a session.
   * @throws NotApplicable where the server is full or has nothing to send, Failed for another answer than 201
   */
  async open(offer: string): Promise<Session> {
    const created = await this.post(offer);
    if (created.status === 503 || created.status === 409)
      throw new NotApplicable(`no session to be had now: ${describe(created)}`);
    if (created.status === 406 && created.headers['content-type']?.startsWith(sdpType))
      throw new NotApplicable('406 with a counter-offer, which this suite does not answer');
    if (created.status !== 201) throw new Failed(`POST: ${describe(created)}`);
    const url = locationOf(created);
    const etag = created.headers.etag ?? null;
    const { http } = this;
    const send = async (method: string, request: HttpRequest): Promise<HttpAnswer> =>
      await http.send(method, reach(), request);
    const reach = (): string => {
      if (url === null) throw new NotApplicable('no Location: the session cannot be reached');
      return url;
    };
    const patch: Session['patch'] = (body, headers) =>
      send('PATCH', {
        headers: headers ?? {
          'content-type': fragmentType,
          ...(etag === null ? {} : { 'if-match': etag }),
        },
        body,
      });
    return {
      created,
      location: url,
      get url() {
        return reach();
      },
      etag,
      answer: parseSdp(created.text),
      answerText: created.text,
      patch,
      async trickle(ice, lines) {
        const answer = await patch(fragment({ ...ice, lines }));
        requireTrickle(answer);
        if (answer.status !== 204) throw new Failed(`PATCH: ${describe(answer)}`);
      },
      end: (headers = {}) => send('DELETE', { headers }),
    };
  }
}

/** "400 application/problem+json": enough to tell by. */
export function describe({ status, headers, text }: HttpAnswer): string {
  const type = headers['content-type'] ?? 'no content type';
  const body = text.slice(0, 120).replace(/\s+/g, ' ');
  return `${status} (${type})${status >= 400 && body ? ` ${body}` : ''}`;
}

/** Where Location leads, absolute; null where there is none. */
export function locationOf({ headers, url }: HttpAnswer): string | null {
  if (headers.location === undefined) return null;
  try {
    return new URL(headers.location, url).href;
  } catch {
    return null;
  }
}

/** Whether a PATCH was answered as by a server that has none (RFC 9725, 4.3.1). @throws NotApplicable */
export function requireTrickle({ status }: HttpAnswer): void {
  if ([404, 405, 422, 501].includes(status))
    throw new NotApplicable(`PATCH is answered ${status}: this server does not trickle`);
}
