// Reads the output of a monitoring plugin by its guidelines: https://www.monitoring-plugins.org/doc/guidelines.html

export interface PluginLine {
  readonly status: 'OK' | 'WARNING' | 'CRITICAL' | 'UNKNOWN';
  readonly text: string;
  /** By label, quotes undone. */
  readonly data: Readonly<Record<string, string>>;
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const RANGE = String.raw`(?:@?(?:(?:${NUMBER}|~):)?(?:${NUMBER})?)`;
const ITEM = new RegExp(
  String.raw`^(?:'((?:[^'=]|'')+)'|([^'= ]+))=(${NUMBER}(?:us|ms|s|%|B|KB|MB|GB|TB|c)?(?:;${RANGE})?(?:;${RANGE})?(?:;(?:${NUMBER})?)?(?:;(?:${NUMBER})?)?)(?: |$)`,
);

/** @throws {Error} for more or less than one line, a second bar, or data that no monitor would take. */
export function parsePluginLine(output: string): PluginLine {
  const [, status, text = '', data = ''] =
    /^DBBACKUP (OK|WARNING|CRITICAL|UNKNOWN) - ([^|\n]*[^|\n ])(?: \| ([^|\n]+))?\n$/.exec(output) ?? [];
  if (status === undefined) throw new Error(`no line of a plugin: ${output}`);
  const items: Record<string, string> = {};
  for (let rest = data; rest !== '';) {
    const [whole, quoted, plain = '', value = ''] = ITEM.exec(rest) ?? [];
    const label = quoted?.replaceAll("''", "'") ?? plain;
    if (whole === undefined || label in items) throw new Error(`no performance data: ${rest}`);
    items[label] = value;
    rest = rest.slice(whole.length);
  }
  return { status: status as PluginLine['status'], text, data: items };
}
