import type { ObjectNames } from './restore-plan.ts';

export type ObjectKind = 'table' | 'view' | 'procedure' | 'function' | 'package' | 'trigger' | 'event';

export const TRIGGER_EVENTS = ['insert', 'update', 'delete'] as const;
export type TriggerEvent = (typeof TRIGGER_EVENTS)[number];

/** What a dump creates and drops, followed statement by statement. */
export class DumpInventory {
  readonly #names = new Map<ObjectKind, Set<string>>();
  readonly #filled = new Set<string>();
  /** Tables whose rows may be kept elsewhere. */
  readonly #remote = new Set<string>();
  /** By table: what fires the triggers on it. */
  readonly #triggered = new Map<string, Set<TriggerEvent>>();
  readonly #definers = new Set<string>();

  create(kind: ObjectKind, name: string): void {
    this.#of(kind).add(name);
  }

  drop(kind: ObjectKind, name: string): void {
    this.#of(kind).delete(name);
    if (kind === 'table') {
      this.#remote.delete(name);
      this.#triggered.delete(name);
    }
  }

  /** Accounts that views, routines, triggers and events belong to, as `user@host`; sorted. */
  definers(): readonly string[] {
    return sorted(this.#definers);
  }

  /** Nothing was created yet. */
  get isEmpty(): boolean {
    return [...this.#names.values()].every((names) => names.size === 0);
  }

  has(kind: ObjectKind, name: string): boolean {
    return this.#of(kind).has(name);
  }

  addRows(table: string): void {
    this.#filled.add(table);
  }

  markRemote(table: string): void {
    this.#remote.add(table);
  }

  markTriggered(table: string, events: readonly TriggerEvent[]): void {
    this.#triggered.set(table, new Set([...(this.#triggered.get(table) ?? []), ...events]));
  }

  markDefiner(account: string): void {
    this.#definers.add(account);
  }

  /**
   * Why rows written into this table would not, or not only, go there; undefined when they do.
   *
   * @param fired What writing them does: a trigger on something else stays quiet.
   */
  whyRowsLeave(table: string, fired: readonly TriggerEvent[]): string | undefined {
    if (this.#remote.has(table)) return 'writes rows into a table that is kept elsewhere';
    if (fired.some((event) => this.#triggered.get(table)?.has(event)))
      return 'writes rows after it made a trigger on them, which may write anywhere';
    // mysqldump makes a stand-in for a view before the rows and the view after them.
    if (this.has('view', table) && !this.has('table', table))
      return 'writes rows through a view, which may lead anywhere';
    return undefined;
  }

  /** Names that the dump leaves behind. What stood in for a view is not a table. */
  names(): ObjectNames {
    const views = this.#of('view');
    return {
      tables: sorted([...this.#of('table')].filter((name) => !views.has(name))),
      views: sorted(views),
      routines: sorted(
        (['function', 'package', 'procedure'] as const).flatMap((kind) =>
          Array.from(this.#of(kind), (name) => `${kind} ${name}`),
        ),
      ),
      triggers: sorted(this.#of('trigger')),
      events: sorted(this.#of('event')),
    };
  }

  rowsWithoutTable(): readonly string[] {
    return sorted([...this.#filled].filter((name) => !this.has('table', name)));
  }

  #of(kind: ObjectKind): Set<string> {
    const names = this.#names.get(kind) ?? new Set<string>();
    this.#names.set(kind, names);
    return names;
  }
}

function sorted(names: Iterable<string>): string[] {
  return [...names].sort();
}
