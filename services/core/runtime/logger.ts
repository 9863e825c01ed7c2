import { type Logger as PinoLogger, pino } from 'pino';

export type Logger = PinoLogger;

/**
 * Structured log of one daemon: JSON lines on stdout, which journald keeps.
 * Secrets never belong in a log; what commonly carries one is cut out here as a second line of defence.
 * @param name the daemon's name
 * @param level pino's level names; from ONAIR_LOG_LEVEL in `main.ts`
 */
export function createLogger(name: string, level = 'info'): Logger {
  const output = pino.destination({ fd: 1, sync: true });
  output.on('error', () => {}); // nobody reads any more: no reason to fall
  const options = {
    name,
    level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        'token',
        'pin',
        'key',
        'credential',
        'secret',
        '*.token',
        '*.pin',
        '*.key',
        '*.credential',
        '*.secret',
      ],
      censor: '[redacted]',
    },
  };
  return pino(options, output);
}
