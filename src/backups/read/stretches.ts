import type { Manifest, ManifestTable } from '../record/manifest.ts';

/** What stands in the file from one place that the manifest's tables are read from to the next. */
export interface Stretch {
  readonly fromBytes: number;
  /** Those that begin in it: small ones of a .sql.zst may share it. */
  readonly tables: readonly [ManifestTable, ...ManifestTable[]];
  /** The table whose end stands before them; undefined: it begins with their first one. */
  readonly endOf: ManifestTable | undefined;
}

/** All of a backup whose tables have offsets, behind its head; in the order of the file. */
export function stretchesOf({ tables }: Pick<Manifest, 'tables'>): readonly Stretch[] {
  const sorted = inFileOrder(tables);
  const stretches: (Stretch & { readonly tables: ManifestTable[] })[] = [];
  for (const [index, table] of sorted.entries()) {
    const open = stretches.at(-1);
    if (open?.fromBytes === offsetOf(table)) open.tables.push(table);
    else {
      const endOf = skipOf(table) === 0 ? undefined : sorted[index - 1];
      stretches.push({ fromBytes: offsetOf(table), tables: [table], endOf });
    }
  }
  return stretches;
}

export function inFileOrder(tables: readonly ManifestTable[]): readonly ManifestTable[] {
  return tables.toSorted((a, b) => offsetOf(a) - offsetOf(b) || skipOf(a) - skipOf(b));
}

export function offsetOf({ offsetBytes }: ManifestTable): number {
  return offsetBytes ?? 0;
}

export function skipOf({ skipBytes = 0 }: ManifestTable): number {
  return skipBytes;
}
