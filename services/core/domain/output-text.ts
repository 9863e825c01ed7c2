import type { OutputBody } from '../protocol/endpoints/outputs.ts';

const words: Record<OutputBody['state'], string> = {
  off: 'off',
  waiting: 'waits for a broadcast',
  connecting: 'connecting',
  live: 'live',
  retrying: 'can not be reached',
  failed: 'refused',
};

/** Destinations as people read them on a command line: one a line, and what is wrong below it. */
export function outputsText(outputs: readonly OutputBody[]): string {
  if (outputs.length === 0) return 'No destinations. Add one with: outputs add NAME URL';
  const idWidth = Math.max(...outputs.map(({ id }) => id.length));
  const nameWidth = Math.max(...outputs.map(({ name }) => name.length));
  return outputs
    .flatMap((output) => {
      const { id, name, state, reason, url, bitrateKbps, reconnects, complaints } = output;
      const figures = [
        bitrateKbps === null ? null : `${bitrateKbps} kbit/s`,
        reconnects === 0 ? null : `${reconnects} ${reconnects === 1 ? 'reconnect' : 'reconnects'}`,
      ].filter(Boolean);
      const said = [words[state], ...figures].join(', ');
      const notes = [reason ? `${reason.message} ${reason.action}` : null, ...complaints].filter(Boolean);
      return [
        `${id.padEnd(idWidth)}  ${name.padEnd(nameWidth)}  ${said}  ${url}`,
        ...notes.map((note) => `${' '.repeat(idWidth)}  ${note}`),
      ];
    })
    .join('\n');
}

/** The one that somebody means by its id or its name; undefined where that is none, or more than one. */
export function outputNamed(outputs: readonly OutputBody[], text: string): OutputBody | undefined {
  const wanted = text.trim().toLowerCase();
  const byId = outputs.find(({ id }) => id === text);
  const byName = outputs.filter(({ name }) => name.toLowerCase() === wanted);
  return byId ?? (byName.length === 1 ? byName[0] : undefined);
}
