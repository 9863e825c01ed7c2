/** What a browser calls itself. Others call themselves Chrome and Safari too: the closest name counts. */
export function browserOf(userAgent: string): { name: string; version: string } | null {
  const browsers: [string, RegExp][] = [
    ['Edge', /Edg(?:e|A|iOS)?\/(\d+)/],
    ['Samsung Internet', /SamsungBrowser\/(\d+)/],
    ['Firefox', /(?:Firefox|FxiOS)\/(\d+)/],
    ['Chrome', /(?:Chrome|CriOS)\/(\d+)/],
    ['Safari', /Version\/(\d+)[\d.]* .*Safari/],
  ];
  for (const [name, pattern] of browsers) {
    const version = pattern.exec(userAgent)?.[1];
    if (version) return { name, version };
  }
  return null;
}

export function systemOf(userAgent: string): string | null {
  const systems: [string, RegExp][] = [
    ['iOS', /iPhone|iPad/],
    ['Android', /Android/],
    ['ChromeOS', /CrOS/],
    ['Windows', /Windows/],
    ['macOS', /Macintosh/],
    ['Linux', /Linux/],
  ];
  return systems.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? null;
}
