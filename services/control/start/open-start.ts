import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Problem } from '#core/domain/problem.ts';
import { readBootId } from '#core/runtime/boot-id.ts';
import type { Closable, DaemonContext } from '#core/runtime/daemon.ts';
import { environmentFrom } from '#core/runtime/environment.ts';
import { Parts } from '#core/runtime/parts.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { TornFiles } from '../storage/torn-files.ts';
import type { ControlContext } from './context.ts';
import { OptionalParts } from './optional-parts.ts';
import { fallsBeforePutBack, StartRecord } from './start-record.ts';

export interface Start extends Closable {
  context: ControlContext;
  /** How often control has fallen, where that is so often that settings may be to blame; else 0. */
  falls: number;
  forgetFalls: () => void;
  /** This start has come to its end. */
  serving: () => void;
  optional: OptionalParts;
  torn: TornFiles;
  readonly problems: readonly Problem[];
}

/** The directories, the record of starts, and what keeps optional parts from being more than that. */
export async function openStart({
  logger,
  onFall,
}: Pick<DaemonContext, 'logger' | 'onFall'>): Promise<Start> {
  const paths = pathsFrom(process.env);
  await mkdir(paths.runtimeDirectory, { recursive: true, mode: 0o750 });
  // On a card that takes nothing any more the box streams all the same, and the settings say what is wrong.
  await mkdir(paths.dataDirectory, { recursive: true, mode: 0o700 }).catch(() => {});

  const parts = new Parts();
  const starts = parts.own(
    new StartRecord({ path: join(paths.runtimeDirectory, 'control-starts.json'), clock }),
  );
  const falls = starts.begin();
  onFall(() => starts.fell());
  const optional = parts.own(new OptionalParts({ clock, logger }));
  const torn = new TornFiles();
  return {
    context: {
      paths,
      environment: environmentFrom(process.env),
      bundles: dirname(fileURLToPath(import.meta.url)),
      bootId: await readBootId(),
      clock,
      logger,
    },
    falls: falls >= fallsBeforePutBack ? falls : 0,
    forgetFalls: () => starts.forget(),
    serving: () => starts.serving(),
    optional,
    torn,
    get problems() {
      return [...torn.problems, ...optional.problems];
    },
    close: () => parts.close(),
  };
}
