import type { Clock } from '#core/domain/clock.ts';
import { withoutSecrets } from '#core/domain/media.ts';
import type { Problem } from '#core/domain/problem.ts';
import { listSettings, type Settings } from '#core/domain/settings.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { LinkHost } from '../link/link-host.ts';

/** A clip has to be opened, a camera to deliver, before media knows. */
const answerWithinMs = 8_000;

const notKnownYet: Problem = {
  code: 'not-known-yet',
  message: 'Whether it can be used is not known yet.',
  action: 'See the status.',
};

/** Media's settings: those of picture and sound, whether or not a change of them interrupts viewers. */
const ofMedia: ReadonlySet<string> = new Set(
  listSettings()
    .filter(({ key, meta }) => meta.effect === 'pipeline' || /^(video|audio)\./.test(key))
    .map(({ key }) => key),
);

interface Deps {
  broadcast: Pick<Broadcast, 'wanted'>;
  link: Pick<LinkHost, 'events'>;
  settings: () => Settings;
  clock: Clock;
}

/** Asks media what became of a change of settings that it was told of just now. */
export class MediaVerdict {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Call it in the same turn as the change: the next answer that decides is taken for that of the change.
   * @returns why media does not use it; null where it does, where nothing is on the air, or where none of the settings is
   * media's
   */
  async about(changed: readonly string[]): Promise<Problem | null> {
    if (!this.#deps.broadcast.wanted || !changed.some((key) => ofMedia.has(key))) return null;
    const { source } = this.#deps.settings().video;
    const named = withoutSecrets(source);
    return await new Promise((resolve) => {
      const settle = (reason: Problem | null): void => {
        stopListening();
        cancelTimer();
        resolve(reason);
      };
      const stopListening = this.#deps.link.events.on('media', (message) => {
        if (message.type !== 'media_state') return;
        const { state, reason, refusal, format } = message.payload;
        // What was on its way when the settings changed says nothing of a source that is not the one asked for.
        const isAsked = !changed.includes('video.source') || source === 'auto' || format?.source === named;
        if (state === 'idle') settle(null);
        else if (state === 'running' && (refusal === true || isAsked)) settle(reason);
        else if (state !== 'running' && reason !== null) settle(reason);
      });
      const cancelTimer = this.#deps.clock.after(answerWithinMs, () => settle(notKnownYet));
    });
  }
}
