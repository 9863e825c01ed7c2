/** sshd(8), "AUTHORIZED_KEYS FILE FORMAT": a type, the key, and a comment; options are not taken over. */
const publicKey =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) ([A-Za-z0-9+/]+={0,2})(?: [^\0\r\n]*)?$/;
const mark = 'onair.toml';
const maxKeys = 16;

/** The keys of `ssh_key`: one, or a list. */
export function readSshKeys(value: unknown): { keys: string[]; wrong: boolean } {
  const given = Array.isArray(value) ? value.slice(0, maxKeys) : value === '' ? [] : [value];
  const keys = given.flatMap((one) => {
    const [, type, key] = (typeof one === 'string' && publicKey.exec(one.trim())) || [];
    return type !== undefined && key !== undefined && isOf(type, key) ? [`${type} ${key}`] : [];
  });
  return { keys, wrong: keys.length < given.length };
}

/** An `authorized_keys` with these keys in it, and those of others as they were. */
export function withKeys(authorizedKeys: string, keys: readonly string[]): string {
  const others = authorizedKeys.split('\n').filter((line) => line !== '' && !line.endsWith(` ${mark}`));
  return [...others, ...keys.map((key) => `${key} ${mark}`)].map((line) => `${line}\n`).join('');
}

/** RFC 4253, 6.6: a key begins with its own type, with its length before it. */
function isOf(type: string, key: string): boolean {
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length < 4 + type.length) return false;
  return bytes.readUInt32BE(0) === type.length && bytes.toString('latin1', 4, 4 + type.length) === type;
}
