import { z } from 'zod';

/**
 * Binary messages of the link, media → control: `uint32 BE header length, JSON header, bytes`.
 * The bytes are an fMP4 initialisation segment (ftyp + moov) or one LL-HLS part
 * (one or more moof + mdat, at most `durationSeconds` long, cut at every key frame).
 */
export const fragmentHeader = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('init'),
    pipelineId: z.string(),
    /** RFC 6381, as in `CODECS`: "avc1.42c01f,mp4a.40.2". */
    codecs: z.string(),
    width: z.number().int(),
    height: z.number().int(),
  }),
  z.object({
    kind: z.literal('part'),
    pipelineId: z.string(),
    /** Counts the parts of this pipeline from 0, without gaps. */
    sequence: z.number().int(),
    /** Starts with a key frame: a player may begin here. */
    independent: z.boolean(),
    durationSeconds: z.number().positive(),
    /** Wall clock (ms since the epoch) at which the first picture of this part was captured. */
    capturedAtMs: z.number(),
  }),
]);
export type FragmentHeader = z.infer<typeof fragmentHeader>;

export interface Fragment {
  header: FragmentHeader;
  bytes: Uint8Array;
}

const headerLengthBytes = 4;

/** Encodes one fragment for the link. */
export function encodeFragment({ header, bytes }: Fragment): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const message = new Uint8Array(headerLengthBytes + json.length + bytes.length);
  new DataView(message.buffer).setUint32(0, json.length);
  message.set(json, headerLengthBytes);
  message.set(bytes, headerLengthBytes + json.length);
  return message;
}

/**
 * Decodes what `encodeFragment` made; the bytes are a view, not a copy.
 * @throws RangeError on a message that is cut short, SyntaxError or ZodError on a bad header.
 */
export function decodeFragment(message: Uint8Array): Fragment {
  if (message.length < headerLengthBytes)
    throw new RangeError('fragment message shorter than its length field');
  const length = new DataView(message.buffer, message.byteOffset).getUint32(0);
  if (length > message.length - headerLengthBytes)
    throw new RangeError('fragment header longer than its message');
  const end = headerLengthBytes + length;
  const json: unknown = JSON.parse(new TextDecoder().decode(message.subarray(headerLengthBytes, end)));
  return { header: fragmentHeader.parse(json), bytes: message.subarray(end) };
}
