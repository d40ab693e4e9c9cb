import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Family, Random } from './family.ts';
import { inProcess } from './in-process.ts';
import { expectToComeBack, NotComeBack } from './schemas/come-back.ts';
import type { Bench, Tries } from './schemas/come-back.ts';
import { randomSchema } from './schemas/schema.ts';
import type { Schema } from './schemas/schema.ts';
import { scriptOf, shrink } from './schemas/shrink.ts';
import type { Target } from './schemas/target.ts';

/** A server that refuses more of what is generated is not tried hard enough. */
const LEAST_TAKEN = 0.9;
/** So many statements say what share is taken. */
const ENOUGH_STATEMENTS = 1_000;
const SHRINKING_MS = 90_000;

/** No fault at all: whatever a schema holds, it comes back as it was. */
export const generatedSchemas: Family = {
  name: 'generated-schemas',
  promises: 'P33',
  fault:
    'none: random schemas with colliding names and programs that lead readers of SQL astray; each must come back byte for byte',
  trials: { brief: 0, usual: 300, long: 6_000 },
  servers: 'each',
  lanes: 4, // a trial mostly waits: for the next second, before a backup of what was just made
  async prepare({ program, server, folder }) {
    const bench: Bench = { server, folder, run: await inProcess(program, server, folder) };
    const counts = { given: 0, refused: 0 };
    return {
      async attempt({ random }) {
        const { schema, tries } = randomTrial(random, server);
        try {
          await using _alone = await aloneWith(schema.database);
          const refusals = await expectToComeBack(bench, schema, tries);
          counts.given += schema.statements.length;
          counts.refused += refusals.length;
        } catch (error) {
          await writeFile(join(folder, 'schema.sql'), scriptOf(schema));
          if (error instanceof NotComeBack)
            await writeFile(
              join(folder, 'smallest.sql'),
              scriptOf(await smallest(bench, schema, tries, error)),
            );
          throw error;
        }
        if (counts.given > ENOUGH_STATEMENTS && counts.refused > counts.given * (1 - LEAST_TAKEN))
          throw new Error(
            `The server took ${counts.given - counts.refused} of ${counts.given} statements only.`,
          );
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
};

/** All that one trial does comes from its numbers. */
export function randomTrial(
  random: Random,
  target: Target,
): { readonly schema: Schema; readonly tries: Tries } {
  const schema = randomSchema(random, target);
  const share = (of: number): boolean => random() < of;
  const other = share(0.3) ? randomSchema(random, target, schema.database) : undefined;
  const over = other !== undefined && canFollow(schema, other) ? other : undefined;
  // Its own database's name in a program stays what it is, and leads elsewhere from another database.
  const isMovable = !schema.statements.some(({ text }) => text.includes(`\`${schema.database}\`.`));
  const tries: Tries = {
    rehearse: share(0.2),
    over,
    toOther: share(0.3) && isMovable,
    stockDump: share(0.3) && isMovable,
    inPlace: share(0.1),
  };
  return { schema, tries };
}

/**
 * A foreign key to a table that is not there keeps out a table of that name which does not fit it, also when its own
 * table leaves in the same swap. Such a restore is refused, and goes with --in-place.
 */
function canFollow(one: Schema, other: Schema): boolean {
  const clash = ({ gone }: Schema, b: Schema): boolean =>
    b.tables.some((table) => table.toLowerCase() === gone.toLowerCase()) ||
    // A sequence is a table, too.
    b.statements.some(
      ({ text }) => /SEQUENCE/i.test(text) && text.toLowerCase().includes(gone.toLowerCase()),
    );
  return !clash(one, other) && !clash(other, one);
}

async function smallest(bench: Bench, schema: Schema, tries: Tries, { step }: NotComeBack): Promise<Schema> {
  const fails = async (smaller: Schema): Promise<boolean> => {
    try {
      await using _alone = await aloneWith(schema.database);
      await expectToComeBack(bench, smaller, tries);
      return false;
    } catch (error) {
      return error instanceof NotComeBack && error.step === step;
    }
  };
  return shrink(schema, fails, Date.now() + SHRINKING_MS);
}

const inUse = new Map<string, Promise<void>>();

/** Two lanes never have databases of the same name. */
async function aloneWith(database: string): Promise<AsyncDisposable> {
  const key = database.toLowerCase();
  while (inUse.has(key)) await inUse.get(key);
  let release = (): void => undefined;
  inUse.set(key, new Promise((resolve) => (release = resolve)));
  return {
    [Symbol.asyncDispose]() {
      inUse.delete(key);
      release();
      return Promise.resolve();
    },
  };
}
