/** One line of the bench's table; `undefined` cells stay empty. */
export interface BenchRow {
  readonly what: string;
  readonly seconds?: number | undefined;
  readonly cpuSeconds?: number | undefined;
  readonly serverCpuSeconds?: number | undefined;
  /** Of everything else on the machine meanwhile. */
  readonly othersCpuSeconds?: number | undefined;
  readonly sizeBytes?: number | undefined;
  readonly peakBytes?: number | undefined;
  /** `0.52 × stock` */
  readonly ratio?: string | undefined;
  /** `≤ 0.55` */
  readonly target?: string | undefined;
  readonly isMet?: boolean | undefined;
}

const HEADINGS = ['work', 'wall s', 'CPU s', 'server', 'others', 'size MB', 'RSS MB', 'ratio', 'target', ''];

/** Columns under each other, numbers to the right. */
export function benchTable(rows: readonly BenchRow[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          isNumeric(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cellsOf(row: BenchRow): string[] {
  const verdict = row.isMet === undefined ? '' : row.isMet ? 'met' : 'missed';
  return [
    row.what,
    row.seconds?.toFixed(row.seconds < 1 ? 3 : 2) ?? '',
    row.cpuSeconds?.toFixed(1) ?? '',
    row.serverCpuSeconds?.toFixed(1) ?? '',
    row.othersCpuSeconds?.toFixed(1) ?? '',
    megabytes(row.sizeBytes, 1),
    megabytes(row.peakBytes, 0),
    row.ratio ?? '',
    row.target ?? '',
    verdict,
  ];
}

function megabytes(bytes: number | undefined, digits: number): string {
  return bytes === undefined ? '' : (bytes / 1e6).toFixed(digits);
}

function isNumeric(column: number): boolean {
  return column >= 1 && column <= 6;
}
