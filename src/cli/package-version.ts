import { readFileSync } from 'node:fs';

/** Of this folder's file in `src`, in `dist` and in the program that is bundled from it: all lie at the same depth. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
