import { parseSslMode, SSL_MODES, type SslMode } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';

/** What a URL says about TLS; all absent when it says nothing. */
export interface UrlSsl {
  readonly mode: SslMode | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

const OFF: Readonly<Record<string, SslMode>> = { false: 'DISABLED', '0': 'DISABLED' };
const ON_VERIFIED: Readonly<Record<string, SslMode>> = { true: 'VERIFY_IDENTITY', '1': 'VERIFY_IDENTITY' };

/** Only for parameters that add nothing when they are off. */
const NOTHING = undefined;

/** The spellings of the libraries, by parameter name (lower case, without `-` and `_`) and lower-case value. */
const MODE_PARAMETERS: Readonly<Record<string, Readonly<Record<string, SslMode | undefined>>>> = {
  // mysql2, PlanetScale, mysqlclient
  ssl: { ...OFF, ...ON_VERIFIED },
  // Prisma
  sslaccept: { strict: 'VERIFY_IDENTITY', accept_invalid_certs: 'REQUIRED' },
  // Go
  tls: { ...OFF, ...ON_VERIFIED, 'skip-verify': 'REQUIRED', preferred: 'PREFERRED' },
  // JDBC. useSSL=true alone does not verify there.
  usessl: { ...OFF, true: 'REQUIRED' },
  requiressl: { true: 'REQUIRED', false: NOTHING },
  verifyservercertificate: { true: 'VERIFY_CA', false: NOTHING },
  // PyMySQL
  ssldisabled: { true: 'DISABLED', '1': 'DISABLED', false: NOTHING, '0': NOTHING },
  sslverifycert: { true: 'VERIFY_CA', '1': 'VERIFY_CA', false: NOTHING, '0': NOTHING },
  sslverifyidentity: { ...ON_VERIFIED, false: NOTHING, '0': NOTHING },
};

/** In Prisma's URLs `sslcert` is the authority's certificate; nobody writes the client's without a dash. */
function fileOf(name: string): 'ca' | 'cert' | 'key' | undefined {
  if (name === 'sslcert') return 'ca';
  const squeezed = name.replace(/[-_]/g, '');
  return squeezed === 'sslca'
    ? 'ca'
    : squeezed === 'sslcert'
      ? 'cert'
      : squeezed === 'sslkey'
        ? 'key'
        : undefined;
}

/**
 * Reads what a URL says about TLS. Unknown parameters that start with `ssl` or `tls` are refused: ignoring one could
 * mean clear text where the user asked for more.
 *
 * @param parameters By lower-case name, decoded.
 * @throws {DbBackupError} `usage`.
 */
export function readUrlSsl(parameters: ReadonlyMap<string, string>, source: string): UrlSsl {
  const modes = new Set<SslMode>();
  const files: { ca?: string; cert?: string; key?: string } = {};
  for (const [name, value] of parameters) {
    const file = fileOf(name);
    if (file !== undefined) {
      files[file] = value;
      continue;
    }
    const mode = modeOf(name, value, source);
    if (mode !== undefined) modes.add(mode);
  }
  return { mode: strictest(modes, source), ca: files.ca, cert: files.cert, key: files.key };
}

function modeOf(name: string, value: string, source: string): SslMode | undefined {
  const squeezed = name.replace(/[-_]/g, '');
  if (squeezed === 'sslidentity' || squeezed === 'sslpassword') {
    throw bad(
      source,
      `uses ${name} (a PKCS12 file), which the MySQL clients cannot read`,
      'convert it to PEM with `openssl pkcs12`, and give the parts as ssl-ca, ssl-cert and ssl-key',
    );
  }
  if (squeezed === 'sslmode') {
    return parseSslMode(value) ?? fail(badValue(name, source, SSL_MODES.join(', ')));
  }
  if (squeezed === 'ssl' && value.trimStart().startsWith('{')) return modeOfObject(value, source);

  const spellings = MODE_PARAMETERS[squeezed];
  if (spellings !== undefined) {
    const key = value.toLowerCase();
    if (!Object.hasOwn(spellings, key)) throw badValue(name, source, Object.keys(spellings).join(', '));
    return spellings[key];
  }
  if (/^(?:ssl|tls)/.test(squeezed)) {
    throw bad(
      source,
      `has the unknown TLS setting ${shown(name)}`,
      'use ssl-mode, ssl-ca, ssl-cert and ssl-key',
    );
  }
  return undefined; // connection_limit, charset, timezone, …: settings of a library, not of the connection
}

/** mysql2's JSON form: `ssl={"rejectUnauthorized":false}`. */
function modeOfObject(value: string, source: string): SslMode {
  let settings: unknown;
  try {
    settings = JSON.parse(value);
  } catch {
    throw bad(source, 'has an ssl parameter that is not valid JSON', 'use ssl-mode instead');
  }
  const entries = Object.entries(settings as Record<string, unknown>);
  const [key, wanted] = entries[0] ?? ['rejectUnauthorized', true];
  if (entries.length > 1 || key !== 'rejectUnauthorized' || typeof wanted !== 'boolean') {
    throw bad(
      source,
      'has an ssl parameter with more than rejectUnauthorized',
      'use ssl-mode, ssl-ca, ssl-cert and ssl-key',
    );
  }
  return wanted ? 'VERIFY_IDENTITY' : 'REQUIRED';
}

/** Libraries split one mode over several parameters (Prisma: `sslmode=require&sslaccept=strict`). */
function strictest(modes: ReadonlySet<SslMode>, source: string): SslMode | undefined {
  if (modes.size > 1 && modes.has('DISABLED')) {
    throw bad(source, 'both asks for TLS and turns it off', 'keep one of the parameters');
  }
  return SSL_MODES.findLast((mode) => modes.has(mode));
}

/** Names come from the user's URL: only a plain one is repeated. */
function shown(name: string): string {
  return /^[\w-]{1,40}$/.test(name) ? name : 'ssl…';
}

function badValue(name: string, source: string, allowed: string): DbBackupError {
  return bad(source, `has a value of ${name} that dbbackup does not know`, `use one of ${allowed}`);
}

function bad(source: string, what: string, hint: string): DbBackupError {
  return new DbBackupError('usage', `The URL from ${source} ${what}.`, { hint });
}

function fail(error: DbBackupError): never {
  throw error;
}
