import { writeFileSync, readFileSync } from 'node:fs';
import { tortureSql } from '/work/main/test/fixtures/torture/torture-schema.ts';
import { TestServer, quoted } from '/work/main/test/harness/test-server.ts';
for (const [n, flavour, version] of [['s1010','mariadb','10.11.19'],['s118','mariadb','11.8.6'],['s97','mysql','9.7.4']] as const) {
  if (process.argv[2] && !n.includes(process.argv[2])) continue;
  const a = JSON.parse(readFileSync(`/tmp/${n}.json`, 'utf8'));
  const s = new TestServer({ ...a, name: n, flavour, version, folder: '' });
  try {
    await s.sql('SET foreign_key_checks=0; DROP DATABASE IF EXISTS harness_a; CREATE DATABASE harness_a; DROP DATABASE IF EXISTS harness_b; CREATE DATABASE harness_b');
    writeFileSync(`/tmp/rt-${n}.in.sql`, tortureSql({ flavour, version }));
    await s.sql(tortureSql({ flavour, version }), 'harness_a');
    console.log(n, 'loaded');
    const d1 = await s.dump('harness_a'); writeFileSync(`/tmp/rt-${n}.1.sql`, d1);
    console.log(n, 'dumped', d1.length);
    await s.sql(d1, 'harness_b');
    const d2 = await s.dump('harness_b'); writeFileSync(`/tmp/rt-${n}.2.sql`, d2);
    console.log(n, d1.equals(d2) ? 'IDENTICAL' : 'DIFFERENT');
  } catch (e) { console.log(n, String((e as Error).message).slice(-600)); }
}
