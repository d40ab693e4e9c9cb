import type { ConnectionOptions } from 'mysql2/promise';
import type { Secret } from '../../run/secret.ts';

export type LoginPlugins = NonNullable<ConnectionOptions['authPlugins']>;

/** The server wants a login through a plugin that neither the driver nor we have. */
export class UnknownLoginPlugin extends Error {
  readonly plugin: string;

  constructor(plugin: string) {
    super(`There is no login plugin ${plugin}.`);
    this.plugin = plugin;
  }
}

/** The server has shown a key to encrypt the password with, and nothing proves that it is the right server. */
export class UnverifiedServerKey extends Error {}

/**
 * What answers the server's login plugins: ours beside the driver's own. Of any other the driver tells the name in a
 * sentence alone; so these plugins pretend to have every one, and throw when they are asked for it.
 *
 * @param drivers The driver's plugins, by name.
 * @param trustsServerKey Without TLS two plugins encrypt the password with a key that the server shows: whoever answers
 *   in its place would read the password. The stock client refuses that, too.
 * @throws {UnknownLoginPlugin, UnverifiedServerKey} Out of the login.
 */
export function loginPlugins(
  password: Secret | undefined,
  drivers: KeyedPlugins,
  trustsServerKey: boolean,
): LoginPlugins {
  const ours: LoginPlugins = {
    ...(trustsServerKey ? {} : withoutServerKey(drivers)),
    // Socket logins of the operating system's user: the server asks for nothing but an answer.
    unix_socket: () => () => Buffer.from([0]),
    auth_socket: () => () => Buffer.from([0]),
    client_ed25519: () => async (challenge) =>
      (await import('./ed25519-login.ts')).signEd25519(password?.reveal() ?? '', challenge.subarray(0, 32)),
    // The driver's would send the word "undefined".
    ...(password === undefined ? { sha256_password: () => () => Buffer.from([0]) } : {}),
  };
  return new Proxy(ours, {
    getOwnPropertyDescriptor: (_, name) => {
      if (Object.hasOwn(ours, name)) return Object.getOwnPropertyDescriptor(ours, name);
      return DRIVERS_OWN.has(name) ? undefined : { configurable: true, value: undefined };
    },
    get: (_, name) =>
      Object.hasOwn(ours, name)
        ? ours[String(name)]
        : () => {
            throw new UnknownLoginPlugin(String(name));
          },
  });
}

type Plugin = NonNullable<LoginPlugins[string]>;
/** Makes a plugin that asks for the server's key where a connection has no TLS. */
type KeyedPlugin = (options: { onServerPublicKey: (key: Buffer) => void }) => Plugin;
export type KeyedPlugins = Readonly<Record<'caching_sha2_password' | 'sha256_password', KeyedPlugin>>;

function withoutServerKey({ caching_sha2_password, sha256_password }: KeyedPlugins): LoginPlugins {
  return {
    caching_sha2_password: refusingKey(caching_sha2_password),
    sha256_password: refusingKey(sha256_password),
  };
}

function refusingKey(plugin: KeyedPlugin): Plugin {
  const refusing = plugin({
    onServerPublicKey() {
      throw new UnverifiedServerKey();
    },
  });
  return (metadata) => {
    const answer = refusing(metadata);
    // The driver takes a failure only as a rejection.
    return async (data) => (await answer(data)) as Buffer;
  };
}

/** But for mysql_clear_password, which would give the password to any server that asks. */
const DRIVERS_OWN: ReadonlySet<string | symbol> = new Set([
  'mysql_native_password',
  'caching_sha2_password',
  'sha256_password',
]);
