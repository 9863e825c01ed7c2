export function closure(names: readonly string[], user?: string): Promise<string[]>;
export function copyNodeModules(places: {
  target: string;
  addons: string;
  architecture: string;
  cache: string;
}): Promise<void>;
