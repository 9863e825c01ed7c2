import t from 'tap';
import { type FlowReports, type PictureFlow, pictureFlow } from '#control/domain/picture-flow.ts';

/** All is well at 30 frames a second, `agoMs` before now. */
const nowMs = 100_000;
const ago = (ms: number): number => nowMs - ms;
const well: FlowReports = {
  framesPerSecond: 30,
  substituted: false,
  partAtMs: ago(200),
  firstPartAtMs: ago(60_000),
  packets: true,
  packetsLostAtMs: null,
};
const slow = { ...well, framesPerSecond: 1 };

const live = { arrives: true, begins: true, advances: true };
const dark = { arrives: false, begins: false, advances: false };

const table: [string, FlowReports, Partial<PictureFlow>][] = [
  ['parts and packets come', well, { ...live, retriesAfterMs: 1_500 }],
  ['nothing ever came', { ...well, partAtMs: null, firstPartAtMs: null, packets: false }, dark],
  ['a part may be a second old, and a burst', { ...well, partAtMs: ago(1_300) }, live],
  ['parts ceased', { ...well, partAtMs: ago(1_301) }, dark],
  ['packets alone: players have nothing', { ...well, firstPartAtMs: null, partAtMs: null }, dark],
  [
    'parts of the broadcast before are none of this one, though the light has gone on for them',
    { ...well, firstPartAtMs: null },
    { arrives: false, begins: false, advances: true },
  ],
  [
    'the first part, and packets not yet: it waits for them',
    { ...well, firstPartAtMs: ago(1_500), packets: false },
    { arrives: true, begins: false, advances: false },
  ],
  [
    'packets were waited for long enough: viewers have LL-HLS',
    { ...well, firstPartAtMs: ago(1_501), packets: false },
    { arrives: true, begins: true, advances: false },
  ],
  [
    'egress misses packets: at 30 frames a second that is a second without',
    { ...well, packets: false, packetsLostAtMs: ago(0) },
    { arrives: true, advances: false },
  ],
  [
    'the slate is on the air: no pictures of the source',
    { ...well, substituted: true },
    { ...live, arrives: false, begins: false },
  ],
  [
    'a slow source has five frames of time',
    { ...slow, partAtMs: ago(5_300) },
    { ...live, retriesAfterMs: 5_500 },
  ],
  ['and no more', { ...slow, partAtMs: ago(5_301) }, dark],
  ['its packets too', { ...slow, packets: false, packetsLostAtMs: ago(3_999) }, live],
  [
    'and these no more',
    { ...slow, packets: false, packetsLostAtMs: ago(4_000) },
    { arrives: true, advances: false },
  ],
  [
    'egress left: there is no time to wait for',
    { ...slow, packets: false },
    { arrives: true, advances: false },
  ],
  [
    'a rate that nobody knows is no slow one',
    { ...well, framesPerSecond: 0 },
    { ...live, retriesAfterMs: 1_500 },
  ],
];

for (const [name, reports, expected] of table) {
  t.test(name, (t) => {
    t.match(pictureFlow(reports, nowMs), expected);
    t.end();
  });
}
