/** What is used of Web Serial's SerialPort (https://wicg.github.io/serial/). */
export interface WebSerialPort {
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: { baudRate: number }): Promise<void>;
  close(): Promise<void>;
}

/** What the box refused, in its own words. */
export class BoxError extends Error {
  readonly code: string;
  readonly action: string;

  constructor(code: string, message: string, action: string) {
    super(message);
    this.code = code;
    this.action = action;
  }
}

interface Message {
  id?: number;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: { message: string; data?: { code?: string; action?: string | null } };
}

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  timer: number;
}

/** USB has no baud rate; Web Serial wants one. */
const baudRate = 115_200;
/** Kills what is half written there, and makes a fresh line. */
const freshLine = '\u0015\n';

/** The box's programs' language over a serial port: JSON-RPC 2.0, one message a line; other lines are for people. */
export class BoxLine {
  readonly #port: WebSerialPort;
  readonly #onMessage: (method: string, params: Record<string, unknown>) => void;
  readonly #onLost: () => void;
  readonly #waiting = new Map<number, Waiting>();
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  #writer: WritableStreamDefaultWriter<Uint8Array> | null = null;
  #nextId = 0;
  #closing = false;

  constructor(
    port: WebSerialPort,
    options: { onMessage: (method: string, params: Record<string, unknown>) => void; onLost: () => void },
  ) {
    this.#port = port;
    this.#onMessage = options.onMessage;
    this.#onLost = options.onLost;
  }

  async open(): Promise<void> {
    await this.#port.open({ baudRate });
    if (!this.#port.readable || !this.#port.writable) throw new Error('The port can not be used.');
    this.#reader = this.#port.readable.getReader();
    this.#writer = this.#port.writable.getWriter();
    void this.#read(this.#reader);
    await this.#write(freshLine);
  }

  /** @throws BoxError where the box refuses; `silent` where it does not answer in time */
  async call<Result>(method: string, params: object = {}, timeoutMs = 15_000): Promise<Result> {
    this.#nextId += 1;
    const id = this.#nextId;
    const answered = new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => {
        this.#waiting.delete(id);
        reject(new BoxError('silent', '', ''));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
    });
    await this.#write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    return (await answered) as Result;
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#reader?.cancel().catch(() => {});
    this.#writer?.releaseLock();
    await this.#port.close().catch(() => {});
  }

  async #write(text: string): Promise<void> {
    await this.#writer?.write(new TextEncoder().encode(text));
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.#take(line);
      }
    } catch {
      // The cable is out.
    }
    reader.releaseLock();
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new BoxError('silent', '', ''));
    }
    this.#waiting.clear();
    if (!this.#closing) this.#onLost();
  }

  #take(line: string): void {
    if (!line.startsWith('{')) return;
    let message: Message;
    try {
      message = JSON.parse(line);
    } catch {
      return;
    }
    if (message.method !== undefined) {
      this.#onMessage(message.method, message.params ?? {});
      return;
    }
    const waiting = this.#waiting.get(message.id ?? -1);
    if (!waiting) return;
    this.#waiting.delete(message.id ?? -1);
    clearTimeout(waiting.timer);
    const { error } = message;
    if (error)
      waiting.reject(new BoxError(error.data?.code ?? 'internal', error.message, error.data?.action ?? ''));
    else waiting.resolve(message.result);
  }
}
