/** No argument of a program can hold it. */
const BETWEEN = '\0';

/** The values of an option that was given several times, as one text. */
export function joinValues(...values: readonly string[]): string {
  return values.join(BETWEEN);
}

/** The inverse of `joinValues`. */
export function splitValues(text: string): readonly string[] {
  return text.split(BETWEEN);
}
