import t from 'tap';
import { tipsFor } from '#web-ui/help/tips.ts';
import { helpWords } from '#web-ui/help/words.ts';

const calm = { count: 0, stillMs: 0 };
const stalls = { count: 5, stillMs: 4_000 };

t.test('who is to blame when it stutters is said by what was measured', async (t) => {
  for (const [measured, tips] of [
    [{ stalls: calm, packetsLost: 0, frames: 10_000, droppedFrames: 0 }, ['smooth']],
    [{ stalls, packetsLost: 0, frames: 10_000, droppedFrames: 0 }, ['stalled', 'unexplained']],
    [{ stalls, packetsLost: null, frames: 10_000, droppedFrames: 0 }, ['stalled']], // LL-HLS
    [{ stalls, packetsLost: 19, frames: 10_000, droppedFrames: 500 }, ['stalled', 'unexplained']],
    [{ stalls, packetsLost: 20, frames: 10_000, droppedFrames: 0 }, ['stalled', 'lost']],
    [{ stalls, packetsLost: 0, frames: 10_000, droppedFrames: 501 }, ['stalled', 'dropped']],
    [{ stalls, packetsLost: 400, frames: 10_000, droppedFrames: 900 }, ['stalled', 'dropped', 'lost']],
    [{ stalls, packetsLost: 0, frames: 200, droppedFrames: 100 }, ['stalled', 'unexplained']],
  ] as const)
    t.same(tipsFor(measured), tips, JSON.stringify(measured));
});

t.test('only lost packets name the network, only dropped pictures this device', async (t) => {
  for (const words of Object.values(helpWords)) {
    t.match(words.lost, /packet|Paket|network|Netz|Wi-Fi|WLAN/i);
    t.notMatch(words.dropped, /network|Netz|Wi-Fi|WLAN/i);
    t.notMatch(words.unexplained, /^(?!.*(not|neither|nor|no |kein|nicht|weder)).*(network|Netz|WLAN)/i);
  }
});
