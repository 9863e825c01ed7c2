export const maintainer: string;
export function controlFile(details: {
  version: string;
  architecture: string;
  libraries: string;
  installedKb: number;
  abi: number;
}): Promise<string>;
