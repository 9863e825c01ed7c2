/** Which steps a device needs; Firefox keeps a list of its own everywhere but on phones. */
export type DeviceKind = 'windows' | 'mac' | 'ios' | 'android' | 'firefox' | 'linux';

/** @param userAgent of the browser; an iPad says that it is a Mac, and is told by its touch points */
export function deviceKindOf(userAgent: string, touchPoints: number): DeviceKind {
  if (/iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1)) return 'ios';
  if (/Android/.test(userAgent)) return 'android';
  if (/Firefox\//.test(userAgent)) return 'firefox';
  if (/Windows/.test(userAgent)) return 'windows';
  if (/Macintosh/.test(userAgent)) return 'mac';
  return 'linux';
}
