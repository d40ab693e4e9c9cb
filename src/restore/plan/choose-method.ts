import { readForeignReferences } from '../../server/catalog/incoming-foreign-keys.ts';
import { readPrivileges } from '../../server/privileges/account-privileges.ts';
import type { DatabaseFacts } from '../../server/catalog/database-facts.ts';
import type { Server } from '../../server/connect/server.ts';
import { grantForStaging, missingForStaging } from '../../server/privileges/missing-privileges.ts';
import { isSplittable } from '../../sql/script/load-plan.ts';
import type { LoadPlan } from '../../sql/script/load-plan.ts';
import type { NotSplittable } from '../../sql/script/load-plan.ts';
import { whyOnlyInPlace } from '../../sql/script/only-in-place.ts';
import type { RestorePlan } from './restore-plan.ts';
import type { ObjectNames } from '../../sql/definitions/object-names.ts';
import { ROOTED_ENGINE } from '../../sql/definitions/engines.ts';

type Method = Pick<RestorePlan, 'method' | 'methodReason' | 'loader'>;

/** Decides how a restore gets in: through a staging schema wherever that can be, and through several connections. */
export async function chooseMethod(
  request: {
    readonly target: string;
    readonly facts: DatabaseFacts | undefined;
    readonly brings: ObjectNames;
    /** Tables of the target that stay. */
    readonly stays: readonly string[];
    readonly script: LoadPlan | NotSplittable;
    readonly inPlace: boolean;
    readonly connections: number;
  },
  server: Server,
): Promise<Method> {
  const { script, connections } = request;
  const loader: RestorePlan['loader'] = isSplittable(script)
    ? { kind: 'parallel', connections }
    : { kind: 'client', reason: `line ${script.line} ${script.reason}` };
  const reason = request.inPlace ? '--in-place was given' : await whyInPlace(request, server);
  return reason === undefined
    ? { method: 'staging', methodReason: undefined, loader }
    : { method: 'in-place', methodReason: reason, loader };
}

async function whyInPlace(
  { target, facts, brings, stays, script }: Parameters<typeof chooseMethod>[0],
  server: Server,
): Promise<string | undefined> {
  return whyOnlyInPlace(script) ?? (await whyNotSwapped({ target, facts, brings, stays }, server));
}

/** Why tables cannot change places with those of a database; undefined: they can. */
export async function whyNotSwapped(
  {
    target,
    facts,
    brings,
    stays,
  }: Pick<Parameters<typeof chooseMethod>[0], 'target' | 'facts' | 'brings' | 'stays'>,
  server: Server,
): Promise<string | undefined> {
  const { account, privileges } = await readPrivileges(server);
  const missing = missingForStaging(privileges, brings);
  if (missing.length > 0) {
    return `the account may not create a staging schema. To allow it: ${grantForStaging(privileges, missing, account)}`;
  }
  if (facts === undefined) return undefined;
  const elsewhere = facts.tables.find(({ engine }) => ROOTED_ENGINE.test(engine));
  if (elsewhere !== undefined) return `${elsewhere.name} is a table of the engine ${elsewhere.engine}`;
  const clash = brings.tables.find((name) => facts.views.includes(name));
  if (clash !== undefined) return `${clash} is a view now and a table in the backup`;
  const [reference] = await readForeignReferences(server, target, stays);
  if (reference === undefined) return undefined;
  const { fromDatabase, fromTable, table } = reference;
  return `the table ${fromDatabase}.${fromTable}, which stays, has a foreign key to ${table}`;
}
