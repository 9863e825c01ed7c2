import { OnairError } from '#core/domain/errors.ts';
import type { ListenOn } from './http-server.ts';

/** Why a server could not listen, for people. */
export function explainListen(error: NodeJS.ErrnoException, listenOn: ListenOn): Error {
  const where = 'port' in listenOn ? `Port ${listenOn.port}` : JSON.stringify(listenOn);
  if (error.code === 'EADDRINUSE') {
    return new OnairError('unavailable', `${where} is in use by another program.`, {
      subject: 'port',
      action: 'Choose another one with --port, or stop that program.',
    });
  }
  if (error.code === 'EACCES') {
    return new OnairError('unavailable', `${where} may not be used by this user.`, {
      subject: 'port',
      action: 'Choose a port above 1023 with --port.',
    });
  }
  return error;
}
