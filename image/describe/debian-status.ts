/** One installed package, as /var/lib/dpkg/status has it. */
export interface InstalledPackage {
  name: string;
  version: string;
  architecture: string;
  /** The source package and its version; the same as the package's own where it says nothing else. */
  source: string;
  sourceVersion: string;
  essential: boolean;
  priority: string;
  /** Names that one of each group must be there of: `Depends` and `Pre-Depends`. */
  depends: string[][];
  /** Names it stands in for besides its own. */
  provides: string[];
  description: string;
  homepage: string | undefined;
  /** The paragraph itself, without the empty line after it. */
  text: string;
}

/** Reads dpkg's status file (deb822 paragraphs): what is installed, in the file's order. */
export function readStatus(status: string): InstalledPackage[] {
  return status
    .split(/\n\n+/)
    .filter((text) => text.trim() !== '')
    .map(readParagraph)
    .filter((entry) => entry !== undefined);
}

function readParagraph(text: string): InstalledPackage | undefined {
  const fields = new Map<string, string>();
  for (const [, name, value] of text.matchAll(/^([A-Za-z0-9-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)) {
    if (name !== undefined && value !== undefined) fields.set(name.toLowerCase(), value);
  }
  const name = fields.get('package');
  const version = fields.get('version');
  if (name === undefined || version === undefined || !/ installed$/.test(fields.get('status') ?? ''))
    return undefined;
  const source = /^(\S+)(?: \((.+)\))?$/.exec(fields.get('source') ?? name);
  return {
    name,
    version,
    architecture: fields.get('architecture') ?? 'all',
    source: source?.[1] ?? name,
    sourceVersion: source?.[2] ?? version,
    essential: fields.get('essential') === 'yes',
    priority: fields.get('priority') ?? 'optional',
    depends: ['pre-depends', 'depends'].flatMap((field) => readRelations(fields.get(field) ?? '')),
    provides: readRelations(fields.get('provides') ?? '').flat(),
    description: (fields.get('description') ?? '').split('\n')[0] ?? '',
    homepage: fields.get('homepage'),
    text: text.trim(),
  };
}

function readRelations(field: string): string[][] {
  return field
    .split(',')
    .map((group) => group.split('|').map((one) => one.trim().replace(/[\s(:[].*$/s, '')))
    .filter(([first]) => first !== undefined && first !== '');
}

/** The packages named, and all that they depend on, as far as installed. */
export function withDependencies(
  installed: readonly InstalledPackage[],
  names: Iterable<string>,
): Set<string> {
  const providers = new Map<string, InstalledPackage[]>();
  for (const entry of installed) {
    for (const name of [entry.name, ...entry.provides])
      providers.set(name, [...(providers.get(name) ?? []), entry]);
  }
  const found = new Set<string>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const entry of providers.get(name) ?? []) {
      if (found.has(entry.name)) continue;
      found.add(entry.name);
      open.push(...entry.depends.flat());
    }
  }
  return found;
}
