import { createRequire } from 'node:module';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Advertised, AdvertiserReport } from './mdns-messages.ts';
import type { Advertisement, MdnsModule } from './mdns-module.ts';

/**
 * A small process that only advertises. The library asks avahi in the main thread: while avahi hangs, so does this,
 * for as long as 25 s at a time. It must not be control that hangs. It never browses, which aborts the process.
 */
process.title = 'onair-mdns';
process.env.AVAHI_COMPAT_NOWARN = '1';

const backOff = new BackOff({ firstMs: 500, maxMs: 30_000 });
let wanted: Advertised | null = null;
let current: { advertisement: Advertisement; identity: string } | null = null;
let retry: NodeJS.Timeout | null = null;

const mdns: MdnsModule = createRequire(import.meta.url)('mdns');

function report(message: AdvertiserReport): void {
  process.send?.(message);
}

function identityOf({ name, port }: Advertised): string {
  return JSON.stringify([name, port]);
}

/** Avahi stopped, restarts, or is not there: it is tried again, ever more slowly. */
function fail(problem: unknown): void {
  end();
  report({ lost: problem instanceof Error ? problem.message : String(problem) });
  retry ??= setTimeout(() => {
    retry = null;
    begin();
  }, backOff.next());
}

function end(): void {
  try {
    current?.advertisement.stop();
  } catch {
    // It is gone with avahi already.
  }
  current = null;
}

function begin(): void {
  if (wanted === null || retry !== null) return;
  const { name, port, txt } = wanted;
  try {
    const advertisement = mdns.createAdvertisement(
      mdns.tcp('http'),
      port,
      { name, txtRecord: txt },
      (error, service) => {
        if (error) return; // 'error' follows
        backOff.reset();
        report({ known: service.name });
      },
    );
    advertisement.on('error', (error) => fail(error));
    current = { advertisement, identity: identityOf(wanted) };
    advertisement.start();
  } catch (error) {
    fail(error);
  }
}

process.on('message', (message) => {
  wanted = message as Advertised; // from the parent: nobody else has this channel
  if (current?.identity !== identityOf(wanted)) {
    end();
    begin();
    return;
  }
  try {
    current.advertisement.updateTXTRecord(wanted.txt);
  } catch (error) {
    fail(error);
  }
});
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
