import makeQrCode from 'qrcode-generator';

/** A QR code for the terminal, two modules a character; dark on light whatever the terminal's colours. */
export function qrCode(text: string): string {
  const code = makeQrCode(0, 'M');
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  const quiet = 2;
  const isDark = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < size && column < size && code.isDark(row, column);
  const lines: string[] = [];
  for (let row = -quiet; row < size + quiet; row += 2) {
    let line = '';
    for (let column = -quiet; column < size + quiet; column += 1) {
      const upper = isDark(row, column);
      const lower = isDark(row + 1, column);
      line += upper && lower ? ' ' : upper ? '▄' : lower ? '▀' : '█';
    }
    lines.push(`\u001b[97;40m${line}\u001b[0m`);
  }
  return lines.join('\n');
}
