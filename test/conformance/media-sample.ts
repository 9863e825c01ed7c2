/** One picture of 160x120 in constrained baseline: SPS, PPS and one IDR slice, without start codes. */
export const pictureUnits: readonly Buffer[] = [
  'Z0LACtkChH5cBagwMDUoAAADAAgAAAMApHiRMkA=',
  'aMuMsg==',
  'ZYiEDDyYoAAgRybk5OTk5OTk5Ot1111111111111//3vwqOw34vAo5KiHp/+K61OCDmzJH333111/2t9oQoM4QikqEe8n//4eE1/+f/w+WvSnw/wQDFt1G114A==',
  'ZQUiIQMPJigACBHJuT/6f8PiIKAkU/T5nXUYITdf/++FfeB6Gorvt//hMoLE1D3e+4t331uuuu++++++uuuuuuuuuuuuuuuuuuuv',
].map((text) => Buffer.from(text, 'base64'));

/** 20 ms of silence in Opus (RFC 6716, 3.1): one CELT frame. */
export const silence = Buffer.from('f8fffe', 'hex');
