import type { Clock } from '#core/domain/clock.ts';
import type { ApiClient } from '#core/protocol/client.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { AnyCommand } from '#operator/command.ts';
import { CommandError, commandErrorOf } from '#operator/command-error.ts';
import { invoke, resultText } from '#operator/invoke.ts';
import { terminalText } from '#operator/terminal-text.ts';
import { paramsFrom } from '#operator/usage.ts';
import type { LineContext, LineSurroundings } from '../commands/context.ts';
import type { LineWriter } from '../line/writer.ts';
import { commonStart, completionsOf } from './completion.ts';
import { EchoGuard } from './echo-guard.ts';
import { greetingOf, greetingWhileAway } from './greeting.ts';
import { type Key, KeyReader } from './keys.ts';
import { LineEditor } from './line-editor.ts';
import { lineToRemember, parseLine, type Spoken } from './words.ts';

export const prompt = 'onair> ';
const bell = '\u0007';
/** Typed ahead of a command that still runs. */
const maxWaitingKeys = 1_024;
/** Who comes back after this long is greeted again: another terminal may be at the cable. */
const longSilenceMs = 60_000;
/** How long an echo must be silent before the line is believed again. */
const echoSilenceMs = 1_000;
const greetingTryMs = 500;
/** A box that is just starting has its main service within this time. */
const greetingTries = 30;

interface Deps {
  writer: LineWriter;
  commands: readonly AnyCommand<LineContext>[];
  context: LineSurroundings;
  clock: Clock;
  logger: Logger;
  /** Ends the line where that can be done; a serial cable stays where it is. */
  hangUp: () => void;
}

/** The conversation with a person at a terminal: greeting, prompt, one command at a time. */
export class Person {
  readonly #deps: Deps;
  readonly #box: ApiClient<'operator'>;
  readonly #keys = new KeyReader();
  #editor: LineEditor;
  readonly #echo = new EchoGuard();
  #waiting: Key[] = [];
  #greeted = false;
  #running: AbortController | null = null;
  #asking: { spoken: Spoken; name: string } | null = null;
  #lastKeyAtMs = 0;
  #quietUntilMs = 0;
  #cancelGreeting: () => void = () => {};
  #leaving = false;
  #closed = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#box = deps.context.box;
    this.#editor = this.#newEditor();
  }

  /** Greets as soon as the box can say how it is; a key pressed before that is answered at once. */
  start(triesLeft = greetingTries): void {
    void greetingOf(this.#box).then((greeting) => {
      if (this.#closed || this.#greeted || this.#running) return;
      if (greeting !== null || triesLeft === 0) this.#greet(greeting ?? greetingWhileAway);
      else this.#cancelGreeting = this.#deps.clock.after(greetingTryMs, () => this.start(triesLeft - 1));
    });
  }

  keys(bytes: Uint8Array): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const keys = this.#keys.read(bytes);
    if (nowMs < this.#quietUntilMs) {
      this.#quietUntilMs = nowMs + echoSilenceMs;
      return;
    }
    for (const key of keys) this.#take(key);
    this.#lastKeyAtMs = nowMs;
  }

  close(): void {
    this.#closed = true;
    this.#cancelGreeting();
    this.#running?.abort();
    this.#waiting = [];
  }

  #take(key: Key): void {
    if (this.#closed || this.#deps.clock.monotonicMs() < this.#quietUntilMs) return;
    if (this.#running) {
      this.#takeWhileRunning(key, this.#running);
      return;
    }
    if (!this.#greeted) {
      // The greeting is the answer to a bare Enter.
      if (key.key !== 'enter') this.#waiting.push(key);
      this.#greetNow();
      return;
    }
    if (this.#deps.writer.broken) this.#editor.redraw();
    const event = this.#editor.take(key);
    if (event?.event === 'line') this.#entered(event.line);
    else if (event?.event === 'tab') this.#complete();
    else if (event?.event === 'cancel') this.#begin();
  }

  #takeWhileRunning(key: Key, running: AbortController): void {
    if (key.key === 'cancel') {
      this.#waiting = [];
      this.#send('^C\n');
      running.abort();
    } else if (this.#waiting.length < maxWaitingKeys) this.#waiting.push(key);
    else this.#send(bell);
  }

  /** Greets at once, whether or not the box can say how it is. */
  #greetNow(): void {
    void this.#run(async () => this.#greet((await greetingOf(this.#box)) ?? greetingWhileAway));
  }

  #greet(greeting: string): void {
    this.#greeted = true;
    this.#say(greeting);
    if (!this.#running) this.#begin();
  }

  #begin(): void {
    this.#asking = null;
    this.#editor.begin(prompt);
  }

  #entered(line: string): void {
    if (this.#asking) {
      const { spoken, name } = this.#asking;
      this.#asking = null;
      this.#ask({ ...spoken, words: { ...spoken.words, [name]: line } });
      return;
    }
    if (this.#echo.isEcho(line, prompt)) {
      this.#quietUntilMs = this.#deps.clock.monotonicMs() + echoSilenceMs;
      this.#deps.logger.info('the other end sends back what it hears, keeping quiet');
      return;
    }
    if (line.trim() === '') {
      const silentMs = this.#deps.clock.monotonicMs() - this.#lastKeyAtMs;
      if (silentMs < longSilenceMs) this.#begin();
      else this.#greetNow();
      return;
    }
    try {
      const spoken = parseLine(line, this.#deps.commands);
      this.#editor.remember(spoken === null ? line : lineToRemember(spoken, line));
      if (spoken) this.#ask(spoken);
    } catch (error) {
      this.#editor.remember(line);
      this.#sayError(error);
      this.#begin();
    }
  }

  /** Asks for what was left out and is not to be shown, then runs. */
  #ask(spoken: Spoken): void {
    const { command, words, options } = spoken;
    const at = command.arguments.findIndex(({ name }) => words[name] === undefined);
    const missing = command.arguments[at];
    const question = at > 0 ? missing?.asked?.(words) : null;
    if (missing && question) {
      this.#asking = { spoken, name: missing.name };
      this.#editor.begin(question, { hidden: true });
      return;
    }
    void this.#run(async (signal) => {
      const { json = false, ...others } = options;
      const context: LineContext = {
        ...this.#deps.context,
        signal,
        progress: (text) => this.#say(text),
        print: (line) => this.#say(line),
        json: json === true,
        subscription: null,
        leave: () => {
          this.#leaving = true;
        },
      };
      const result = await invoke(command, paramsFrom(command, words, others), context);
      this.#say(resultText(command, result, context));
    });
  }

  async #run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    try {
      await work(running.signal);
    } catch (error) {
      if (!this.#closed) this.#sayError(error);
    }
    this.#running = null;
    if (this.#closed) return;
    if (this.#leaving) {
      this.#leave();
      return;
    }
    this.#begin();
    for (const key of this.#waiting.splice(0)) this.#take(key);
  }

  /** The next key begins a conversation that knows nothing of this one. */
  #leave(): void {
    this.#leaving = false;
    this.#greeted = false;
    this.#waiting = [];
    this.#asking = null;
    this.#deps.context.remember.ssids = [];
    this.#editor = this.#newEditor();
    this.#say('Bye.');
    this.#deps.hangUp();
  }

  #newEditor(): LineEditor {
    return new LineEditor({ send: (text) => this.#send(text) });
  }

  #complete(): void {
    const { stem, candidates } = completionsOf(
      this.#editor.beforeCursor,
      this.#deps.commands,
      this.#deps.context.remember,
    );
    const [only] = candidates;
    if (only === undefined) this.#send(bell);
    else if (candidates.length === 1) this.#editor.insert(`${only.slice(stem.length)} `);
    else {
      const start = commonStart(candidates);
      if (start.length > stem.length) this.#editor.insert(start.slice(stem.length));
      else {
        this.#send(`\n${candidates.join('  ')}\n`);
        this.#editor.redraw();
      }
    }
  }

  #sayError(error: unknown): void {
    const known = commandErrorOf(error);
    if (known === null) this.#deps.logger.error({ err: error }, 'a command failed unexpectedly');
    const { message, action } =
      known ?? new CommandError('internal', 'Something went wrong inside the box.', 'logs says more.');
    this.#say([message, action].filter(Boolean).join(' '));
  }

  /** Words of others may be among them: nothing in them may steer the terminal. */
  #say(text: string): void {
    if (this.#closed || text === '') return;
    this.#send(`${terminalText(text)}\n`);
  }

  #send(text: string): void {
    this.#echo.note(text);
    this.#deps.writer.toPerson(text);
  }
}
