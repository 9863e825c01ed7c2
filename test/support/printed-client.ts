import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'fixtures', 'nova');
const printedAddress = 'wss://api.nova-social.io';

/** A client as nova.md prints it, unchanged but for the address. @param origin "ws://HOST:PORT" */
export function printedNovaClient(origin: string): string {
  return printed('printed-client.js.txt').replace(printedAddress, origin);
}

/** The short one under "Example Connection": it has stream and token written into it as parts of the address. */
export function printedNovaConnection(origin: string, stream: string, token: string): string {
  return printed('printed-connection.js.txt')
    .replace(printedAddress, origin)
    .replace('550e8400-e29b-41d4-a716-446655440000', stream)
    .replace('eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9...', token);
}

function printed(name: string): string {
  const code = readFileSync(join(folder, name), 'utf8');
  if (!code.includes(printedAddress)) throw new Error(`${name} is not what was printed`);
  return code;
}
