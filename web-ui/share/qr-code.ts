import qrcode from 'qrcode-generator';
import { makeSvg } from '../page/elements.ts';

/** ISO/IEC 18004 asks for four modules of nothing around it. */
const quietModules = 4;

/** A QR code as a picture that scales; black on white, whatever the page's colours, since scanners want that. */
export function qrCode(text: string, label: string): SVGSVGElement {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const modules = code.getModuleCount();
  const size = modules + 2 * quietModules;
  let path = '';
  for (let row = 0; row < modules; row += 1) {
    for (let column = 0; column < modules; column += 1) {
      if (code.isDark(row, column)) path += `M${column + quietModules} ${row + quietModules}h1v1h-1z`;
    }
  }
  const shape = { viewBox: `0 0 ${size} ${size}`, 'shape-rendering': 'crispEdges' };
  return makeSvg(
    'svg',
    { ...shape, role: 'img', 'aria-label': label, class: 'qr-code' },
    makeSvg('path', { d: path }),
  );
}
