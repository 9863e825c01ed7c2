import { type Audience, fullHouse } from '#control/domain/audience.ts';
import type { Grant } from '#control/domain/grant.ts';
import { OnairError } from '#core/domain/errors.ts';
import { novaVersion } from '#core/protocol/nova.ts';
import type { ViewerIdentity } from '../../access/viewer-identity.ts';
import { HttpProblem } from '../../http/problem.ts';
import type { Upgrade } from '../../sockets/dialect.ts';
import { refusalOf } from './errors.ts';

const [ownMajor] = novaVersion.split('.');

interface Deps {
  identity: Pick<ViewerIdentity, 'redeem'>;
  audience: Audience;
  streamId: () => string;
}

/** Who may open a Nova connection ("Connection Refused"): everything is answered as HTTP, before the upgrade. */
export class Admission {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /**
   * Version, then token, then stream: a stranger learns nothing of what streams there are.
   * @returns who it is, and by what right
   * @throws HttpProblem 400, 401, 404, 403
   */
  async check({ url, params }: Upgrade): Promise<{ viewerId: string; grant: Grant }> {
    try {
      requireVersion(url.searchParams.get('protocol'));
      const token = requireToken(url.searchParams.get('token'));
      const { id: viewerId, grant } = await this.#deps.identity.redeem(token);
      const streamId = this.#deps.streamId();
      if (params.stream_id?.toLowerCase() !== streamId) {
        throw new OnairError('not-found', 'There is no stream of that id here.', {
          subject: 'stream',
          action: 'Take stream.id from GET /api/v1/status.',
        });
      }
      return { viewerId, grant };
    } catch (error) {
      throw asRefusal(error);
    }
  }

  /** @throws HttpProblem 403 where the house is full, and for whom the operator has shut out */
  requireRoom(viewerId: string, address: string): void {
    try {
      this.#deps.audience.refuseBanned(viewerId, address);
    } catch (error) {
      throw asRefusal(error);
    }
    if (this.#deps.audience.hasRoom(viewerId, 'nova', address)) return;
    throw asRefusal(fullHouse(this.#deps.audience.max));
  }
}

function requireVersion(version: string | null): void {
  if (version === null || version === '') return; // "optional, default: 1.0"
  const [, major] = /^(\d{1,4})(?:\.\d{1,4}){0,2}$/.exec(version) ?? [];
  if (major === ownMajor) return;
  throw new OnairError('version-mismatch', `This box speaks version ${novaVersion} of the protocol.`, {
    subject: 'protocol',
    action: `Connect with protocol=${novaVersion}, or leave it out.`,
  });
}

function requireToken(token: string | null): string {
  if (token !== null && token !== '' && token.length <= 4096) return token;
  throw new OnairError('unauthorized', 'A token is required.', {
    subject: 'token',
    action: 'Get one: POST /api/v1/streams/{id}/tokens; then connect with token=….',
  });
}

function asRefusal(error: unknown): unknown {
  return error instanceof OnairError ? new HttpProblem(refusalOf(error)) : error;
}
