import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { AddressRates } from '../domain/address-rates.ts';
import { RateLimit } from '../domain/rate-limit.ts';

/** Wrong PINs of one address: a family's typing errors, then one in 10 s. */
const perAddress = { ratePerSecond: 0.1, burst: 10 };
/** Of all addresses that were wrong often, since one machine may have many: four digits then last for hours. */
const together = { ratePerSecond: 0.5, burst: 60 };
/** Who was wrong so often within half an hour is one of those: not who mistyped it once or twice. */
const wrongLately = { ratePerSecond: 1 / 600, burst: 3 };
/** IPv6 gives a machine as many addresses as it likes, all of one network: past this many they are one. */
const perNetwork = { ratePerSecond: 0.1, burst: 60 };
const maxAddresses = 4_000;
const retryAfterSeconds = 10;

/**
 * One count for every way in that takes a PIN: the API, and RTSP. Makes guessing it take long: an address that was wrong too often is not even compared for a while. However many
 * others guess, an address that has not been wrong more than twice lately is always compared: strangers keep nobody out.
 */
export class PinGuesses {
  readonly #clock: Clock;
  readonly #together: RateLimit;
  readonly #byAddress: AddressRates;
  readonly #wrongLately: AddressRates;
  readonly #byNetwork: AddressRates;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
    this.#together = new RateLimit({ ...together, nowMs: clock.monotonicMs() });
    this.#byAddress = new AddressRates({ clock, ...perAddress, maxAddresses });
    this.#wrongLately = new AddressRates({ clock, ...wrongLately, maxAddresses });
    this.#byNetwork = new AddressRates({ clock, ...perNetwork });
  }

  /** Before a PIN is compared. @throws OnairError `rate-limited` */
  allow(address: string): void {
    if (this.allows(address)) return;
    throw new OnairError('rate-limited', 'Too many wrong PINs.', {
      subject: 'pin',
      action: 'Wait a little, then try again.',
      retryAfterSeconds,
    });
  }

  /** Whether a PIN from there is compared. */
  allows(from: string): boolean {
    const address = plain(from);
    const crowded = !this.#together.has(this.#clock.monotonicMs()) && !this.#wrongLately.has(address);
    const network = networkOf(address);
    return !crowded && this.#byAddress.has(address) && (network === null || this.#byNetwork.has(network));
  }

  /** It was wrong. */
  count(from: string): void {
    const address = plain(from);
    this.#byAddress.take(address);
    this.#wrongLately.take(address);
    this.#together.take(this.#clock.monotonicMs());
    const network = networkOf(address);
    if (network !== null) this.#byNetwork.take(network);
  }
}

/** An IPv4 address as such: a socket of both kinds writes it as IPv6. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=[\d.]+$)/i, '');
}

/** The /64 of an IPv6 address; null for IPv4. */
function networkOf(address: string): string | null {
  if (!address.includes(':')) return null;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const whole =
    tail === undefined ? groups : [...groups, ...Array(8 - groups.length - last.length).fill('0'), ...last];
  return whole.slice(0, 4).join(':');
}
