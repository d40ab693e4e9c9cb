/** One thing that a database holds. */
export interface DatabaseObject {
  /** As CREATE names it, in lower case. */
  readonly kind:
    'table' | 'view' | 'procedure' | 'function' | 'package' | 'package body' | 'trigger' | 'event';
  readonly name: string;
}

/** `procedure add_order`: in messages, and as manifests, swap files and --json have it. */
export function objectText({ kind, name }: DatabaseObject): string {
  return `${kind} ${name}`;
}

/** What `objectText` gave. The kind may be another one where the text is of a later server or release. */
export function objectNamed(text: string): DatabaseObject {
  const [, kind = '', name = ''] = /^(package body|\w+) (.*)$/s.exec(text) ?? [];
  return { kind: kind as DatabaseObject['kind'], name };
}
