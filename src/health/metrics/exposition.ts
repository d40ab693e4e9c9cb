/** One metric, as Prometheus knows it; all of ours are gauges. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  /** Each with labels that no other one of the family has. */
  readonly samples: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: number }[];
}

/**
 * The text format of Prometheus, version 0.0.4. A metric without samples is left out.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function renderExposition(families: readonly MetricFamily[]): string {
  return families
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, samples }) =>
      [
        `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n`,
        `# TYPE ${name} gauge\n`,
        ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}\n`),
      ].join(''),
    )
    .join('');
}

/** `{database="shop",label="nightly"}`. */
function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** An RFC 3339 time as Prometheus has it. */
export function seconds(rfc3339: string): number {
  return new Date(rfc3339).getTime() / 1000;
}
