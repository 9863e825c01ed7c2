import { useEffect, useState } from 'preact/hooks';
import { getCertificate } from '#core/protocol/endpoints/certificate.ts';
import { callApi } from '../page/api.ts';
import { isTrusted, secureAddress } from '../trust/secure-address.ts';
import { say } from './say.ts';

/** Where this page is over HTTPS, and whether this device takes the box's certificate; null where there is no such way. */
interface SecureWay {
  address: string;
  trusted: boolean;
}

let looked: Promise<SecureWay | null> | null = null;

async function lookForWay(): Promise<SecureWay | null> {
  // The box's own screen, or a tunnel: what is typed crosses no network in the open.
  if (window.isSecureContext) return null;
  const { port } = await callApi(getCertificate);
  if (port === null) return null;
  const { hostname, pathname, hash } = location;
  const address = secureAddress(hostname, port, `${pathname}${hash}`);
  return { address, trusted: await isTrusted(hostname, port) };
}

/** Looked for once a page: a device that begins to trust the box does so on another page, /trust. */
const secureWay = (): Promise<SecureWay | null> => {
  looked ??= lookForWay().catch(() => null);
  return looked;
};

function useSecureWay(): SecureWay | null {
  const [way, setWay] = useState<SecureWay | null>(null);
  useEffect(() => void secureWay().then(setWay), []);
  return way;
}

/** Goes to HTTPS where this device trusts the box: before pairing, which holds for one of the two alone. */
export function useMoveToHttps(): void {
  const way = useSecureWay();
  useEffect(() => {
    if (way?.trusted) location.replace(way.address);
  }, [way]);
}

/** Said where a secret is typed into a page that came over plain HTTP. */
export function PlainHttpWarning({ id }: { id?: string }) {
  const way = useSecureWay();
  if (way === null) return null;
  return (
    <span class="help warning" id={id}>
      {say('plainHttp')}{' '}
      <a href={way.trusted ? way.address : '/trust'}>
        {say(way.trusted ? 'plainHttpMove' : 'plainHttpTrust')}
      </a>
    </span>
  );
}
