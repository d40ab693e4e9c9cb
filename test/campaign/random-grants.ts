import assert from 'node:assert/strict';
import type * as askedModule from '../../src/server/privileges/asked-privileges.ts';
import type * as accessModule from '../../src/server/privileges/account-privileges.ts';
import type { Access } from '../../src/server/privileges/account-privileges.ts';
import type { Server } from '../../src/server/connect/server.ts';
import type * as grantsModule from '../../src/server/privileges/missing-privileges.ts';
import type * as statementModule from '../../src/server/privileges/grant-statement.ts';
import type { Privileges } from '../../src/server/privileges/privileges.ts';
import { NOTHING } from '../../src/sql/definitions/object-names.ts';
import { ownServer } from '../harness/own-server.ts';
import { pick } from './family.ts';
import type { Family, Ground, Program, Random, TestBed } from './family.ts';
import { DATABASES, LOGIN, randomGrantSet } from './grant-sets.ts';
import type { GrantSet } from './grant-sets.ts';
import { login, look, moduleOf, plantedSql, TRIED_WITH } from './grant-world.ts';
import type { Sight } from './grant-world.ts';
import { Site } from './site.ts';

/** So many of the trials run the program as well. */
const FULL_RUNS = 0.02;
const EVERY_KIND = {
  ...NOTHING,
  tables: ['planted'],
  views: ['planted_view'],
  routines: ['procedure planted_procedure'],
  triggers: ['planted_trigger'],
  events: ['planted_event'],
};

export const randomGrants: Family = {
  name: 'random-grants',
  promises: 'P3',
  fault:
    'random grants on patterns, databases, tables, to accounts, roles and everybody; what doctor and create say is what the server does',
  trials: { brief: 2, usual: 90, long: 6_000 },
  servers: 'each',
  lanes: 2,
  async prepare(bed) {
    // Accounts that everybody gets to be, and settings of the whole server, would disturb others.
    const own = await ownServer(bed.server);
    const ground = await groundOn({ ...bed, server: own.server });
    return {
      attempt: (trial) => ground.attempt(trial),
      async [Symbol.asyncDispose]() {
        await ground[Symbol.asyncDispose]();
        await own[Symbol.asyncDispose]();
      },
    };
  },
};

/** @param bed With a server that nobody else uses. */
export async function groundOn(bed: TestBed): Promise<Ground> {
  await bed.server.sql(plantedSql());
  const site = await Site.open(bed, 'CREATE TABLE t (id INT PRIMARY KEY);');
  const root = await login(bed.program, bed.server, { user: 'root' });
  const rules = await rulesOf(bed.program);
  return {
    async attempt({ random }) {
      const set = randomGrantSet(random, bed.server);
      for (const sql of set.make) await root.query(sql).catch(explain(sql));
      try {
        const context = { bed, root, rules, set, random };
        await using account = await login(bed.program, bed.server, LOGIN);
        const access = await rules.readPrivileges(account);
        const database = pick(random, DATABASES.slice(0, 5));
        const others = DATABASES.filter((each) => each !== database);
        for (const each of [database, pick(random, others), pick(random, others)])
          await compare(context, { server: account, access }, each);
        if (random() < FULL_RUNS) await runProgram(site, database, set);
        await mend(context, database);
        if (random() < FULL_RUNS) await runProgram(site, database, set);
      } finally {
        for (const sql of set.remove) await root.query(sql).catch(() => undefined);
      }
    },
    async [Symbol.asyncDispose]() {
      await root[Symbol.asyncDispose]();
      await site[Symbol.asyncDispose]();
    },
  };
}

type Rules = Awaited<ReturnType<typeof rulesOf>>;

async function rulesOf(program: Program) {
  return {
    ...(await moduleOf<typeof accessModule>(program, 'server/privileges/account-privileges.js')),
    ...(await moduleOf<typeof askedModule>(program, 'server/privileges/asked-privileges.js')),
    ...(await moduleOf<typeof grantsModule>(program, 'server/privileges/missing-privileges.js')),
    ...(await moduleOf<typeof statementModule>(program, 'server/privileges/grant-statement.js')),
  };
}

interface Context {
  readonly bed: TestBed;
  readonly root: Server;
  readonly rules: Rules;
  readonly set: GrantSet;
  readonly random: Random;
}

/** What our rules say of a database must be what the account can do there. */
async function compare(
  { rules, set }: Context,
  { server, access }: { readonly server: Server; readonly access: Access },
  database: string,
): Promise<Verdict> {
  const { account, privileges: shown } = access;
  const privileges = await rules.askPrivileges(server, shown, { database, wanted: undefined });
  const sight = await look(server, database);
  const where = `${account} on ${database}:\n  ${set.make.join(';\n  ')}`;
  // Where the server's choice cannot be told, we may say no although it would say yes; never the other way round.
  const isSure = !set.hides && shown.isCertain(database);
  for (const [privilege, may] of sight.may) {
    const says = (of: Privileges): boolean =>
      of.on(database, privilege) &&
      (TRIED_WITH[privilege] === undefined || of.on(database, TRIED_WITH[privilege]));
    if (isSure) assert.equal(says(shown), may, `SHOW GRANTS: ${privilege} of ${where}`);
    if (isSure || says(privileges)) assert.equal(says(privileges), may, `${privilege} of ${where}`);
  }
  const verdict = verdictOf(rules, privileges, { server, account, database, sight });
  if (isSure || verdict.dump.length === 0)
    assert.equal(
      verdict.dump.length === 0,
      sight.isWhole,
      `a dump by ${where}\n${JSON.stringify(verdict.dump)}`,
    );
  return verdict;
}

interface Verdict {
  readonly account: string;
  readonly privileges: Privileges;
  readonly sight: Sight;
  /** What a dump lacks, each with its GRANT. */
  readonly dump: readonly { readonly grant: string }[];
  /** Privileges that a restore lacks. */
  readonly restore: readonly string[];
}

function verdictOf(
  rules: Rules,
  privileges: Privileges,
  { server, account, database, sight }: { server: Server; account: string; database: string; sight: Sight },
): Verdict {
  const { flavour, version } = server;
  return {
    account,
    privileges,
    sight,
    dump: rules.missingForDump(privileges, {
      ...{ database, flavour, serverVersion: version, account },
      ...{ tables: sight.tables, views: sight.views, routines: sight.routines },
      unreadableTriggers: sight.unreadableTriggers,
      skip: { routines: false, events: false, triggers: false },
    }),
    restore: rules.missingForRestore(privileges, {
      brings: EVERY_KIND,
      target: { database, holds: NOTHING },
      createsDatabase: false,
    }),
  };
}

/** The statements that are printed must give what is missing, and take nothing away. */
async function mend(context: Context, database: string): Promise<void> {
  const { bed, root, rules, set, random } = context;
  const before = await reported(context, database);
  const typed: string[] = [];
  const type = async (statements: string): Promise<void> => {
    for (const statement of statements.match(/GRANT .*?;(?= GRANT|$)/g) ?? []) {
      typed.push(statement);
      await root.query(statement).catch(explain(statement));
    }
  };
  const told = (what: string): string =>
    `${what} of ${before.account} on ${database} after\n  ${[...set.make, ...typed].join(';\n  ')}`;
  // What it may not see comes to light when it may.
  let dumped = before;
  for (let rounds = 0; dumped.dump.length > 0 && rounds < 3; rounds++) {
    for (const { grant } of dumped.dump) await type(grant);
    dumped = await reported(context, database);
  }
  assert.ok(dumped.dump.length === 0 && dumped.sight.isWhole, told('a dump'));

  const who = rules.quoteAccount(before.account);
  if (dumped.restore.length > 0)
    await type(rules.grantOn(dumped.privileges, dumped.restore, { database, who }));
  const restored = dumped.restore.length > 0 ? await reported(context, database) : dumped;
  assert.deepEqual([...restored.dump, ...restored.restore], [], told('a restore'));

  const lacks = rules.missingForStaging(restored.privileges, EVERY_KIND);
  if (lacks.length > 0) await type(rules.grantForStaging(restored.privileges, lacks, before.account));
  await using server = await login(bed.program, bed.server, LOGIN);
  const access = await rules.readPrivileges(server);
  assert.deepEqual(rules.missingForStaging(access.privileges, EVERY_KIND), [], told('staging'));
  await compare(context, { server, access }, pick(random, DATABASES.slice(5)));
  if (set.hides) return;
  const after = restored.sight;
  for (const [privilege, may] of before.sight.may)
    if (may) assert.ok(after.may.get(privilege), told(`${privilege}, which it had,`));
}

async function reported(context: Context, database: string): Promise<Verdict> {
  await using server = await login(context.bed.program, context.bed.server, LOGIN);
  const access = await context.rules.readPrivileges(server);
  return await compare(context, { server, access }, database); // while it is logged in
}

/** Doctor finds nothing wrong exactly when create makes a backup, and then it holds everything. */
async function runProgram(site: Site, database: string, { make }: GrantSet): Promise<void> {
  const env = { DBBACKUP_USER: LOGIN.user, DBBACKUP_PASSWORD: LOGIN.password };
  const doctor = await site.run(['doctor', database, '--json'], { env });
  const { findings } = JSON.parse(doctor.stdout) as {
    findings: readonly { level: string; check: string; database?: string }[];
  };
  const isWell = !findings.some(
    ({ level, check }) => level === 'problem' && ['create-privileges', 'databases'].includes(check),
  );
  const create = await site.run(['create', database, '--json'], { env });
  const where = `${database}:\n  ${make.join(';\n  ')}\n${create.stdout}${create.stderr}`;
  assert.equal(create.exitCode === 0, isWell, `doctor and create differ on ${where}`);
  if (create.exitCode !== 0) {
    assert.ok([10, 12].includes(create.exitCode ?? 1), where);
    return;
  }
  const { backups } = JSON.parse(create.stdout) as {
    backups: readonly { tables: object[]; counts: object }[];
  };
  assert.deepEqual(backups[0]?.counts, { views: 1, routines: 2, triggers: 1, events: 1 }, where);
  assert.deepEqual(
    backups.map(({ tables }) => tables.length),
    [3],
    where,
  );
}

function explain(sql: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${sql}: ${(error as Error).message}`, { cause: error });
  };
}
