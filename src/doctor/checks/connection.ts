import { text } from 'node:stream/consumers';
import { startProgram } from '../../programs/child-program.ts';
import { childEnvironment } from '../../programs/child-environment.ts';
import type { ClientProgram } from '../../programs/client-programs.ts';
import { buildLoginArgs, parseLoadFailure } from '../../programs/load-client.ts';
import { openPrivateOptionFile } from '../../programs/private-option-file.ts';
import { connectServer } from '../../server/connect/server.ts';
import type { Server } from '../../server/connect/server.ts';
import { renderClientOptionFile } from '../../programs/client-option-file.ts';
import { describeEndpoint } from '../../server/connect/connection.ts';
import type { Connection } from '../../server/connect/connection.ts';
import { DbBackupError, isCancellation } from '../../run/errors.ts';
import type { Finding } from '../finding/finding.ts';
import { FLAVOUR_NAMES } from '../../server/connect/flavour.ts';
import { redact } from '../../run/secret.ts';
import { tlsProtection } from '../../server/connect/tls-protection.ts';
import { problemOf } from '../finding/finding-of-failure.ts';
import type { Runtime } from '../../run/runtime.ts';

/** Whether the server answers and accepts this account, and how well the connection is protected. */
export async function examineConnection(
  connection: Connection,
  signal: AbortSignal,
): Promise<{ readonly server: Server | undefined; readonly findings: readonly Finding[] }> {
  const { endpoint, user } = connection;
  try {
    const server = await connectServer(connection, signal);
    const message = `${FLAVOUR_NAMES[server.flavour]} ${server.version} at ${describeEndpoint(endpoint)} accepts the login of ${user}.`;
    return {
      server,
      findings: [{ level: 'ok', check: 'connection', message }, examineTls(connection, server.encrypted)],
    };
  } catch (error) {
    if (!(error instanceof DbBackupError) || isCancellation(error)) throw error;
    const why = 'Without a connection nothing on the server could be checked.';
    return { server: undefined, findings: [{ ...problemOf({ check: 'connection' }, error), why }] };
  }
}

function examineTls(connection: Connection, encrypted: boolean): Finding {
  const check = 'tls';
  const { mode } = connection.ssl;
  switch (tlsProtection(connection, encrypted)) {
    case 'no network': {
      const used = encrypted ? `TLS is used (${mode}), although` : 'No TLS, and';
      return { level: 'ok', check, message: `${used} the connection is local.` };
    }
    case 'verified':
      return { level: 'ok', check, message: `TLS is used, and the certificate is checked (${mode}).` };
    case 'unverified':
      return {
        level: 'warning',
        check,
        message: `TLS is used, but with ${mode} the server's certificate is not checked.`,
        why: 'Anyone on the network path can impersonate the server.',
        fix: ['Use --ssl-mode=VERIFY_IDENTITY, with --ssl-ca <file> for your own authority.'],
      };
    case 'none':
      return {
        level: 'warning',
        check,
        message: 'The connection to the server is not encrypted.',
        why: 'Anyone on the network path can read and change the data.',
        fix: ['Set up TLS on the server, then use --ssl-mode=REQUIRED.'],
      };
  }
}

/** Whether the stock client can log in, too: it handles TLS and login methods in its own way. */
export async function examineLogin(
  connection: Connection,
  tool: ClientProgram | undefined,
  { env, signal }: Runtime,
): Promise<readonly Finding[]> {
  if (tool === undefined) return [];
  await using options = await openPrivateOptionFile(renderClientOptionFile(connection, tool), env['TMPDIR']);
  const client = await startProgram({
    file: tool.file,
    args: buildLoginArgs(),
    env: childEnvironment(env),
    optionFileFd: options.fd,
    stdin: 'ignore',
    signal,
  });
  await text(client.stdout);
  const end = await client.ended;
  signal.throwIfAborted();
  if (end.exitCode === 0)
    return [{ level: 'ok', check: 'connection', message: `${tool.program} can log in too.` }];
  const stderr = redact(end.stderr, [connection.password]);
  const { message, hint } = parseLoadFailure({ ...end, stderr }, tool.program);
  return [
    {
      level: 'problem',
      check: 'connection',
      message: `dbbackup can log in, but ${tool.program} cannot: ${message}`,
      why: 'The client programs handle TLS and login methods in their own way.',
      fix: [hint ?? "Check --ssl-mode and --ssl-ca; client programs of the server's own flavour fit best."],
    },
  ];
}
