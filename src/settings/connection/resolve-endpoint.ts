import { DEFAULT_SOCKETS, firstExisting } from './well-known-files.ts';
import { describeEndpoint, type Endpoint } from '../../server/connect/connection.ts';
import { type ConnectionUrl, parseConnectionUrl } from './connection-url.ts';
import { chooseEndpoint, type Given, RANK } from './choose-endpoint.ts';
import { DbBackupError } from '../../run/errors.ts';
import type { SettingKey } from '../table/settings-table.ts';
import { absolute, type Resolution, variable } from './resolution.ts';
import { givenDirectly, givenInFiles, givenSecret, inOwnGroups } from '../table/sources.ts';

const ENDPOINT_KEYS = ['host', 'port', 'socket', 'user'] as const satisfies readonly SettingKey[];

/** The URL that decides where to connect; undefined when there is none or something stronger names the server. */
export async function resolveUrl(resolution: Resolution): Promise<ConnectionUrl | undefined> {
  const { flags, runtime, warnings, sources, unusedUrl } = resolution;
  const given =
    (await givenSecret('url', flags, runtime, warnings)) ??
    variable('DATABASE_URL', resolution) ??
    givenInFiles('url', inOwnGroups(resolution.entries));
  const outside = runtime.env['DATABASE_URL'] ?? '';
  if (outside !== '' && variable('DATABASE_URL', resolution) === undefined)
    unusedUrl.push('DATABASE_URL is ignored because of --defaults-file');
  const other = ENDPOINT_KEYS.map((key) => givenDirectly(key, flags, runtime.env)).filter(
    (value) => value !== undefined,
  );
  if (given === undefined) {
    noteEmptyUrl(resolution);
    return undefined;
  }
  const conflicting = other.find(({ rank }) => rank === RANK.flag);
  if (given.rank === RANK.flag) {
    if (conflicting === undefined) return used(given, resolution);
    throw new DbBackupError('usage', `${given.source} and ${conflicting.source} cannot be used together.`, {
      hint: `put it into the URL, or leave out ${given.source}`,
    });
  }
  const stronger = conflicting ?? other[0];
  if (stronger === undefined || (await agrees(given, resolution))) return used(given, resolution);
  // Whole or not at all: its password must never meet another host.
  sources['url'] = `${given.source}, not used because of ${stronger.source}`;
  unusedUrl.unshift(`${given.source} is ignored because of ${stronger.source}`);
  return undefined;
}

/**
 * A secret that a CI job was not given is a variable without text, and the local server is not the one that was
 * meant.
 */
function noteEmptyUrl({ flags, runtime, foreignVariables, warnings, unusedUrl }: Resolution): void {
  const empty =
    runtime.env['DBBACKUP_URL'] === ''
      ? 'DBBACKUP_URL'
      : foreignVariables['DATABASE_URL'] === ''
        ? 'DATABASE_URL'
        : undefined;
  if (empty === undefined) return;
  unusedUrl.push(`${empty} is empty`);
  const keys = ['host', 'port', 'socket'] as const;
  if (keys.some((key) => givenDirectly(key, flags, runtime.env) !== undefined)) return;
  warnings.push({ message: `${empty} is set but empty: it does not name a server.` });
}

/**
 * Whether what was named besides the URL is the very same server and user, as in the further commands that we print:
 * then the URL may give its password.
 */
async function agrees(url: Given, resolution: Resolution): Promise<boolean> {
  const { flags, runtime } = resolution;
  const given = (key: SettingKey): Given | undefined => givenDirectly(key, flags, runtime.env);
  const { target, user } = parseConnectionUrl(url.value, url.source);
  if (given('user')?.value !== (user ?? runtime.userName)) return false;
  const { endpoint } = chooseEndpoint({
    ...{ host: given('host'), port: given('port'), socket: given('socket') },
    protocol: undefined,
  });
  if (endpoint === undefined) return target.kind === 'local';
  const meant = await endpointOf(target, resolution);
  return describeEndpoint(await endpointOf(endpoint, resolution)) === describeEndpoint(meant);
}

function used(given: Given, { sources }: Resolution): ConnectionUrl {
  sources['url'] = given.source;
  return parseConnectionUrl(given.value, given.source);
}

/** Where to connect. */
export async function resolveEndpoint(
  url: ConnectionUrl | undefined,
  resolution: Resolution,
): Promise<Endpoint> {
  const { flags, runtime, entries, sources } = resolution;
  if (url !== undefined) {
    const source = sources['url'] ?? '';
    if (url.target.kind === 'tcp') {
      Object.assign(sources, { host: source, port: source });
      return url.target;
    }
    sources['socket'] = url.target.kind === 'socket' ? source : 'default';
    return endpointOf(url.target, resolution);
  }

  const given = (key: 'host' | 'port' | 'socket', foreign: string): Given | undefined =>
    givenDirectly(key, flags, runtime.env) ?? givenInFiles(key, entries) ?? variable(foreign, resolution);
  const choice = chooseEndpoint({
    host: given('host', 'MYSQL_HOST'),
    port: given('port', 'MYSQL_TCP_PORT'),
    socket: given('socket', 'MYSQL_UNIX_PORT'),
    protocol: givenInFiles('protocol', entries),
  });
  Object.assign(sources, choice.sources);
  return endpointOf(choice.endpoint ?? { kind: 'local' }, resolution);
}

async function endpointOf(target: ConnectionUrl['target'], resolution: Resolution): Promise<Endpoint> {
  if (target.kind === 'tcp') return target;
  return {
    kind: 'socket',
    path: target.kind === 'socket' ? absolute(target.path, resolution) : await defaultSocket(),
  };
}

/** Where none exists, connecting fails with the name of the usual one, as `mysql` does. */
async function defaultSocket(): Promise<string> {
  return (await firstExisting(DEFAULT_SOCKETS)) ?? DEFAULT_SOCKETS[0];
}

/** A URL without a user means the login name, not the user of an option file for another server. */
export function resolveUser(
  url: ConnectionUrl | undefined,
  { flags, runtime, entries, sources }: Resolution,
): string {
  if (url?.user !== undefined) {
    sources['user'] = sources['url'] ?? '';
    return url.user;
  }
  const given =
    url === undefined
      ? (givenDirectly('user', flags, runtime.env) ?? givenInFiles('user', entries))
      : undefined;
  sources['user'] = given?.source ?? 'default';
  return given?.value ?? runtime.userName;
}
