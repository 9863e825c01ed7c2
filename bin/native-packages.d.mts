export const nativePackages: readonly string[];
