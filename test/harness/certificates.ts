import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** An authority, and certificates that it signed. */
export interface Certificates extends AsyncDisposable {
  /** The authority's certificate. */
  readonly ca: string;
  /** Another authority's, which signed nothing. */
  readonly otherCa: string;
  readonly serverCert: string;
  readonly serverKey: string;
  /** Signs a new server certificate for these names, in the place of the one before. */
  issueFor(names: string): Promise<void>;
}

/** Makes them with openssl, in a folder that a server's account can read. */
export async function makeCertificates(names: string): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'dbbackup-certificates-'));
  await chmod(folder, 0o755);
  const openssl = (...args: string[]) => execa('openssl', args, { cwd: folder });
  for (const name of ['ca', 'other-ca']) {
    await openssl(
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', `/CN=test ${name}`],
      ...['-keyout', `${name}.key`, '-out', `${name}.pem`],
    );
  }
  await openssl(
    ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=test server'],
    ...['-keyout', 'server.key', '-out', 'server.csr'],
  );
  await chmod(join(folder, 'server.key'), 0o644); // the server runs under another account
  const issueFor = async (wanted: string) => {
    await writeFile(join(folder, 'names'), `subjectAltName=${wanted}\n`);
    await openssl(
      ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
      ...['-days', '2', '-extfile', 'names', '-out', 'server.pem'],
    );
  };
  await issueFor(names);
  return {
    ca: join(folder, 'ca.pem'),
    otherCa: join(folder, 'other-ca.pem'),
    serverCert: join(folder, 'server.pem'),
    serverKey: join(folder, 'server.key'),
    issueFor,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
