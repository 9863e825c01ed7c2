import qrcode from 'qrcode-generator';

/** ISO/IEC 18004 asks for four modules of nothing around it; two do on a screen, and fit its 25 lines. */
const quietModules = 2;

/**
 * How to get to a box that has opened its own network, for a screen that is plugged into it: a code that phones join by
 * (the format of ZXing, which Android and iOS read), and the same in words. 80 columns and 25 lines are enough.
 * @param page "http://10.42.0.1"
 */
export function ownNetworkText(network: { ssid: string; passphrase: string }, page: string): string {
  const { ssid, passphrase } = network;
  const code = qrcode(0, 'L');
  code.addData(`WIFI:T:WPA;S:${escaped(ssid)};P:${escaped(passphrase)};;`);
  code.make();
  return [
    ...blocks((row, column) => code.isDark(row, column), code.getModuleCount()),
    `  Wi-Fi ${ssid}, passphrase ${passphrase}`,
    `  then ${page}`,
    '',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/[\\;,:"]/g, '\\$&');
}

/** Two modules in each character. What is light in the code is drawn: a screen writes light on dark. */
function blocks(isDark: (row: number, column: number) => boolean, modules: number): string[] {
  const lines: string[] = [];
  const isLight = (row: number, column: number): boolean =>
    row < 0 || column < 0 || row >= modules || column >= modules || !isDark(row, column);
  for (let row = -quietModules; row < modules + quietModules; row += 2) {
    let line = '';
    for (let column = -quietModules; column < modules + quietModules; column += 1) {
      const [upper, lower] = [isLight(row, column), isLight(row + 1, column)];
      line += upper ? (lower ? '█' : '▀') : lower ? '▄' : ' ';
    }
    lines.push(line);
  }
  return lines;
}
