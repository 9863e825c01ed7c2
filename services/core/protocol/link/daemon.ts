import { z } from 'zod';
import { envelope } from '../signaling.ts';

/**
 * The link: what the daemons of one box say to each other over `/link`, each on a Unix socket of its own (`link-NAME.sock`),
 * in the envelope of signaling.md. Control alone holds state; every daemon is told again what to do each time it
 * connects. File permissions are the link's authentication, and a daemon's socket takes that daemon's messages alone.
 */

export const daemonName = z.enum(['media', 'egress', 'panel', 'console', 'outputs', 'update']);

export type DaemonName = z.infer<typeof daemonName>;

/** Those that are no operators: each has a link of its own. The console is on the operator's socket. */
export type LinkedDaemon = Exclude<DaemonName, 'console'>;

/** First message of every daemon. */
export const daemonHello = envelope(
  'daemon_hello',
  z.object({ daemon: daemonName, pid: z.number().int().positive(), version: z.string() }),
);

/** Control's answer; what the daemon has to do follows as messages of its own. */
export const daemonWelcome = envelope('daemon_welcome', z.object({ device_id: z.string() }));

/** To any daemon: end; its supervisor restarts it. */
export const daemonRestart = envelope('daemon_restart', z.object({}));

/** A message before its envelope is stamped. */
export type Unstamped<Message> = Message extends { type: infer Type; payload: infer Payload }
  ? { type: Type; payload: Payload; request_id?: string | undefined }
  : never;
