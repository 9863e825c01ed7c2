/**
 * SPS and PPS of an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, 5.3.3.1), each after its uint32 length, as they
 * stand before a key frame for a decoder that joins late.
 */
export function parameterSets(avcConfiguration: Uint8Array): Buffer {
  const record = Buffer.from(avcConfiguration);
  const units: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    let left = (record[at] ?? 0) & mask;
    at += 1;
    for (; left > 0 && at + 2 <= record.length; left -= 1) {
      const length = record.readUInt16BE(at);
      const head = Buffer.alloc(4);
      head.writeUInt32BE(length);
      units.push(head, record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return Buffer.concat(units);
}

/** Six hex digits for `profile-level-id` (RFC 6184, 8.1). */
export function profileLevelId(avcConfiguration: Uint8Array): string {
  return Buffer.from(avcConfiguration.subarray(1, 4)).toString('hex');
}
