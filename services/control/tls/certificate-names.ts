import { BlockList, isIP } from 'node:net';

/**
 * What the box's own authority may vouch for: names and addresses that no public site has. They stand in its certificate
 * as name constraints (RFC 5280, 4.2.1.10), so that who trusts it trusts it for nothing else.
 */
export const permittedDomains = ['local', 'lan', 'home.arpa', 'internal', 'localhost'] as const;
export const permittedRanges = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '127.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
  '::1/128',
] as const;

/** Suffixes that mDNS and routers give to a host. */
const suffixes = ['local', 'lan', 'home.arpa', 'internal'] as const;

const ranges = new BlockList();
for (const range of permittedRanges) {
  const [network = '', bits] = range.split('/');
  ranges.addSubnet(network, Number(bits), isIP(network) === 6 ? 'ipv6' : 'ipv4');
}

/** Whether the constraints let the authority vouch for an address; a name outside them would spoil the whole certificate. */
export function mayVouchFor(address: string): boolean {
  return ranges.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/**
 * What a box's certificate is for.
 * @param hostnames without a suffix: the set name, and the one that mDNS made of it
 * @param addresses of all interfaces; zones of IPv6 addresses are dropped, public addresses left out
 */
export function certificateNames(
  hostnames: readonly string[],
  addresses: readonly string[],
): { domains: string[]; addresses: string[] } {
  const domains = [...new Set(hostnames)].flatMap((name) => suffixes.map((suffix) => `${name}.${suffix}`));
  const plain = ['127.0.0.1', '::1', ...addresses].map((address) => address.replace(/%.*$/, ''));
  return {
    domains: ['localhost', ...domains],
    addresses: [...new Set(plain)].filter((address) => isIP(address) !== 0 && mayVouchFor(address)),
  };
}
