/** Emphasis by meaning. The plain one gives text back as it is. */
export interface Paint {
  readonly heading: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly caution: (text: string) => string;
  readonly bad: (text: string) => string;
}

const same = (text: string): string => text;

export const plainPaint: Paint = { heading: same, faint: same, good: same, caution: same, bad: same };

/** Whether a stream gets colours: a terminal, unless it was told otherwise (https://no-color.org). */
export function wantsColor(
  isTty: boolean,
  flags: { readonly 'no-color'?: unknown },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const declined = flags['no-color'] !== undefined || (env['NO_COLOR'] ?? '') !== '';
  return isTty && !declined && env['TERM'] !== 'dumb';
}

/** chalk is loaded only when there are colours to be made. */
export async function choosePaint(color: boolean): Promise<Paint> {
  if (!color) return plainPaint;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return {
    // One argument each: chalk would also paint the index that `map()` hands on.
    heading: (text) => chalk.bold(text),
    faint: (text) => chalk.dim(text),
    good: (text) => chalk.green(text),
    caution: (text) => chalk.yellow(text),
    bad: (text) => chalk.red(text),
  };
}
