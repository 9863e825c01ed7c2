import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const checkout = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** One import in a source file. */
export interface Import {
  /** As written: "node:fs", "#core/domain/errors.ts", "./panel.ts". */
  specifier: string;
  /** Path in the checkout where it names a file of ours, else null. */
  file: string | null;
  /** Gone before the code runs. */
  isTypeOnly: boolean;
}

/** Paths in the checkout of all TypeScript files below a folder of it. */
export async function sourceFiles(folder: string): Promise<string[]> {
  const found = await readdir(join(checkout, folder), { recursive: true });
  return found
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules'))
    .map((path) => join(folder, path))
    .sort();
}

export async function readText(path: string): Promise<string> {
  return await readFile(join(checkout, path), 'utf8');
}

const statement = /^(?:import|export)\b(\s+type\b)?[^'"`;]*?\bfrom\s*'([^']+)'|^import\s*'([^']+)'/gm;
const dynamic = /\bimport\(\s*'([^']+)'\s*\)/g;

/** What a file imports; of `{ a, type B }` the file as a whole. */
export async function importsOf(path: string): Promise<Import[]> {
  const text = await readText(path);
  const found = [...text.matchAll(statement)].map(([, isType, from, bare]) => ({
    specifier: from ?? bare ?? '',
    isTypeOnly: isType !== undefined,
  }));
  for (const [, specifier = ''] of text.matchAll(dynamic)) found.push({ specifier, isTypeOnly: false });
  return found.map((one) => ({ ...one, file: fileOf(path, one.specifier) }));
}

function fileOf(importer: string, specifier: string): string | null {
  if (specifier.startsWith('.')) return normalize(join(dirname(importer), specifier));
  if (!specifier.startsWith('#')) return null;
  return /^#(web-ui|test)\//.test(specifier) ? specifier.slice(1) : join('services', specifier.slice(1));
}
