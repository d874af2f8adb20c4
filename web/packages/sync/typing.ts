/** A line as it is typed, at most four times a second, the last state always: the other side sees it within half a second. */
const EVERY_MS = 250;

export class Typing {
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #text = "";
  #told = "";

  constructor(readonly tell: (text: string) => void) {}

  typed(text: string): void {
    this.#text = text;
    const wait = this.#last + EVERY_MS - Date.now();
    if (wait <= 0) this.#now();
    else this.#timer ??= setTimeout(() => this.#now(), wait);
  }

  /** The line went out as a message: the other side has it from there. */
  sent(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#text = this.#told = "";
    this.#last = Date.now();
  }

  #now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#text === this.#told) return;
    this.#last = Date.now();
    this.#told = this.#text;
    this.tell(this.#text);
  }
}
