import { readFileSync } from 'node:fs';

/**
 * Suffixes that routers give to the hosts of a home and that nobody can register: RFC 8375, RFC 6762 appendix G,
 * ICANN's `.internal`; and names of makers that the maker itself holds.
 */
const privateSuffixes = [
  ...['lan', 'home', 'home.arpa', 'internal', 'intranet', 'localdomain', 'private', 'corp'],
  ...['fritz.box', 'speedport.ip', 'router.asus.com'],
];
const readAgainAfterMs = 30_000;

/** The names that a router may have given to the box: each of its own with a private suffix, or the network's domain. */
export class RouterNames {
  readonly #path: string;
  readonly #nowMs: () => number;
  #domains: readonly string[] = [];
  #readAtMs = Number.NEGATIVE_INFINITY;

  /** @param options.path resolv.conf(5), where DHCP puts the domain of the network */
  constructor(options: { path?: string; nowMs?: () => number } = {}) {
    this.#path = options.path ?? '/etc/resolv.conf';
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** @param own the box's names without a domain */
  of(own: readonly string[]): string[] {
    const suffixes = [...privateSuffixes, ...this.#networkDomains()];
    return own.flatMap((name) => suffixes.map((suffix) => `${name}.${suffix}`));
  }

  #networkDomains(): readonly string[] {
    if (this.#nowMs() - this.#readAtMs < readAgainAfterMs) return this.#domains;
    this.#readAtMs = this.#nowMs();
    try {
      this.#domains = domainsIn(readFileSync(this.#path, 'utf8'));
    } catch {
      // It stays what it was: there is none, or no file descriptor is left.
    }
    return this.#domains;
  }
}

/** The `search` and `domain` lines of a resolv.conf. */
export function domainsIn(text: string): string[] {
  return [...text.matchAll(/^\s*(?:search|domain)[ \t]+(.*)$/gm)]
    .flatMap(([, names = '']) => names.trim().split(/\s+/))
    .map((name) => name.toLowerCase().replace(/\.$/, ''))
    .filter((name) => /^[\w-]+(\.[\w-]+)*$/.test(name));
}
