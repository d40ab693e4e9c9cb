import { firstExisting, SYSTEM_CERTIFICATES } from './well-known-files.ts';
import { parseSslMode, type SslSettings } from '../../server/connect/connection.ts';
import type { ConnectionUrl } from './connection-url.ts';
import { sslModeOfOptions, unknownMode } from '../option-files/option-file-ssl.ts';
import { absolute, type Resolution } from './resolution.ts';
import { givenDirectly, givenInFiles } from '../table/sources.ts';

/** A URL that says anything of TLS says all of it; one that does not leaves the option files their word. */
export async function resolveSsl(
  url: ConnectionUrl | undefined,
  resolution: Resolution,
): Promise<SslSettings> {
  const { flags, runtime, entries, sources } = resolution;
  const said =
    url === undefined
      ? undefined
      : Object.values(url.ssl).some((value) => value !== undefined)
        ? url.ssl
        : undefined;

  const lower = (key: 'mode' | 'ca' | 'cert' | 'key'): { value: string; source: string } | undefined => {
    if (said !== undefined) {
      const value = said[key];
      return value === undefined ? undefined : { value, source: sources['url'] ?? '' };
    }
    if (key !== 'mode') return givenInFiles(`ssl-${key}`, entries);
    const found = sslModeOfOptions(entries);
    return found === undefined ? undefined : { value: found.mode, source: found.source };
  };
  const find = (key: 'mode' | 'ca' | 'cert' | 'key'): string | undefined => {
    const found = givenDirectly(`ssl-${key}`, flags, runtime.env) ?? lower(key);
    if (found === undefined || found.value === '') return undefined;
    sources[`ssl-${key}`] = found.source;
    return found.value;
  };
  const file = (key: 'ca' | 'cert' | 'key'): string | undefined => {
    const found = find(key);
    return found === undefined ? undefined : absolute(found, resolution);
  };

  const modeText = find('mode');
  const ca = file('ca');
  // Who names an authority wants it checked: MySQL's clients read it so, too.
  const mode =
    modeText === undefined ? (ca === undefined ? 'PREFERRED' : 'VERIFY_CA') : parseSslMode(modeText);
  if (mode === undefined) throw unknownMode(sources['ssl-mode'] ?? '');
  sources['ssl-mode'] ??= ca === undefined ? 'default' : `${sources['ssl-ca'] ?? ''} (an authority is given)`;
  return { mode, ca: ca ?? (await systemCertificates(mode, sources)), cert: file('cert'), key: file('key') };
}

/** MySQL's clients verify only against a file that is named (9.7: "CA certificate is required"). */
async function systemCertificates(
  mode: SslSettings['mode'],
  sources: Record<string, string>,
): Promise<string | undefined> {
  if (mode !== 'VERIFY_CA' && mode !== 'VERIFY_IDENTITY') return undefined;
  const file = await firstExisting(SYSTEM_CERTIFICATES);
  if (file !== undefined) sources['ssl-ca'] = "default (the system's authorities)";
  return file;
}
