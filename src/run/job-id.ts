import { randomInt } from 'node:crypto';

/** No vowels, so that no id is a word, and no characters that are easily confused. */
export const JOB_ID_LETTERS = 'bcdfghjkmnpqrstvwxyz23456789';
export const JOB_ID_LENGTH = 8;

/** Whether a text may be a whole id. Such a text is harmless as part of a path or of a schema's name. */
export function isJobId(text: string): boolean {
  return new RegExp(`^[${JOB_ID_LETTERS}]{${JOB_ID_LENGTH}}$`).test(text);
}

/** Short enough to type, and fit for a schema's name. */
export function newJobId(): string {
  const letter = (): string => JOB_ID_LETTERS.charAt(randomInt(JOB_ID_LETTERS.length));
  return Array.from({ length: JOB_ID_LENGTH }, letter).join('');
}
