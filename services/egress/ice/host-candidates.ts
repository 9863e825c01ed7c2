import { isIPv4, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** RFC 8445, 5.1.2.1: the type preference of host candidates is 126. */
const hostPreference = 126 * 2 ** 24;
/** More only cost checks. */
const maxCandidates = 20;

/**
 * Our own addresses as `candidate:…` lines (RFC 8839, 5.1), link-local ones too: a laptop and a box on one cable have
 * no others. Loopback is named where it was asked for, and where there is nothing else.
 * @param options.bindAddress null is every address
 */
export function hostCandidates(options: {
  port: number;
  bindAddress: string | null;
  ipv4Only: boolean;
}): string[] {
  return hostAddresses(options)
    .slice(0, maxCandidates)
    .map((address, at) => {
      const priority = hostPreference + (65_535 - at) * 256 + 255;
      return `candidate:${at + 1} 1 UDP ${priority} ${address} ${options.port} typ host`;
    });
}

/** Engines of others leave some addresses out: the candidates of those that `candidates` does not name. */
export function missingCandidates(candidates: string[], options: { port: number }): string[] {
  const named = new Set(candidates.map(addressOf));
  return hostCandidates({ ...options, bindAddress: null, ipv4Only: false }).filter(
    (candidate) => !named.has(addressOf(candidate)),
  );
}

const addressOf = (candidate: string): string => candidate.split(' ')[4]?.toLowerCase() ?? '';

/** Addresses of this machine that viewers may find it at, those that lead furthest first. */
export function hostAddresses({
  bindAddress,
  ipv4Only,
}: {
  bindAddress: string | null;
  ipv4Only: boolean;
}): string[] {
  if (bindAddress !== null && bindAddress !== '::' && bindAddress !== '0.0.0.0') return [bindAddress];
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = all.filter(({ address }) =>
    isIPv4(address) ? bindAddress !== '::' : isIPv6(address) && !ipv4Only && bindAddress !== '0.0.0.0',
  );
  const outside = usable.filter(({ internal }) => !internal);
  const named = outside.length > 0 ? outside : usable;
  const rank = (address: string): number =>
    /^fe[89ab]/i.test(address) ? 3 : address.startsWith('169.254.') ? 2 : isIPv4(address) ? 0 : 1;
  return [...new Set(named.map(({ address }) => address))].sort((a, b) => rank(a) - rank(b));
}
