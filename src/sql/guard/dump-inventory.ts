import type { ObjectNames } from '../definitions/object-names.ts';

export type ObjectKind = 'table' | 'view' | 'procedure' | 'function' | 'package' | 'trigger' | 'event';

export const TRIGGER_EVENTS = ['insert', 'update', 'delete'] as const;
export type TriggerEvent = (typeof TRIGGER_EVENTS)[number];

interface Trigger {
  readonly name: string;
  /** What fires it. */
  readonly events: readonly TriggerEvent[];
}

/** What a dump creates and drops, followed statement by statement. */
export class DumpInventory {
  readonly #names = new Map<ObjectKind, Set<string>>();
  readonly #filled = new Set<string>();
  /** Tables whose rows may be kept elsewhere; in lower case, as some servers compare names. */
  readonly #remote = new Set<string>();
  /** By table, in lower case. */
  readonly #triggers = new Map<string, readonly Trigger[]>();
  readonly #definers = new Set<string>();

  create(kind: ObjectKind, name: string): void {
    this.#of(kind).add(name);
  }

  /** What is known of a table stays: what is dropped may be a temporary one of that name. */
  drop(kind: ObjectKind, name: string): void {
    this.#of(kind).delete(name);
    if (kind !== 'trigger') return;
    for (const [table, triggers] of this.#triggers)
      this.#triggers.set(
        table,
        triggers.filter((trigger) => trigger.name !== name),
      );
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
    this.#remote.add(table.toLowerCase());
  }

  markTriggered(table: string, trigger: Trigger): void {
    const key = table.toLowerCase();
    this.#triggers.set(key, [...(this.#triggers.get(key) ?? []), trigger]);
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
    const key = table.toLowerCase();
    if (this.#remote.has(key)) return 'writes rows into a table that is stored elsewhere';
    if (this.#triggers.get(key)?.some(({ events }) => fired.some((event) => events.includes(event))))
      return 'writes rows after creating a trigger on them, which may write anywhere';
    // Even if the dump made a table of that name: CREATE TABLE IF NOT EXISTS leaves a view as it is.
    if ([...this.#of('view')].some((view) => view.toLowerCase() === key))
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
