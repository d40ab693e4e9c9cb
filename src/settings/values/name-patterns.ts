import { refuseNonName } from './database-names.ts';
import type { Given } from './given-text.ts';
import { splitValues } from './repeated.ts';

/** Patterns of names in which `*` stands for any characters and `?` for one. */
export function parseNamePatterns(given: Given | undefined): readonly string[] {
  const patterns = given === undefined ? [] : [...new Set(splitValues(given.text))];
  for (const pattern of patterns) refuseNonName(pattern, given?.source ?? '');
  return patterns.filter((pattern) => pattern !== '');
}
