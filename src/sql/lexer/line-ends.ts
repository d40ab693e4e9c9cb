const CARRIAGE_RETURN = 0x0d;
const NEWLINE = 0x0a;
const LINE_END = Buffer.from('\r\n');
const HELD = LINE_END.subarray(0, 1);

/**
 * Reads a text whose lines end in CR LF as the stock clients do: one CR before each LF is removed, wherever it is.
 *
 * Only where the first line ends so: then something on the way has made CR LF of all ends of lines, or wrote it
 * itself. Else a CR in front of an LF is in the data, or in the body of a routine, and stays, though the clients lose
 * it there.
 */
export class LineEnds {
  /** Undefined until the first line has ended. */
  #converts: boolean | undefined;
  /** The last chunk ended in a CR, which was not given out yet. */
  #holds = false;

  /** @returns what is known for certain by now, in the memory of the chunk unless something goes. */
  push(chunk: Buffer): Buffer {
    if (this.#converts === false || chunk.length === 0) return chunk;
    const text = this.#holds ? Buffer.concat([HELD, chunk]) : chunk;
    this.#converts ??= endsInBoth(text);
    this.#holds = this.#converts !== false && text.at(-1) === CARRIAGE_RETURN;
    const known = this.#holds ? text.subarray(0, -1) : text;
    return this.#converts === true ? converted(known) : known;
  }

  /** What was held back at the end of the text. */
  finish(): Buffer {
    const rest = this.#holds ? HELD : HELD.subarray(1);
    this.#holds = false;
    return rest;
  }
}

/** How the first line ends; undefined when it has not ended yet. */
function endsInBoth(text: Buffer): boolean | undefined {
  const at = text.indexOf(NEWLINE);
  return at < 0 ? undefined : text[at - 1] === CARRIAGE_RETURN;
}

function converted(text: Buffer): Buffer {
  let at = text.indexOf(LINE_END);
  if (at < 0) return text;
  const lines = Buffer.allocUnsafe(text.length);
  let length = 0;
  let from = 0;
  for (; at >= 0; at = text.indexOf(LINE_END, from)) {
    length += text.copy(lines, length, from, at);
    from = at + 1;
  }
  length += text.copy(lines, length, from);
  return lines.subarray(0, length);
}
