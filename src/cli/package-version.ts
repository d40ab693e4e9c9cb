import { readFileSync } from 'node:fs';

/** This file, its compiled form and the program that is bundled from it lie at the same depth. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
