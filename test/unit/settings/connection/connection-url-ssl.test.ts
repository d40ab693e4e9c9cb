import { describe, expect, test } from 'vitest';
import { readUrlSsl } from '../../../../src/settings/connection/connection-url-ssl.ts';
import { parseConnectionUrl } from '../../../../src/settings/connection/connection-url.ts';

const read = (query: string) => parseConnectionUrl(`mysql://db/?${query}`, '--url').ssl;

describe('readUrlSsl', () => {
  test.each([
    ['ssl-mode=DISABLED', 'DISABLED'],
    ['sslmode=disable', 'DISABLED'],
    ['ssl=false', 'DISABLED'],
    ['ssl=0', 'DISABLED'],
    ['useSSL=false', 'DISABLED'],
    ['tls=false', 'DISABLED'],
    ['ssl_disabled=true', 'DISABLED'],
    ['ssl-mode=preferred', 'PREFERRED'],
    ['sslmode=prefer', 'PREFERRED'],
    ['tls=preferred', 'PREFERRED'],
    ['ssl-mode=REQUIRED', 'REQUIRED'],
    ['sslmode=require', 'REQUIRED'],
    ['useSSL=true', 'REQUIRED'],
    ['tls=skip-verify', 'REQUIRED'],
    ['sslaccept=accept_invalid_certs', 'REQUIRED'],
    ['ssl={"rejectUnauthorized":false}', 'REQUIRED'],
    ['ssl=%7B%22rejectUnauthorized%22%3Afalse%7D', 'REQUIRED'],
    ['ssl-mode=VERIFY_CA', 'VERIFY_CA'],
    ['sslMode=verify-ca', 'VERIFY_CA'],
    ['useSSL=true&verifyServerCertificate=true', 'VERIFY_CA'],
    ['ssl-mode=VERIFY_IDENTITY', 'VERIFY_IDENTITY'],
    ['sslmode=verify-full', 'VERIFY_IDENTITY'],
    ['sslmode=require&sslaccept=strict', 'VERIFY_IDENTITY'],
    ['ssl=true', 'VERIFY_IDENTITY'],
    ['tls=true', 'VERIFY_IDENTITY'],
    ['ssl={"rejectUnauthorized":true}', 'VERIFY_IDENTITY'],
    ['ssl={}', 'VERIFY_IDENTITY'],
  ])('reads %s as %s', (query, mode) => {
    expect(read(query).mode).toBe(mode);
  });

  test('reads the names of files, Prisma’s sslcert being the authority', () => {
    expect(read('ssl-ca=/ca.pem&ssl-cert=/c.pem&ssl_key=/k.pem')).toMatchObject({
      ca: '/ca.pem',
      cert: '/c.pem',
      key: '/k.pem',
    });
    expect(read('sslcert=/ca.pem')).toMatchObject({ ca: '/ca.pem', cert: undefined });
  });

  test('says nothing when the URL does not', () => {
    expect(
      readUrlSsl(
        new Map([
          ['connection_limit', '5'],
          ['charset', 'utf8mb4'],
        ]),
        '--url',
      ),
    ).toEqual({
      mode: undefined,
      ca: undefined,
      cert: undefined,
      key: undefined,
    });
  });

  test.each<[string, RegExp]>([
    ['sslfoo=1', /the unknown TLS setting sslfoo/],
    ['tlsVersions=1.2', /the unknown TLS setting tlsversions/],
    ['ssl-capath=/etc/ssl', /the unknown TLS setting ssl-capath/],
    ['sslidentity=a.p12&sslpassword=x', /PKCS12/],
    ['sslmode=sometimes', /value of sslmode/],
    ['ssl=Amazon%20RDS', /value of ssl /],
    ['ssl=constructor', /value of ssl /],
    ['ssl={', /not valid JSON/],
    ['ssl={"rejectUnauthorized":true,"ca":"x"}', /more than rejectUnauthorized/],
    ['ssl=false&sslmode=require', /both asks for TLS and turns it off/],
  ])('refuses %s', (query, message) => {
    expect(() => read(query)).toThrow(message);
    expect(() => read(query)).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
