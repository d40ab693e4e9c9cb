import { describeTable } from '../../server/definitions/show-create.ts';
import { DumpStatementError } from '../../server/connect/server-failures.ts';
import type { Server } from '../../server/connect/server.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { asReference } from '../../sql/definitions/table-definition.ts';
import { quoteName } from '../../sql/definitions/quote-name.ts';
import type { DumpedDefinition } from './parallel/table-loading.ts';
import { LoadingSession } from './parallel/loading-session.ts';

/** One for each job: it may stand in the user's own database. */
function referenceTable(job: string): string {
  return `dbbackup_reference_${job}`;
}

/**
 * Empty tables that are made by the dump's own text, one after the other, only to hear in which words the server
 * describes them: what a definition means does not depend on how it is written.
 */
export class ReferenceTables implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #schema: string;
  readonly #preset: readonly string[];
  readonly #name: string;
  readonly #signal: AbortSignal;
  #session: LoadingSession | undefined;

  /**
   * @param at.schema In which a table may be made and dropped again: a scratch schema, or a target that is restored in
   *   place. If the run dies, its journal says that the schema must be dropped, or that the target is partly filled.
   * @param at.preset What the dump's statements rely on.
   */
  constructor(
    at: {
      readonly connection: Connection;
      readonly schema: string;
      readonly job: string;
      readonly preset: readonly string[];
    },
    signal: AbortSignal,
  ) {
    this.#connection = at.connection;
    this.#schema = at.schema;
    this.#preset = at.preset;
    this.#name = referenceTable(at.job);
    this.#signal = signal;
  }

  /**
   * How the server describes a table of this definition.
   *
   * @param server Reads definitions in the schema.
   * @returns undefined when no such table can be made.
   */
  async describe(server: Server, { text, charset, settings }: DumpedDefinition): Promise<string | undefined> {
    const reference = asReference(text, this.#name, charset);
    if (reference === undefined) return undefined;
    this.#session ??= await LoadingSession.open(this.#connection, this.#schema, this.#preset, this.#signal);
    try {
      await this.#session.execute(reference.create, settings);
      return reference.read(await describeTable(server, this.#name, kindOf(text)));
    } catch (error) {
      if (error instanceof DumpStatementError) return undefined;
      throw error;
    } finally {
      await server.query(`DROP TABLE IF EXISTS ${quoteName(this.#name)}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
  }
}

/** Which kind of object a definition makes. */
export function kindOf(definition: Buffer): 'TABLE' | 'SEQUENCE' {
  return /^create\s+(?:or\s+replace\s+)?sequence\b/i.test(definition.toString('latin1', 0, 100))
    ? 'SEQUENCE'
    : 'TABLE';
}
