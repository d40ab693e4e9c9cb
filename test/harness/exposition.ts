// Reads the text format of Prometheus (0.0.4) as strictly as `promtool check metrics` and node_exporter do together.

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]Inf|NaN)$/;
const UNITS = /_(?:seconds|bytes|code|status|backups)$/;

/**
 * @throws {Error} for what the format, or the linter, does not take: a missing last newline, an unknown escape, a metric
 *   whose lines are not together, or that has no HELP and TYPE before its samples, a series that is there twice.
 */
export function parseExposition(text: string): readonly Sample[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line does not end');
  const samples: Sample[] = [];
  const helped = new Set<string>();
  const typed = new Set<string>();
  const series = new Set<string>();
  let family = '';
  for (const line of text.split('\n').slice(0, -1)) {
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword !== undefined) {
      if (!NAME.test(name)) throw new Error(`no name: ${line}`);
      const known = keyword === 'HELP' ? helped : typed;
      if (known.has(name)) throw new Error(`twice: ${line}`);
      known.add(name);
      if (keyword === 'HELP' && /\\(?![\\n])/.test(rest)) throw new Error(`no escape: ${line}`);
      if (keyword === 'TYPE' && rest !== 'gauge') throw new Error(`not a gauge: ${line}`);
      if (keyword === 'TYPE' && !helped.has(name)) throw new Error(`no help before: ${line}`);
      if (!UNITS.test(name)) throw new Error(`no unit: ${line}`);
      family = name;
      continue;
    }
    const sample = parseSample(line);
    if (sample.name !== family || !typed.has(family)) throw new Error(`not with its family: ${line}`);
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (series.has(key)) throw new Error(`twice: ${line}`);
    series.add(key);
    samples.push(sample);
  }
  return samples;
}

function parseSample(line: string): Sample {
  const [, name = '', labels, value = ''] = /^([^{ ]+)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? [];
  if (!NAME.test(name) || !VALUE.test(value)) throw new Error(`no sample: ${line}`);
  return { name, labels: labels === undefined ? {} : parseLabels(labels, line), value: Number(value) };
}

function parseLabels(text: string, line: string): Readonly<Record<string, string>> {
  const labels: Record<string, string> = {};
  let rest = text;
  for (;;) {
    const [whole = '', name = '', value = ''] = /^([^=]+)="((?:[^"\\\n]|\\[\\"n])*)"/.exec(rest) ?? [];
    if (!LABEL_NAME.test(name) || name in labels) throw new Error(`no label: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
    rest = rest.slice(whole.length);
    if (rest === '') return labels;
    if (!rest.startsWith(',')) throw new Error(`no comma: ${line}`);
    rest = rest.slice(1);
  }
}
