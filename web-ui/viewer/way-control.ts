import { element, remembered, setText } from '../page/elements.ts';
import { isWayChoice, type Way, type WayChoice } from '../player/way-chooser.ts';
import { choiceText } from './words.ts';

const key = 'onair.way';

/** By which way to watch: from the address (`?way=hls`), else as chosen in this tab, else automatic. */
export function initialWayChoice(search: string): WayChoice {
  for (const asked of [new URLSearchParams(search).get('way'), remembered.get(key)]) {
    if (isWayChoice(asked)) return asked;
  }
  return 'auto';
}

/** Shows by which way the pictures come, and lets people choose. */
export class WayControl {
  readonly #select = element('way', HTMLSelectElement);

  constructor(choice: WayChoice, chosen: (choice: WayChoice) => void) {
    this.#select.value = choice;
    this.#select.addEventListener('change', () => {
      const { value } = this.#select;
      if (!isWayChoice(value)) return;
      remembered.set(key, value);
      chosen(value);
    });
  }

  show(way: Way | null): void {
    for (const option of this.#select.options) {
      if (isWayChoice(option.value)) setText(option, choiceText(option.value, way));
    }
  }
}
