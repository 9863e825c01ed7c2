import { randomBytes } from 'node:crypto';
import { type StunMessage, stunAttribute, stunType, writeStun } from './stun-message.ts';

/** A peer-reflexive candidate's priority (RFC 8445, 7.1.1). */
const checkPriority = 110 * 2 ** 24 + 65_535 * 256 + 255;

export interface IceCredentials {
  ufrag: string;
  password: string;
}

export const newCredentials = (): IceCredentials => ({
  ufrag: randomBytes(6).toString('hex'),
  password: randomBytes(24).toString('base64').replaceAll('=', ''),
});

/** Who nominates. The viewer made the offer, so it does, unless it says that it does not either. */
export class IceRole {
  readonly tieBreaker = randomBytes(8);
  controlling = false;

  switch(): void {
    this.controlling = !this.controlling;
  }

  /** Settles a conflict (RFC 8445, 7.3.1.1); false where the viewer has to take the other role. */
  agrees(request: StunMessage): boolean {
    const attribute = this.controlling ? stunAttribute.iceControlling : stunAttribute.iceControlled;
    const theirs = request.attributes.get(attribute);
    if (theirs?.length !== 8) return true;
    const isLarger = this.tieBreaker.compare(theirs) >= 0;
    // Both controlled: who has the larger number becomes controlling. Both controlling: who has it stays so.
    if (this.controlling === isLarger) return false;
    this.switch();
    return true;
  }
}

/** One check (RFC 8445, 7.2.2). @param check.id twelve bytes */
export function writeCheck(check: {
  id: Buffer;
  from: IceCredentials;
  to: IceCredentials;
  role: IceRole;
  nominates: boolean;
}): Buffer {
  const { id, from, to, role, nominates } = check;
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(checkPriority);
  const attributes: [number, Buffer][] = [
    [stunAttribute.username, Buffer.from(`${to.ufrag}:${from.ufrag}`)],
    [role.controlling ? stunAttribute.iceControlling : stunAttribute.iceControlled, role.tieBreaker],
    [stunAttribute.priority, priority],
  ];
  if (nominates) attributes.push([stunAttribute.useCandidate, Buffer.alloc(0)]);
  return writeStun(stunType.request, id, attributes, to.password);
}
