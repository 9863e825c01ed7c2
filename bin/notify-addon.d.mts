export function nodeHeaders(): string | null;
export function buildNotifyAddon(
  folder: string,
  compiler?: string,
): Promise<{ path: string; contents: Buffer }[]>;
