import { createHash } from 'node:crypto';

const HALF_BYTES = 32;

/**
 * The answer to MariaDB's login plugin `client_ed25519`, which mysql2 does not know: the server's bytes, signed with
 * Ed25519 (RFC 8032, 5.1.6). Not with Node's own, since MariaDB takes the password itself for the 32 bytes of seed.
 * (MariaDB: plugin/auth_ed25519/ref10/sign.c)
 *
 * @returns 64 bytes.
 */
export async function signEd25519(password: string, challenge: Uint8Array): Promise<Buffer> {
  const { ed25519 } = await import('@noble/curves/ed25519.js');
  const { BASE, Fn } = ed25519.Point;
  const scalar = (hash: Uint8Array): bigint => Fn.create(littleEndian(hash));
  const point = (times: bigint): Uint8Array => BASE.multiply(times).toBytes();

  const secret = sha512(Buffer.from(password));
  const key = Buffer.from(secret.subarray(0, HALF_BYTES));
  key.writeUInt8(key.readUInt8(0) & 0b1111_1000, 0);
  key.writeUInt8((key.readUInt8(HALF_BYTES - 1) & 0b0111_1111) | 0b0100_0000, HALF_BYTES - 1);
  const a = scalar(key);
  const r = scalar(sha512(secret.subarray(HALF_BYTES), challenge));
  const R = point(r);
  const S = Fn.add(r, Fn.mul(scalar(sha512(R, point(a), challenge)), a));
  return Buffer.concat([R, Fn.toBytes(S)]);
}

function sha512(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
