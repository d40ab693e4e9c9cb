import type { TestServer } from '../../harness/test-server.ts';
import { isAtLeast } from '../../fixtures/torture/target.ts';

/** The server that a schema is written for. */
export type Target = Pick<TestServer, 'flavour' | 'version'>;

export function isMariadb(target: Target): boolean {
  return target.flavour === 'mariadb';
}

export function hasVectors(target: Target): boolean {
  return isAtLeast(target, 'mariadb', 11, 7) || isAtLeast(target, 'mysql', 9, 0);
}

/** Collations by charset, those that are not the charset's default among them. */
export function collations(target: Target): Readonly<Record<string, readonly string[]>> {
  const mine = isMariadb(target)
    ? ['utf8mb4_general_ci', 'utf8mb4_unicode_520_nopad_ci', 'utf8mb4_nopad_bin']
    : ['utf8mb4_0900_ai_ci', 'utf8mb4_0900_bin', 'utf8mb4_de_pb_0900_as_cs', 'utf8mb4_general_ci'];
  return {
    utf8mb4: ['utf8mb4_bin', 'utf8mb4_unicode_ci', 'utf8mb4_unicode_520_ci', 'utf8mb4_swedish_ci', ...mine],
    utf8mb3: ['utf8mb3_general_ci', 'utf8mb3_bin', 'utf8mb3_unicode_ci'],
    latin1: ['latin1_swedish_ci', 'latin1_german1_ci', 'latin1_bin', 'latin1_general_cs'],
    ascii: ['ascii_general_ci', 'ascii_bin'],
    ucs2: ['ucs2_general_ci', 'ucs2_bin'],
    utf16: ['utf16_general_ci', 'utf16_unicode_ci'],
    utf32: ['utf32_general_ci', 'utf32_bin'],
    sjis: ['sjis_japanese_ci', 'sjis_bin'],
    gbk: ['gbk_chinese_ci', 'gbk_bin'],
    koi8r: ['koi8r_general_ci', 'koi8r_bin'],
    cp1251: ['cp1251_general_ci', 'cp1251_bin', 'cp1251_ukrainian_ci'],
    latin2: ['latin2_general_ci', 'latin2_hungarian_ci'],
  };
}
