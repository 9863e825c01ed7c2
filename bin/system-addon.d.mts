export function nodeHeaders(): string | null;
export function buildSystemAddon(
  folder: string,
  compiler?: string,
): Promise<{ path: string; contents: Buffer }[]>;
