import type { CommandName, Setting } from '../../settings/table/setting.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** What a word is the name of; `other`: nothing that could be offered. */
export type ValueKind =
  | 'command'
  | 'shell'
  | 'database'
  | 'backup'
  | 'label'
  | 'job'
  | 'undoable-job'
  | 'file'
  | 'folder'
  | 'other'
  | { readonly choices: readonly string[] };

/** What stands in brackets in the tables: `--output <file>`, `[database...]`. */
const KINDS: Readonly<Record<string, ValueKind>> = {
  command: 'command',
  shell: 'shell',
  database: 'database',
  backup: 'backup',
  from: 'backup',
  to: 'backup',
  label: 'label',
  job: 'job',
  file: 'file',
  path: 'file',
  folder: 'folder',
};

export function kindOfFlag({ key, flags, choices }: Setting): ValueKind {
  if (choices !== undefined) return { choices };
  if (key.endsWith('database')) return 'database';
  return kindNamed(/[<[]([\w-]+)/.exec(flags)?.[1]);
}

/**
 * @param operands `<from> <to>`, `[database...]`.
 * @param index Of the operand, from 0.
 */
export function kindOfOperand(command: CommandName | 'help', operands: string, index: number): ValueKind {
  const kind = kindAt(operands, index);
  return command === 'undo' && kind === 'job' ? 'undoable-job' : kind;
}

function kindAt(operands: string, index: number): ValueKind {
  const names = operands.split(' ');
  const repeated = names.at(-1)?.includes('...') === true ? names.at(-1) : undefined;
  return kindNamed(/[\w-]+/.exec(names[index] ?? repeated ?? '')?.[0]);
}

function kindNamed(name = ''): ValueKind {
  // A later kind is simply not offered.
  return Object.hasOwn(KINDS, name) ? (KINDS[name] ?? 'other') : 'other';
}
