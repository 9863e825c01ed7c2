import { connectedThroughRelay } from '../connected.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';

const names: Readonly<Record<number, string>> = { 65279: 'DTLS 1.0', 65277: 'DTLS 1.2', 65276: 'DTLS 1.3' };
const handshakeRecord = 22;
const serverHello = 2;
/** Of a record: type, version, epoch, sequence number, length (RFC 6347, 4.1). Behind it, a handshake message's own header. */
const recordHeader = 13;
const messageHeader = 12;

export const requirement: Requirement = {
  id: 'dtls-version',
  group: 'dtls',
  kinds: both,
  section: 'RFC 8827, 6.5',
  level: 'MUST',
  requirement: 'A client that offers DTLS 1.2 gets it or a newer version, never 1.0 (RFC 8996).',
  async check(context) {
    const agreed: number[] = [];
    await connectedThroughRelay(context, {
      // Nothing is lost: each packet is looked at as it passes.
      loses: ({ bytes }) => {
        const isHello = bytes[0] === handshakeRecord && bytes[recordHeader] === serverHello;
        const at = recordHeader + messageHeader;
        if (isHello && bytes.length >= at + 2) agreed.push(bytes.readUInt16BE(at));
        return false;
      },
    });
    const [version] = agreed;
    if (version === undefined) throw new NotApplicable('the ServerHello could not be read');
    expect(version !== 0xfeff, 'DTLS 1.0 was agreed on');
    return names[version] ?? `version ${version.toString(16)}`;
  },
};
