import { gunzipSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { Appliance } from '../support/appliance.ts';
import { secureOf } from '../support/secure-box.ts';
import { type HlsAnswer, type HlsWay, overHttp, overHttps } from '../support/strict-hls/asking.ts';
import { mediaRules } from '../support/strict-hls/media-rules.ts';
import {
  attributesOf,
  linesOf,
  type ReadPlaylist,
  readPlaylist,
  unquoted,
} from '../support/strict-hls/playlist-reader.ts';
import { reloadRules, withSkipped } from '../support/strict-hls/reload-rules.ts';

// Every MUST of rfc8216bis that a box's playlists and headers touch, on a broadcast, over HTTP and over HTTPS.
// That each rule can say no is tested in test/unit/control/hls/strict-rules.test.ts.

t.setTimeout(240_000);

/** Of so many versions, one for each part. */
const versions = 40;
const multivariantPath = '/hls/live.m3u8';

const box = await Appliance.start({
  settings: { hls: { windowSeconds: 6 }, video: { width: 320, height: 180, framesPerSecond: 15 } },
});
t.teardown(() => box.close());
await box.call('POST', '/api/v1/broadcast', {});
await box.until(({ broadcast }) => broadcast.state === 'live', 60_000);

const beside = (uri: string): string => new URL(uri, `http://box${multivariantPath}`).pathname;

async function mediaPath(way: HlsWay): Promise<string> {
  const { body } = await way.get(multivariantPath);
  const uri = linesOf(String(body)).flatMap((line) => ('uri' in line ? [line.uri] : []));
  return beside(uri[0] ?? '');
}

/** What a player of low latency asks for next. */
function nextOf({ segments }: ReadPlaylist): string {
  const last = segments.at(-1);
  if (last === undefined) return '';
  return last.uri === null
    ? `_HLS_msn=${last.sequence}&_HLS_part=${last.parts.length}`
    : `_HLS_msn=${last.sequence + 1}&_HLS_part=0`;
}

async function read(way: HlsWay, path: string): Promise<ReadPlaylist> {
  const { status, body } = await way.get(path);
  if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  return readPlaylist(String(body));
}

/** The lowest part target seen: what it is while the encoder gets enough of the machine. */
let steadyTarget = Number.POSITIVE_INFINITY;

/**
 * A source that stalls raises the targets for as long as what it made too long is listed, and the rules on targets can't hold
 * then. A machine with more to do stalls it, so that versions of such a time are not judged.
 */
function isSteady({ partTarget }: ReadPlaylist): boolean {
  steadyTarget = Math.min(steadyTarget, partTarget);
  return partTarget === steadyTarget;
}

/** Version after version, each as soon as it is there, all of a steady time. */
async function follow(way: HlsWay, path: string): Promise<ReadPlaylist[]> {
  let newest = await read(way, path);
  let seen: ReadPlaylist[] = [];
  while (seen.length < versions) {
    const [oldest = newest] = seen;
    if (oldest.partTarget !== newest.partTarget || oldest.target !== newest.target) seen = [];
    if (isSteady(newest)) seen.push(newest);
    newest = await read(way, `${path}?${nextOf(newest)}`);
  }
  return seen;
}

/** A version of a steady time, and what a client that has it is told with this in the query. */
async function steadyPair(way: HlsWay, path: string, query: string): Promise<[ReadPlaylist, ReadPlaylist]> {
  for (;;) {
    const known = await read(way, path);
    const next = await read(way, `${path}?${nextOf(known)}&${query}`);
    if (isSteady(known) && isSteady(next) && known.target === next.target) return [known, next];
  }
}

async function judged(t: Test, way: HlsWay): Promise<void> {
  const path = await mediaPath(way);
  const seen = await follow(way, path);
  const newest = (): Promise<ReadPlaylist> => read(way, path);

  for (const { section, must, broken } of mediaRules)
    t.test(`${section}: ${must}`, (t) => {
      t.strictSame(
        seen.map(broken).filter((why) => why !== null),
        [],
      );
      t.end();
    });
  for (const { section, must, broken } of reloadRules)
    t.test(`${section}: ${must}`, (t) => {
      const broke = seen.slice(1).map((after, at) => broken(seen[at] ?? after, after));
      t.strictSame(
        broke.filter((why) => why !== null),
        [],
      );
      t.end();
    });

  t.test('4: a playlist is told by its media type', async (t) => {
    for (const asked of [multivariantPath, path])
      t.equal((await way.get(asked)).header('content-type'), 'application/vnd.apple.mpegurl', asked);
  });

  t.test('4.4.6.2: each EXT-X-STREAM-INF has a BANDWIDTH, and its URI on the next line', async (t) => {
    const text = String((await way.get(multivariantPath)).body);
    t.match(text, /^#EXTM3U\n/);
    t.notMatch(
      text,
      /#EXT(INF|-X-(TARGETDURATION|MEDIA-SEQUENCE|PART|MAP))/,
      'no tag of a media playlist (4.4.3)',
    );
    const lines = linesOf(text);
    const at = lines.findIndex((line) => 'tag' in line && line.tag === 'EXT-X-STREAM-INF');
    const line = lines[at];
    const found = attributesOf(line && 'tag' in line ? line.value : '');
    t.ok('uri' in (lines[at + 1] ?? {}));
    t.match(found.get('BANDWIDTH'), /^\d+$/);
    t.match(unquoted(found.get('CODECS')), /^avc1\.[0-9a-f]{6}(,mp4a\.40\.2)?$/);
    t.match(found.get('RESOLUTION'), /^\d+x\d+$/);
    const bandwidth = Number(found.get('BANDWIDTH'));
    const { segments } = await newest();
    for (const { uri, seconds } of segments.filter(({ uri }) => uri !== null).slice(0, 2)) {
      const { body } = await way.get(beside(uri ?? ''));
      // One that came meanwhile may be the peak of the next version.
      t.ok((8 * body.length) / (seconds ?? 1) <= 1.5 * bandwidth, `${uri} is within the peak`);
    }
  });

  t.test('6.2.2: what is listed can be had, whole', async (t) => {
    const { segments } = await newest();
    const listed = segments.flatMap(({ uri, map, parts }) => [uri, map, ...parts.map((part) => part.uri)]);
    for (const uri of new Set(listed.filter((one) => one !== null))) {
      const { status, header, body } = await way.get(beside(uri));
      t.equal(status, 200, uri);
      t.equal(Number(header('content-length')), body.length, uri);
      t.equal(header('content-type'), 'video/mp4', uri);
    }
  });

  t.test('4.4.4.9: the parts of a segment, one after the other, are the segment', async (t) => {
    const { segments } = await newest();
    const whole = segments.filter(({ uri, parts }) => uri !== null && parts.length > 0);
    t.ok(whole.length > 0);
    for (const { uri, parts } of whole) {
      const pieces: Buffer[] = [];
      for (const part of parts) pieces.push((await way.get(beside(part.uri))).body);
      t.ok(Buffer.concat(pieces).equals((await way.get(beside(uri ?? ''))).body), `${uri}`);
    }
  });

  t.test('4.4.5.3, 6.2.6: a hinted part can be asked for before it is there, and comes whole', async (t) => {
    const { hints } = await newest();
    const uri = unquoted(hints[0]?.get('URI'));
    const early = await way.get(beside(uri));
    t.equal(early.status, 200);
    const listed = await newest();
    t.ok(
      listed.segments.some(({ parts }) => parts.some((part) => part.uri === uri)),
      'it is listed by then',
    );
    t.ok(early.body.equals((await way.get(beside(uri))).body));
  });

  t.test('6.2.5.2: a reload is held until the playlist has what it asks for', async (t) => {
    const known = await newest();
    const last = known.segments.at(-1);
    const sequence = (last?.sequence ?? 0) + 1;
    const held = await read(way, `${path}?_HLS_msn=${sequence}`);
    const asked = held.segments.find((segment) => segment.sequence === sequence);
    t.ok(asked?.uri, 'the whole segment is listed');
    const part = await read(way, `${path}?_HLS_msn=${sequence + 1}&_HLS_part=1`);
    const growing = part.segments.find((segment) => segment.sequence === sequence + 1);
    t.ok((growing?.parts.length ?? 0) > 1 || (part.segments.at(-1)?.sequence ?? 0) > sequence + 1);
  });

  t.test('6.2.5.2: what cannot be waited for is refused with 400', async (t) => {
    const { segments } = await newest();
    const last = segments.at(-1)?.sequence ?? 0;
    for (const query of [
      `_HLS_msn=${last + 50}`,
      '_HLS_part=0',
      '_HLS_msn=x',
      `_HLS_msn=${last}&_HLS_part=999`,
    ])
      t.equal((await way.get(`${path}?${query}`)).status, 400, query);
    t.equal((await way.get(`${path}?_HLS_unknown=1`)).status, 200, 'what is not known is ignored');
  });

  t.test('6.2.5.1: a delta update stands for the same playlist', async (t) => {
    for (const skip of ['YES', 'v2']) {
      const [known, delta] = await steadyPair(way, path, `_HLS_skip=${skip}`);
      t.strictSame(
        mediaRules.map(({ broken }) => broken(delta)).filter((why) => why !== null),
        [],
      );
      const whole = withSkipped(known, delta);
      t.strictSame(
        reloadRules.map(({ broken }) => broken(known, whole)).filter((why) => why !== null),
        [],
      );
      t.equal(whole.segments[0]?.sequence, whole.sequence, 'from the first segment on');
    }
  });

  t.test('6.2.1: a playlist comes packed where that is asked for, and is the same', async (t) => {
    const packed = await way.get(path, { 'accept-encoding': 'gzip' });
    t.match(packed.header('vary'), /accept-encoding/i);
    t.equal(packed.header('content-encoding'), 'gzip');
    if (way.name === 'HTTPS') t.match(String(gunzipSync(packed.body)), /^#EXTM3U\n/);
  });

  t.test('a byte range of a segment is that of the whole (RFC 9110, 14)', async (t) => {
    const { segments } = await newest();
    const uri = beside(segments.find((segment) => segment.uri !== null)?.uri ?? '');
    const whole = await way.get(uri);
    const range = (bytes: string): Promise<HlsAnswer> => way.get(uri, { range: `bytes=${bytes}` });
    const some = await range('10-19');
    t.equal(some.status, 206);
    t.equal(some.header('content-range'), `bytes 10-19/${whole.body.length}`);
    t.ok(some.body.equals(whole.body.subarray(10, 20)));
    t.ok((await range('-5')).body.equals(whole.body.subarray(-5)));
    t.equal((await range(`${whole.body.length}-`)).status, 416);
  });
}

t.test('over HTTP', async (t) => {
  await judged(t, overHttp(await box.origin()));
});

t.test('over HTTPS, with HTTP/2', async (t) => {
  const way = await overHttps(await secureOf(box));
  t.teardown(() => way.close());
  await judged(t, way);
});

t.test('a broadcast that begins again goes on in the sequence, with a discontinuity', async (t) => {
  const way = overHttp(await box.origin());
  const path = await mediaPath(way);
  const before = await read(way, path);
  await box.call('DELETE', '/api/v1/broadcast');
  await box.until(({ broadcast }) => broadcast.state === 'offline', 60_000);
  await box.call('POST', '/api/v1/broadcast', {});
  await box.until(({ broadcast }) => broadcast.state === 'live', 60_000);
  const [after] = await steadyPair(way, path, '_HLS_skip=NO');
  t.ok(after.sequence > (before.segments.at(-1)?.sequence ?? 0), 'no number is given twice');
  t.ok(after.discontinuitySequence >= before.discontinuitySequence);
  t.strictSame(
    mediaRules.map(({ broken }) => broken(after)).filter((why) => why !== null),
    [],
  );
});
