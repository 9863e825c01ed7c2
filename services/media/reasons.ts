import type { Problem } from '#core/domain/problem.ts';

/** Debian packages of the elements that a pipeline here may name. */
const packageOf: Record<string, string> = {
  x264enc: 'gstreamer1.0-plugins-ugly',
  libcamerasrc: 'gstreamer1.0-libcamera',
  alsasrc: 'gstreamer1.0-alsa',
  v4l2src: 'gstreamer1.0-plugins-good',
  v4l2h264enc: 'gstreamer1.0-plugins-good',
  rtph264pay: 'gstreamer1.0-plugins-good',
  rtpopuspay: 'gstreamer1.0-plugins-good',
  udpsink: 'gstreamer1.0-plugins-good',
  videoflip: 'gstreamer1.0-plugins-good',
  h264parse: 'gstreamer1.0-plugins-bad',
  gdppay: 'gstreamer1.0-plugins-bad',
  rsvgdec: 'gstreamer1.0-plugins-bad',
  voaacenc: 'gstreamer1.0-plugins-bad',
};

/** What control or a user is told; every code that media may send stands in this table. */
const table = {
  'request-invalid': ['The video settings cannot work: $.', 'Change the setting named here.'],
  'source-missing': ['$ does not exist.', 'Plug the camera in or set video.source to another one.'],
  'source-not-capture': [
    '$ is not a camera or capture device.',
    'Set video.source to the device that delivers pictures, or to auto.',
  ],
  'source-denied': ['$ may not be opened.', 'Give the media service read access to it (group video).'],
  'source-busy': ['$ is in use by another program.', 'End the other program; Onair tries again by itself.'],
  'source-format': [
    '$ offers no picture format that can be used.',
    'Choose another size or frame rate, or another camera.',
  ],
  'source-lost': ['The camera stopped delivering: $.', 'Check its cable; Onair tries again by itself.'],
  'no-camera': ['No camera was found: $.', 'Plug a camera in, or set video.source to test or to file:PATH.'],
  'clip-missing': ['The clip $ does not exist.', 'Set video.source to file: and the path of a clip.'],
  'clip-denied': ['The clip $ may not be read.', 'Give the media service read access to it.'],
  'clip-not-file': ['$ is not a regular file.', 'Set video.source to file: and the path of a clip.'],
  'clip-unreadable': ['The clip cannot be decoded: $.', 'Choose a clip that GStreamer can decode.'],
  'clip-without-pictures': ['The clip has no pictures in it.', 'Choose a clip with video.'],
  'audio-unavailable': ['The microphone cannot be used: $.', 'Check audio.source, or set it to none.'],
  'element-missing': ['GStreamer has no element $ here.', 'Install the package that holds it: $.'],
  'encoder-missing': [
    'There is no hardware H.264 encoder here.',
    'The processor encodes in its place (x264enc); set video.encoder to auto or x264enc.',
  ],
  'encoder-denied': [
    'The hardware encoder $ may not be opened.',
    'Give the media service read and write access to it (group video); the processor encodes meanwhile.',
  ],
  'encoder-busy': [
    'The hardware encoder $ is in use by another program.',
    'End the other program; the processor encodes meanwhile, and Onair returns to the hardware by itself.',
  ],
  'encoder-size': [
    'The hardware encoder takes no pictures of $.',
    'Choose another size; the processor encodes meanwhile.',
  ],
  'encoder-level': [
    'The hardware encoder offers no H.264 level for $.',
    'Choose a smaller size or frame rate; the processor encodes meanwhile.',
  ],
  'encoder-no-key-frames': [
    'The hardware encoder makes no key frames when it is asked to, and viewers would wait for pictures.',
    'Nothing: the processor encodes in its place.',
  ],
  'encoder-gave-up': [
    'The hardware encoder failed.',
    'Nothing: the processor encodes meanwhile, and Onair tries the hardware again by itself.',
  ],
  'encoder-failed': ['The encoder failed: $.', 'Onair tries again by itself; a lower resolution may help.'],
  'pipeline-failed': ['The video pipeline failed: $.', 'Onair tries again by itself; see the log of media.'],
  'pipeline-died': ['The video pipeline ended unexpectedly ($).', 'Onair starts it again by itself.'],
  'encoder-silent': ['The encoder has delivered nothing for $.', 'Onair starts it again by itself.'],
  'clip-stalled': [
    'No pictures have come from the clip for $.',
    'Onair reads it again by itself; choose another clip if it happens again.',
  ],
  'source-silent': ['The source has delivered no pictures for $.', 'Onair tries again by itself.'],
  'slate-unreadable': ['The picture $ of video.slate cannot be decoded.', 'Choose a PNG or JPEG picture.'],
  'overlay-failed': [
    'Clock, text and logo cannot be drawn over the picture: $.',
    'Onair tries again by itself; the broadcast goes on without them.',
  ],
  'logo-unreadable': [
    'The picture $ of overlay.logo cannot be read.',
    'Choose a PNG or JPEG picture of 4 MB or less.',
  ],
  'source-unknown': ['There is no source $.', 'Choose one that onair sources lists.'],
  'source-died': ['The process of the source ended unexpectedly ($).', 'Onair starts it again by itself.'],
  'no-publisher': [
    'Nobody publishes to $ yet.',
    'Start the stream at the sender: onair ingest shows the address.',
  ],
  'rtmp-port': [
    'RTMP cannot be taken at port $.',
    'Set ingest.rtmpPort to a free one, or ingest.rtmp to false. It is tried again by itself.',
  ],
  'srt-port': [
    'SRT cannot be taken at port $.',
    'Set ingest.srtPort to a free one, or ingest.srt to false. It is tried again by itself.',
  ],
  'publisher-key': ['$ was turned away: its key is wrong.', 'Give it the address that onair ingest shows.'],
  'publisher-second': [
    '$ was turned away: somebody else publishes already.',
    'End the first stream, or use another way in.',
  ],
  'publisher-broken': [
    '$ was disconnected: what it sent is not a stream.',
    'Restart the stream at the sender.',
  ],
  'publisher-silent': [
    '$ stopped sending, and was disconnected.',
    'Check its network; it may publish again.',
  ],
  'publisher-codec': ['The sender uses a codec that is not taken here: $.', 'Set it to H.264.'],
  'publisher-too-large': ['The pictures of the sender are too large: $.', 'Set it to 1920x1080 or less.'],
  'publisher-without-pictures': ['The sender delivers no video to $.', 'Switch its camera on.'],
  'publisher-undecodable': [
    'The pictures sent to $ cannot be decoded.',
    'Set the sender to H.264, or restart its stream; Onair tries again by itself.',
  ],
  'not-connected': ['$ does not answer yet.', 'Check its address and that it is switched on.'],
  'remote-invalid': [
    '$ is not an address that can be used.',
    'Correct video.source: rtsp:// or srt:// and its host.',
  ],
  'remote-unreachable': [
    '$ cannot be reached.',
    'Check its address and that it is switched on; Onair tries again by itself.',
  ],
  'remote-denied': [
    '$ refuses the user name or password.',
    'Write the right ones into the address: rtsp://USER:PASSWORD@HOST/PATH.',
  ],
  'remote-missing': ['$ has no such stream.', 'Check the path of the address; its manual says which it has.'],
  'remote-without-pictures': ['$ delivers no video.', 'Choose another stream of it.'],
  'remote-silent': ['$ is there and delivers no pictures.', 'Restart it; Onair tries again by itself.'],
  'remote-ended': ['$ ended its stream.', 'Onair connects again by itself.'],
  'remote-codec': ['$ sends video that cannot be decoded here.', 'Set it to H.264.'],
  'fallback-shown': ['$ is shown in its place.', 'Onair returns to it by itself.'],
  'slate-held': ['The slate is on the air.', 'End it, or take a source, to go on.'],
  'preview-busy': ['$ is not shown: two sources are looked at already.', 'Try again in a few seconds.'],
  'no-frames': ['No pictures have come for $.', 'Check the camera; Onair tries again by itself.'],
} as const satisfies Record<string, readonly [string, string]>;

export type ReasonCode = keyof typeof table;

/** What no second try fixes: the request is refused. The others are weather. */
const permanent: ReadonlySet<string> = new Set<ReasonCode>([
  'request-invalid',
  'source-missing',
  'source-not-capture',
  'source-denied',
  'source-format',
  'no-camera',
  'clip-missing',
  'clip-denied',
  'clip-not-file',
  'clip-unreadable',
  'clip-without-pictures',
  'element-missing',
  'slate-unreadable',
  'source-unknown',
]);

export function isPermanent({ code }: Problem): boolean {
  return permanent.has(code);
}

/** A reason in words for people. @param detail what the sentence is about: bounded and made printable */
export function reasonOf(code: ReasonCode, detail = ''): Problem {
  const [message, action] = table[code];
  const shown = printable(detail);
  const help = code === 'element-missing' ? (packageOf[shown] ?? 'a GStreamer plug-in package') : '';
  return { code, message: message.replace('$', () => shown), action: action.replace('$', () => help) };
}

function printable(text: string): string {
  const clean = text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '');
  return clean.length > 200 ? `${clean.slice(0, 199)}…` : clean;
}

/** An error that GStreamer logged: who said it, and what. */
export interface GStreamerError {
  element: string;
  message: string;
}

/**
 * Reads one line of GStreamer's debug log (GST_DEBUG with GST_ERROR_SYSTEM at level 4, no colour).
 * @returns null where the line reports no error of an element
 */
export function readErrorLine(line: string): GStreamerError | null {
  const [, element, message] = /<([^>]+)> posted error message: (.*)$/.exec(line) ?? [];
  return element !== undefined && message !== undefined ? { element, message } : null;
}

/** Names of the sources that others publish to. */
const published: ReadonlySet<string> = new Set(['rtmp', 'srt', 'whip']);

/** What an error of this element means. @param source as people know it, such as /dev/video0 */
export function reasonOfError({ element, message }: GStreamerError, source: string): Problem {
  if (element === 'microphone') return reasonOf('audio-unavailable', message);
  if (element.startsWith('encoder')) return reasonOf('encoder-failed', message);
  if (/is busy/i.test(message)) return reasonOf('source-busy', source);
  if (element === 'remote') {
    if (/unauthori[sz]ed|not authori[sz]ed/i.test(message)) return reasonOf('remote-denied', source);
    if (/not found/i.test(message)) return reasonOf('remote-missing', source);
    if (/no supported stream/i.test(message)) return reasonOf('remote-silent', source);
    if (/could not (open|read)|connect|resolve/i.test(message)) return reasonOf('remote-unreachable', source);
  }
  if (/missing a plug-in|no decoder/i.test(message) && /^(rtsps?|srt):/.test(source))
    return reasonOf('remote-codec', source);
  if (published.has(source)) return reasonOf('publisher-undecodable', source.toUpperCase());
  if (element === 'camera') {
    if (/could not find any supported camera|failed to find/i.test(message)) {
      return reasonOf('no-camera', 'libcamera sees none on the CSI connector');
    }
    if (/cannot identify device|no such/i.test(message)) return reasonOf('source-missing', source);
    if (/not a capture device/i.test(message)) return reasonOf('source-not-capture', source);
    if (/could not open|permission/i.test(message)) return reasonOf('source-denied', source);
    if (/negotiat|no supported format/i.test(message)) return reasonOf('source-format', source);
    return reasonOf('source-lost', message);
  }
  return reasonOf('pipeline-failed', `${element}: ${message}`);
}

/** What a failure to build or prepare a pipeline means: GStreamer's own message, or a code of this table. */
export function reasonOfFailure(text: string): Problem {
  const element = /no element "([^"]+)"/.exec(text)?.[1];
  if (element === 'v4l2h264enc') return reasonOf('encoder-missing');
  if (element !== undefined) return reasonOf('element-missing', element);
  if (text in table) return reasonOf(text as ReasonCode);
  return reasonOf('pipeline-failed', text);
}
