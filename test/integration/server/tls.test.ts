import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesOfBackups } from '../../harness/backups.ts';
import { makeCertificates } from '../../harness/certificates.ts';
import type { Certificates } from '../../harness/certificates.ts';
import { runDbbackup } from '../../harness/dbbackup.ts';
import { describeEachServer } from '../../harness/describe-each-server.ts';
import { expectFailure } from '../../harness/failure.ts';
import { ownServer } from '../../harness/own-server.ts';
import type { OwnServer } from '../../harness/own-server.ts';

const START_MS = 120_000;
/** With a password, because MariaDB's clients do not verify a server that asks for none. */
const ACCOUNT =
  "CREATE DATABASE shop; CREATE TABLE shop.t (id INT); CREATE USER u@'%' IDENTIFIED BY 'pw'; GRANT ALL ON *.* TO u@'%';";
const LOGIN = { DBBACKUP_USER: 'u', DBBACKUP_PASSWORD: 'pw' };

describeEachServer('a server without TLS', (shared) => {
  let own: OwnServer;
  beforeAll(async () => {
    own = await ownServer(shared, [shared.flavour === 'mysql' ? '--tls-version=' : '--skip-ssl']);
    await own.server.sql(ACCOUNT);
  }, START_MS);
  afterAll(() => own[Symbol.asyncDispose]());

  test('is refused when TLS is demanded, and taken when it is only preferred and the login gives nothing away', async () => {
    const options = { server: own.server, env: LOGIN };
    await expectFailure(['create', 'shop', '--ssl-mode', 'REQUIRED'], options, {
      code: 'unreachable',
      message: `The server at 127.0.0.1:${own.server.port} does not offer TLS, but --ssl-mode=REQUIRED requires it.`,
      hint: 'Set up TLS on the server, or use --ssl-mode=DISABLED if the network is safe.',
    });
    expect(await filesOfBackups()).toEqual({});

    if (shared.flavour === 'mysql') {
      await expectFailure(['create', 'shop'], options, {
        code: 'access-denied',
        message: "asks for the password of 'u' over a connection without TLS",
        hint: '--ssl-mode=DISABLED',
      });
      const disabled = await runDbbackup(['create', 'shop', '--ssl-mode=DISABLED'], options);
      expect(disabled).toMatchObject({ exitCode: 0 });
    } else {
      expect(await runDbbackup(['create', 'shop'], options)).toMatchObject({ exitCode: 0 });
    }
  });
});

describeEachServer('a certificate', (shared) => {
  let certificates: Certificates;
  let own: OwnServer;
  beforeAll(async () => {
    certificates = await makeCertificates('DNS:localhost,DNS:db.example');
    const { ca, serverCert, serverKey } = certificates;
    own = await ownServer(shared, [`--ssl-ca=${ca}`, `--ssl-cert=${serverCert}`, `--ssl-key=${serverKey}`]);
    await own.server.sql(ACCOUNT);
  }, START_MS);
  afterAll(async () => {
    await own[Symbol.asyncDispose]();
    await certificates[Symbol.asyncDispose]();
  });

  test('of an authority that is not the one named is refused', async () => {
    await expectFailure(
      ['create', 'shop', '--ssl-mode', 'VERIFY_CA', '--ssl-ca', certificates.otherCa],
      { server: own.server, env: LOGIN },
      {
        code: 'unreachable',
        message: [`TLS to 127.0.0.1:${own.server.port} failed`, /certificate|issuer/],
        hint: 'Name the authority that signed the certificate with --ssl-ca',
      },
    );
    expect(await filesOfBackups()).toEqual({});
  });

  test('for localhost is refused for its address under VERIFY_IDENTITY', async () => {
    await expectFailure(
      ['create', 'shop', '--ssl-mode', 'VERIFY_IDENTITY', '--ssl-ca', certificates.ca],
      { server: own.server, env: LOGIN },
      {
        code: 'unreachable',
        message: [`TLS to 127.0.0.1:${own.server.port} failed`, "127.0.0.1 is not in the cert's list"],
        hint: 'Use a host name listed in the certificate',
      },
    );
    expect(await filesOfBackups()).toEqual({});
  });

  test('for the address of the server is accepted under VERIFY_IDENTITY', async () => {
    await certificates.issueFor('IP:127.0.0.1');
    await own.server.query(shared.flavour === 'mysql' ? 'ALTER INSTANCE RELOAD TLS' : 'FLUSH SSL');

    const result = await runDbbackup(
      ['create', 'shop', '--ssl-mode', 'VERIFY_IDENTITY', '--ssl-ca', certificates.ca],
      { server: own.server, env: LOGIN },
    );
    expect(result.exitCode, result.stderr).toBe(0);
  });

  test('of an authority that cannot be read is told as the wrong option', async () => {
    await expectFailure(
      ['create', 'shop', '--ssl-mode', 'VERIFY_CA', '--ssl-ca', '/nowhere/ca.pem'],
      { server: own.server, env: LOGIN },
      { code: 'usage', message: '/nowhere/ca.pem cannot be read.', hint: 'See --ssl-ca' },
    );
  });
});
