import { beforeSeparator } from './refuse-password-arguments.ts';

/** Whether stdout must be one JSON document, known even where the rest of the command line cannot be parsed. */
export function asksForJson(argv: readonly string[]): boolean {
  return beforeSeparator(argv).includes('--json');
}

/** Whether a monitor started it, which knows only the exit codes of plugins; known likewise. */
export function asksForPlugin(argv: readonly string[]): boolean {
  const options = beforeSeparator(argv);
  return options.some(
    (option, index) =>
      option === '--format=nagios' || (option === '--format' && options[index + 1] === 'nagios'),
  );
}
