export function nodeHeaders(): string | null;
export function buildSystemAddons(
  folder: string,
  compiler?: string,
): Promise<{ path: string; contents: Buffer }[]>;
