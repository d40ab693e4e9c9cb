import type { Warning } from '../../run/warning.ts';
import { parseSslMode, SSL_MODES, type SslMode } from '../../server/connect/connection.ts';
import { DbBackupError } from '../../run/errors.ts';

/** A setting of an option file, as far as it matters here. */
interface Option {
  readonly name: string;
  readonly value: string | undefined;
  readonly source: string;
}

/** The TLS mode that option files ask for; undefined when they say nothing of it. */
export interface OptionFileSslMode {
  readonly mode: SslMode;
  readonly source: string;
}

const HANDLED = new Set(['ssl-mode', 'ssl', 'ssl-verify-server-cert', 'ssl-ca', 'ssl-cert', 'ssl-key']);

/**
 * Translates both products' options into a mode: MySQL's `ssl-mode`, MariaDB's (and old MySQL's) `ssl`,
 * `skip-ssl` and `ssl-verify-server-cert`. Later lines win. `ssl` becomes REQUIRED, which is what who writes it
 * expects, although MariaDB's clients go on in clear text with it when the server has no TLS.
 *
 * @throws {DbBackupError} `usage` for an unknown `ssl-mode`.
 */
export function sslModeOfOptions(options: readonly Option[]): OptionFileSslMode | undefined {
  let result: OptionFileSslMode | undefined;
  let verify: string | undefined;
  for (const option of options) {
    const { name, on } = asSwitch(option);
    const { source, value } = option;
    if (name === 'ssl-mode') {
      const mode = parseSslMode(value ?? '');
      if (mode === undefined) throw unknownMode(source);
      result = { mode, source };
    } else if (name === 'ssl') {
      result = { mode: on ? 'REQUIRED' : 'DISABLED', source };
    } else if (name === 'ssl-verify-server-cert') {
      verify = on ? source : undefined;
    }
  }
  if (verify === undefined || result?.mode === 'DISABLED') return result;
  return { mode: 'VERIFY_IDENTITY', source: verify };
}

export function unknownMode(source: string): DbBackupError {
  return new DbBackupError('usage', `The ssl mode from ${source} is not known.`, {
    hint: `use one of ${SSL_MODES.join(', ')}`,
  });
}

/**
 * TLS options that the clients would act on and we do not: the user is warned rather than left with false security.
 */
export function unsupportedSslOptions(options: readonly Option[]): readonly Warning[] {
  return options
    .filter((option) => /^(?:ssl|tls)-/.test(option.name) && !HANDLED.has(asSwitch(option).name))
    .map(({ name, source }) => ({ message: `The option ${name} in ${source} has no effect in dbbackup.` }));
}

/** `skip-x`, `disable-x`, `enable-x` and `x=0` say whether `x` is on. */
function asSwitch({ name, value }: Option): { name: string; on: boolean } {
  const match = /^(skip|disable|enable)-(.*)$/.exec(name);
  if (match !== null) return { name: match[2] ?? '', on: match[1] === 'enable' };
  return { name, on: isOn(value) };
}

/** How option files spell a switch; standing alone means on. */
export function isOn(value: string | undefined): boolean {
  return value === undefined || !['0', 'off', 'false', 'no', 'disabled'].includes(value.toLowerCase());
}
