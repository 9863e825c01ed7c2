/**
 * The element with this id, of this kind.
 * @throws Error where the page has none
 */
export function element<Kind extends Element>(id: string, kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id) as unknown;
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} with the id "${id}"`);
  return found;
}

/** Leaves the document alone where nothing changes: screen readers and layout are told of changes only. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

type Child = Node | string | null;

/**
 * A new element. Text becomes text nodes and nothing else, whoever wrote it.
 * @param attributes `false` and null leave one out, `true` sets an empty one
 */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | number | boolean | null>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

export function makeSvg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
  ...children: Node[]
): SVGElementTagNameMap[Tag] {
  const made = document.createElementNS(svgNamespace, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A picture from the page's sprite: `icon('share')` shows `#icon-share`. */
export function icon(name: string): SVGSVGElement {
  return makeSvg('svg', { 'aria-hidden': 'true' }, makeSvg('use', { href: `#icon-${name}` }));
}

/** Something kept by the browser. Storage may be forbidden: then nothing is remembered. */
class Memory {
  readonly #storage: () => Storage;

  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  get(key: string): string | null {
    try {
      return this.#storage().getItem(key);
    } catch {
      return null;
    }
  }

  set(key: string, value: string): void {
    try {
      this.#storage().setItem(key, value);
    } catch {
      // Then not.
    }
  }
}

/** What is kept for this tab. */
export const remembered = new Memory(() => sessionStorage);
/** What is kept for this browser, for as long as it likes. */
export const kept = new Memory(() => localStorage);
