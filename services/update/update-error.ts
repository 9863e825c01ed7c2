import type { Problem } from '#core/domain/problem.ts';

/** Why an update came to nothing, for people. */
export class UpdateError extends Error {
  readonly reason: Problem;

  constructor(reason: Problem) {
    super(reason.message);
    this.reason = reason;
  }
}

export const updateReasons = {
  wrongKey: (details: string): Problem => ({
    code: 'update-signature',
    message: `The update is not signed by a key that this box knows, or was changed on its way (${details}).`,
    action: 'Take it from where the box came from, and nothing else.',
  }),
  torn: (details: string): Problem => ({
    code: 'update-torn',
    message: `The update is incomplete or not an update at all (${details}).`,
    action: 'Fetch it again.',
  }),
  otherBox: (details: string): Problem => ({
    code: 'update-other-box',
    message: `The update is for another kind of box (${details}).`,
    action: 'Take the one for this box.',
  }),
  notNewer: (version: string, current: string): Problem => ({
    code: 'update-not-newer',
    message: `The update is version ${version}, and ${current} runs.`,
    action: 'Ask for it if you mean it: onair update FILE --downgrade.',
  }),
  noChannel: (details: string): Problem => ({
    code: 'update-channel',
    message: `Nobody knows whether there is a newer version: the update channel could not be read (${details}).`,
    action: 'Check update.channel and the network; the box asks again by itself.',
  }),
  notOffered: {
    code: 'update-not-offered',
    message: 'Neither the update channel nor a USB disk has a newer version.',
    action: 'Give the address of an update, set update.channel, or plug in a disk with it.',
  },
  notDownloaded: (details: string): Problem => ({
    code: 'update-download',
    message: `The update could not be downloaded: ${details}.`,
    action: 'Check the address and the network, then ask again.',
  }),
  notCopied: (details: string): Problem => ({
    code: 'update-download',
    message: `The update could not be copied from the disk: ${details}.`,
    action: 'Plug the disk in again, then ask again.',
  }),
  notWritten: (details: string): Problem => ({
    code: 'update-not-written',
    message: `The update could not be written: ${details}.`,
    action: 'Nothing has changed. If this comes back, the card is worn out: use another one.',
  }),
  nothingBefore: {
    code: 'update-nothing-before',
    message: 'There is no other version on this card.',
    action: 'Install the one you want: onair update FILE --downgrade.',
  },
  notStarted: (version: string): Problem => ({
    code: 'update-not-started',
    message: `Version ${version} did not start, and the version before is back.`,
    action: 'Report it with onair doctor; this box goes on as it was.',
  }),
  notProven: (version: string, { message }: Problem): Problem => ({
    code: 'update-not-proven',
    message: `Version ${version} started and was taken back: ${message}`,
    action: 'Report it with onair doctor; this box goes on as it was.',
  }),
  waitsForEnd: {
    code: 'update-waits',
    message: 'The update is installed, and is tried as soon as the broadcast has ended.',
    action: 'Stop the broadcast, or let it wait.',
  },
  pageAway: (details: string): Problem => ({
    code: 'page-away',
    message: `The page was not served (${details}).`,
    action: 'See onair logs control.',
  }),
  proofLate: {
    code: 'no-picture',
    message: 'No picture of the source was decoded in time.',
    action: 'See onair logs media and onair logs outputs.',
  },
  controlAway: {
    code: 'services-missing',
    message: 'The control service did not start.',
    action: 'See onair logs control.',
  },
} as const;
