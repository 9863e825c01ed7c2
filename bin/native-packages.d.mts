export declare const nativePackages: readonly string[];
