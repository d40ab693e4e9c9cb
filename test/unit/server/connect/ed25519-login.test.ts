import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { signEd25519 } from '../../../../src/server/connect/ed25519-login.ts';

/** What stands before the 32 bytes of a private key in its PKCS #8 form. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

test.each(Array.from({ length: 20 }, (_, number) => number))(
  'signs as Node does with a password of 32 bytes, which is a seed then: %i',
  async () => {
    const password = randomBytes(16).toString('hex');
    const challenge = randomBytes(32);
    const key = createPrivateKey({
      key: Buffer.concat([PKCS8, Buffer.from(password)]),
      format: 'der',
      type: 'pkcs8',
    });

    expect(await signEd25519(password, challenge)).toEqual(sign(undefined, challenge, key));
  },
);
