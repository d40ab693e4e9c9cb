// Random sets of grants: accounts, roles and what they are given, in SQL. Nothing here talks to a server.
import { pick, upTo } from './family.ts';
import type { Random } from './family.ts';

/** Named so that patterns match several of them; the last two as restores name their schemas. */
export const DATABASES = ['p', 'p2', 'p_2', 'p%', 'P2', 'dbbackup_stage_x', 'dbbackup_old_x'] as const;
/** Tables that grants may name, beside those that they cannot know of. */
export const NAMED_TABLES = ['t1', 't2'] as const;

const PATTERNS = [
  ...[
    'p',
    'p2',
    'p_2',
    'p%',
    'P2',
    'p\\_2',
    'p\\%',
    '%',
    '_2',
    '%2',
    'p__',
    'p_',
    'p_%',
    'p%2',
    '%p%',
    'p\\_%',
  ],
  ...[
    'p2%',
    '_%',
    'p%_',
    'p\\2',
    'dbbackup\\_%',
    'dbbackup%',
    'dbbackup\\_stage\\_%',
    'dbbackup_old_x',
    'd%x',
  ],
] as const;

const DUMP = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'] as const;
const LOAD = ['CREATE', 'DROP', 'ALTER', 'INSERT', 'SELECT', 'INDEX', 'REFERENCES', 'LOCK TABLES'] as const;
const PROGRAMS = [
  'CREATE VIEW',
  'SHOW VIEW',
  'CREATE ROUTINE',
  'ALTER ROUTINE',
  'EXECUTE',
  'TRIGGER',
  'EVENT',
];
const SINGLE = [...new Set([...DUMP, ...LOAD, ...PROGRAMS, 'UPDATE', 'DELETE', 'CREATE TEMPORARY TABLES'])];
/** What servers give to everybody on databases named test…, if nobody forbids it. */
const FOR_NOBODY = SINGLE.filter((name) => name !== 'EXECUTE' && name !== 'ALTER ROUTINE');

export interface GrantServer {
  readonly flavour: 'mariadb' | 'mysql';
  readonly version: string;
}

export interface GrantSet {
  /** What makes it, in order. */
  readonly make: readonly string[];
  /** What removes it; some of it may fail. */
  readonly remove: readonly string[];
  /** There is more that the server uses than SHOW GRANTS shows to the account. */
  readonly hides: boolean;
}

/** Whoever logs in as this user by TCP from this host has this password. */
export const LOGIN = { user: 'g', password: 'x' } as const;

export function randomGrantSet(random: Random, server: GrantServer): GrantSet {
  const isMysql = server.flavour === 'mysql';
  const literal = isMysql && random() < 0.35;
  const make: string[] = [
    `SET GLOBAL ${isMysql ? `partial_revokes = ${literal ? 'ON' : 'OFF'}` : 'max_connections = 151'}`,
  ];
  const remove: string[] = [];
  const account = (user: string, host: string): string => {
    const name = `'${user}'@'${host}'`;
    make.push(`CREATE USER ${name} IDENTIFIED BY '${LOGIN.password}'`);
    remove.push(`DROP USER ${name}`);
    return name;
  };
  const who = account(LOGIN.user, pick(random, ['%', '%', '%', '127.0.0.1', '127.0.0.%']));
  const roles = Array.from({ length: random() < 0.5 ? 0 : 1 + upTo(random, 3) }, (_, n) => `r${n}`);
  for (const role of roles) {
    make.push(`CREATE ROLE ${role}`);
    remove.push(`DROP ROLE ${role}`);
  }
  const chance = (share: number): boolean => random() < share;
  for (let n = 1 + upTo(random, 4); n > 0; n--) make.push(...grants(random, server, who, literal));
  for (const role of roles)
    for (let n = upTo(random, 3); n > 0; n--) make.push(...grants(random, server, role, literal));
  give(roles, { random, who, isMysql, make, remove });

  let hides = false;
  if (chance(0.12)) {
    hides = true;
    const other = pick(
      random,
      ['%', '127.%', '127.0.0.1'].filter((host) => !who.endsWith(`@'${host}'`)),
    );
    const name = account(LOGIN.user, other);
    for (let n = 1 + upTo(random, 2); n > 0; n--) make.push(...grants(random, server, name, literal));
  }
  if (chance(0.08)) {
    hides = true;
    const name = account('', pick(random, ['%', '%', '127.0.0.1']));
    make.push(`GRANT ${FOR_NOBODY.join(', ')} ON ${on(pick(random, PATTERNS))} TO ${name}`);
  }
  if (!isMysql && chance(0.2)) {
    const given = grants(random, server, 'PUBLIC', literal);
    if (!given[0]!.includes('GRANT OPTION')) make.push(...given);
    remove.unshift('REVOKE ALL PRIVILEGES, GRANT OPTION FROM PUBLIC');
  }
  return { make, remove, hides };
}

/** Who has which role, and which are active after login. */
function give(
  roles: readonly string[],
  {
    random,
    who,
    isMysql,
    make,
    remove,
  }: {
    readonly random: Random;
    readonly who: string;
    readonly isMysql: boolean;
    readonly make: string[];
    readonly remove: string[];
  },
): void {
  if (roles.length === 0) return;
  const own = roles.filter((_, n) => n === 0 || random() < 0.5);
  for (const [n, role] of roles.entries()) {
    if (own.includes(role)) make.push(`GRANT ${role} TO ${who}`);
    if (n > 0 && (!own.includes(role) || random() < 0.3)) make.push(`GRANT ${role} TO ${roles[n - 1]!}`);
  }
  if (random() < 0.75) {
    const role = pick(random, own);
    make.push(`SET DEFAULT ROLE ${role} ${isMysql ? 'TO' : 'FOR'} ${who}`);
  }
  if (!isMysql) return;
  const setGlobal = (name: string, value: string, usual: string): void => {
    make.push(`SET GLOBAL ${name} = ${value}`);
    remove.unshift(`SET GLOBAL ${name} = ${usual}`);
  };
  if (random() < 0.15) setGlobal('activate_all_roles_on_login', 'ON', 'OFF');
  const mandatory = pick(random, roles);
  // MySQL takes no role that is a SYSTEM_USER.
  const isSystem = make.some((sql) => sql.startsWith('GRANT ALL ON *.* TO r'));
  if (random() < 0.15 && !isSystem) setGlobal('mandatory_roles', `'${mandatory}'`, "''");
}

/** One grant, perhaps with some of it revoked again. */
function grants(random: Random, server: GrantServer, who: string, literal: boolean): string[] {
  const option = random() < 0.1 ? ' WITH GRANT OPTION' : '';
  const what = random();
  if (what < 0.12) {
    const list = privileges(random, server);
    const back = list.filter((name) => literal && name !== 'ALL' && random() < 0.4);
    return [
      `GRANT ${list.join(', ')} ON *.* TO ${who}${option}`,
      ...(back.length > 0 ? [`REVOKE ${back.join(', ')} ON ${on(pick(random, DATABASES))} FROM ${who}`] : []),
    ];
  }
  if (what < 0.2) {
    const table = `\`${pick(random, DATABASES)}\`.${pick(random, NAMED_TABLES)}`;
    const list = pick(random, ['SELECT', 'SELECT, TRIGGER', 'SELECT (id), INSERT', 'ALL', 'SELECT (id)']);
    return [`GRANT ${list} ON ${table} TO ${who}${option}`];
  }
  if (what < 0.26) {
    if (server.flavour === 'mysql') return [`GRANT SHOW_ROUTINE ON *.* TO ${who}`];
    return [`GRANT SELECT ON mysql.${pick(random, ['proc', 'db', '*'])} TO ${who}`];
  }
  const list = privileges(random, server);
  const pattern = pick(random, PATTERNS);
  const back = list.filter((name) => name !== 'ALL' && random() < 0.3);
  return [
    `GRANT ${list.join(', ')} ON ${on(pattern)} TO ${who}${option}`,
    ...(random() < 0.12 && back.length > 0
      ? [`REVOKE ${back.join(', ')} ON ${on(pattern)} FROM ${who}`]
      : []),
  ];
}

function privileges(random: Random, { flavour, version }: GrantServer): string[] {
  const what = random();
  if (what < 0.1) return ['ALL'];
  const showsRoutines = flavour === 'mariadb' && !version.startsWith('10.');
  const some = <T>(all: readonly T[], share: number): T[] => all.filter(() => random() < share);
  const chosen =
    what < 0.4
      ? some([...DUMP, ...(showsRoutines ? ['SHOW CREATE ROUTINE'] : [])], 0.85)
      : what < 0.6
        ? some([...new Set([...LOAD, ...PROGRAMS])], 0.9)
        : some(SINGLE, 0.25);
  return chosen.length > 0 ? chosen : ['SELECT'];
}

function on(pattern: string): string {
  return `\`${pattern}\`.*`;
}
