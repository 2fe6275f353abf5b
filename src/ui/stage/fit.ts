// What fits on the head of a card. Widths are estimates: a card is drawn before anything can be measured.

/** From the name to the card's right edge, to the timer's arc, and to its figures. Card units. */
const TO_EDGE = 158;
const TO_ARC = 136;
const TO_TIME = 98;
const NAME_SIZE = 16;
const WORDS_SIZE = 13;
const BETWEEN = 7;
/** Of a letter, in parts of the font's size; bold ones are wider. */
const WIDTH = 0.54;
const BOLD_WIDTH = 0.6;
/** Letters that are left of a name in any case. */
const NAME_LEAST = 4;

export interface Head {
  readonly name: string;
  /** There is room for the timer's figures. */
  readonly hasTime: boolean;
}

/** A name as far as it fits beside what its server is, and beside a timer. */
export function fitHead(name: string, words: string, hasTimer: boolean): Head {
  const rest = BETWEEN + textWidth(words, WORDS_SIZE, WIDTH);
  const hasTime = hasTimer && textWidth(name, NAME_SIZE) + rest <= TO_TIME;
  const room = hasTime ? TO_TIME : hasTimer ? TO_ARC : TO_EDGE;
  const most = Math.floor((room - rest) / (NAME_SIZE * BOLD_WIDTH));
  return { name: shortened(name, Math.max(NAME_LEAST, most)), hasTime };
}

/** "wal…de-1": names of one cluster differ at their end more often than anywhere else. */
export function shortened(name: string, most: number): string {
  if (name.length <= most) return name;
  const end = Math.ceil((most - 1) / 2);
  return `${name.slice(0, most - 1 - end)}…${name.slice(-end)}`;
}

/** How wide a text of this size is, about; bold if nothing else is said. */
export function textWidth(text: string, size: number, width = BOLD_WIDTH): number {
  return text.length * size * width;
}

/** The same of bold figures among a few letters: figures are narrower than letters, and never to be stretched. */
export function figuresWidth(text: string, size: number): number {
  const letters = text.replace(/[^a-z]/gi, "").length;
  return (letters * LETTER_WIDTH + (text.length - letters) * FIGURE_WIDTH) * size;
}

const LETTER_WIDTH = 0.62;
const FIGURE_WIDTH = 0.52;
