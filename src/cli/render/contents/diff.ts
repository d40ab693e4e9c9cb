import { shownReference } from '../../../backups/record/backup.ts';
import {
  type Aspect,
  type DefinitionChange,
  isSame,
  type TableChange,
  type TableFacts,
} from '../../../contents/compare-backups.ts';
import type { BackupDiff } from '../../../contents/diff-backups.ts';
import type { ComparedFields } from '../../documents/backup-documents.ts';
import { hideUrlPasswords } from '../shown-command.ts';
import { columns } from '../text/columns.ts';
import { jsonDocument } from '../text/json.ts';
import type { Paint } from '../text/paint.ts';
import { countText, sizeText, timeText, type TimeText } from '../text/quantities.ts';
import { safeText } from '../text/safe-text.ts';

/** `dbbackup diff`: what came (+), went (-) and changed (~). */
export function renderDiff(
  diff: BackupDiff,
  paint: Paint,
  { directory, time = timeText }: { readonly directory: string; readonly time?: TimeText },
): string {
  const { from, to, aspects, tables, storedObjects } = diff;
  const sides = [from, to].map((backup, index) => [
    paint.faint(index === 0 ? 'from' : 'to'),
    safeText(shownReference(backup, directory)),
    time(backup.startedAt),
    `${sizeText(backup.manifest.file.uncompressedBytes)} of SQL`,
  ]);
  const wholes = aspects.map(({ what, from: before, to: after }) => [
    `~ ${ASPECT_NAMES[what]}`,
    `${safeText(before)} → ${safeText(after)}`,
  ]);
  const objects =
    storedObjects === undefined
      ? ['stored objects: unknown, an early release of dbbackup made one of the backups\n']
      : [
          ...storedObjects.added.map((name) => paint.good(`+ ${safeText(name)}\n`)),
          ...storedObjects.removed.map((name) => paint.bad(`- ${safeText(name)}\n`)),
          ...storedObjects.changed.map((name) => paint.caution(`~ ${safeText(name)}\n`)),
        ];
  const parts = [columns(wholes), tableLines(diff, paint), objects.join('')].filter((part) => part !== '');
  const same = `${countText(tables.sameSize, 'table')} with the same definition and size${isSame(diff) ? ': no difference found' : ''}\n`;
  return [columns(sides), ...parts, same].join('\n');
}

const ASPECT_NAMES: Readonly<Record<Aspect, string>> = {
  database: 'database',
  server: 'server',
  version: 'server version',
  charset: 'default charset',
  collation: 'default collation',
  dumpTool: 'dump tool',
  leftOut: 'left out',
};

function tableLines({ tables: { added, removed, changed } }: BackupDiff, paint: Paint): string {
  const fact = (sign: string, { name, engine, uncompressedBytes }: TableFacts): readonly string[] => [
    `${sign} table ${safeText(name)}`,
    sizeText(uncompressedBytes),
    safeText(engine),
  ];
  const change = ({ name, fromBytes, toBytes, definition }: TableChange): readonly string[] => [
    `~ table ${safeText(name)}`,
    sizeText(toBytes),
    [growthText(fromBytes, toBytes), ...(definition === undefined ? [] : ['new definition'])]
      .filter(Boolean)
      .join(', '),
  ];
  const rows = [
    ...added.map((table) => ({ row: fact('+', table), paint: paint.good, definition: [] })),
    ...removed.map((table) => ({ row: fact('-', table), paint: paint.bad, definition: [] })),
    ...changed.map((table) => ({
      row: change(table),
      paint: paint.caution,
      definition: table.definition ?? [],
    })),
  ];
  const lines = columns(
    rows.map(({ row }) => row),
    { rightAligned: [1] },
  ).split('\n');
  return rows
    .map((each, index) => `${each.paint(lines[index] ?? '')}\n${definitionLines(each.definition, paint)}`)
    .join('');
}

/** `+1.2 MB (+12 %)`; empty when it did neither grow nor shrink. */
function growthText(from: number, to: number): string {
  if (from === to) return '';
  const sign = to > from ? '+' : '-';
  const share = from === 0 ? '' : ` (${sign}${percentText((Math.abs(to - from) * 100) / from)})`;
  return `${sign}${sizeText(Math.abs(to - from))}${share}`;
}

function percentText(percent: number): string {
  if (percent < 1) return '<1 %';
  return `${Math.round(percent).toLocaleString('en')} %`;
}

/** A table of a remote server may have its password in its definition. */
function definitionLines(changes: readonly DefinitionChange[], paint: Paint): string {
  const line = (sign: string, text: string): string => `    ${sign} ${safeText(hideUrlPasswords(text))}`;
  return changes
    .flatMap(({ removed, added }) => [
      ...removed.map((text) => paint.bad(line('-', text))),
      ...added.map((text) => paint.good(line('+', text))),
    ])
    .map((text) => `${text}\n`)
    .join('');
}

/** The `--json` document. */
export function diffDocument(diff: BackupDiff): string {
  const { from, to, aspects, tables, storedObjects } = diff;
  const side = ({
    database,
    name,
    path,
    startedAt,
    sizeBytes,
    manifest,
    state,
  }: BackupDiff['from']): ComparedFields => ({
    ...{ database, name, path, startedAt, state, sizeBytes },
    uncompressedBytes: manifest.file.uncompressedBytes,
  });
  const changed = tables.changed.map(({ definition, ...table }) => ({
    ...table,
    definition: definition?.map(({ removed, added }) => ({
      removed: removed.map(hideUrlPasswords),
      added: added.map(hideUrlPasswords),
    })),
  }));
  return jsonDocument('diff', 0, {
    ...{ from: side(from), to: side(to), same: isSame(diff), aspects },
    ...{ tables: { ...tables, changed }, storedObjects },
  });
}
