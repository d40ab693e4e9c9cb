import { beforeSeparator } from './refuse-password-arguments.ts';

/** Whether stdout must be one JSON document, known even where the rest of the command line cannot be parsed. */
export function asksForJson(argv: readonly string[]): boolean {
  return beforeSeparator(argv).includes('--json');
}
