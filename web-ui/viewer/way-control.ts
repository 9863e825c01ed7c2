import { element, remembered, setText } from '../page/elements.ts';
import { isWayChoice, type Way, type WayChoice } from '../player/way-chooser.ts';
import { choiceText, type Speak } from './phrases.ts';

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
  readonly #say: Speak;
  readonly #select = element('way', HTMLSelectElement);
  readonly #chosen: (choice: WayChoice) => void;

  constructor(options: { say: Speak; choice: WayChoice; chosen: (choice: WayChoice) => void }) {
    this.#say = options.say;
    this.#chosen = options.chosen;
    this.#select.value = options.choice;
    this.#select.addEventListener('change', () => {
      const { value } = this.#select;
      if (isWayChoice(value)) this.choose(value);
    });
  }

  choose(choice: WayChoice): void {
    this.#select.value = choice;
    remembered.set(key, choice);
    this.#chosen(choice);
  }

  show(way: Way | null): void {
    for (const option of this.#select.options) {
      if (isWayChoice(option.value)) setText(option, choiceText(this.#say, option.value, way));
    }
  }
}
