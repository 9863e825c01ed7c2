/** What the slate says while no source delivers, in the language of `device.language`. */
export const slateWords = { en: 'Back in a moment', de: 'Gleich geht es weiter' } as const;
