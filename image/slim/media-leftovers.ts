import { type InstalledPackage, withDependencies } from '../describe/debian-status.ts';

/** What is left of the packages that only GStreamer's plugins asked for, once most plugins are gone. */
export interface MediaLeftovers {
  /** Packages of which nothing is needed any more. */
  packages: string[];
  /** Libraries and plugins that nothing is linked with, of packages that stay. */
  files: string[];
}

/** The packages that only GStreamer's plugins asked for: those that nothing of `roots` depends on. */
export function mediaPackages(
  installed: readonly InstalledPackage[],
  roots: readonly string[],
): InstalledPackage[] {
  const system = withDependencies(installed, [
    ...roots,
    ...installed.filter((entry) => entry.essential || entry.priority === 'required').map(({ name }) => name),
  ]);
  return installed.filter(({ name }) => !system.has(name));
}

/**
 * Finds what may go of these packages.
 *
 * @param linkableOf a package's programs, libraries and plugins: the files that can be linked with others
 * @param linked all that the plugins that stay and the rest of the system are linked with
 */
export function mediaLeftovers(
  media: readonly InstalledPackage[],
  linkableOf: (name: string) => string[],
  linked: ReadonlySet<string>,
): MediaLeftovers {
  const files: string[] = [];
  const kept = new Set<string>();
  const data: InstalledPackage[] = [];
  const dropped: string[] = [];
  for (const entry of media) {
    const linkable = linkableOf(entry.name);
    const unneeded = linkable.filter((path) => !linked.has(path));
    if (linkable.length === 0) data.push(entry);
    else if (unneeded.length === linkable.length) dropped.push(entry.name);
    else {
      kept.add(entry.name);
      files.push(...unneeded);
    }
  }
  // Packages of data stay where a library that stays depends on them. What the plugins' own packages depend on says
  // nothing: they depend on everything that any plugin could use.
  const dataByName = new Map(data.map((entry) => [entry.name, entry]));
  const open = media
    .filter(({ name }) => kept.has(name) && !name.startsWith('gstreamer1.0-'))
    .flatMap(({ depends }) => depends.flat());
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const entry = dataByName.get(name);
    if (entry === undefined || kept.has(name)) continue;
    kept.add(name);
    open.push(...entry.depends.flat());
  }
  return { packages: [...dropped, ...data.map(({ name }) => name).filter((name) => !kept.has(name))], files };
}
