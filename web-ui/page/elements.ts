/**
 * The element with this id, of this kind.
 * @throws Error where index.html has none
 */
export function element<Kind extends Element>(id: string, kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id) as unknown;
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} with the id "${id}"`);
  return found;
}

/** Leaves the document alone where nothing changes: screen readers and layout are told of changes only. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** What is kept for this tab. Storage may be forbidden: then nothing is remembered. */
export const remembered = {
  get(key: string): string | null {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key: string, value: string): void {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // Then not.
    }
  },
};
