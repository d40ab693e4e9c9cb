import { expect, test } from 'vitest';
import type { Flavour } from '../../../src/server/connect/flavour.ts';
import { judgeProgram } from '../../../src/programs/program-fitness.ts';

const maker = ([flavour, version]: readonly [Flavour, string]) => ({ flavour, version });

test.each<{ program: [Flavour, string]; server: [Flavour, string]; is: ReturnType<typeof judgeProgram> }>([
  { program: ['mariadb', '11.8.6'], server: ['mariadb', '11.8.6-MariaDB-log'], is: 'fits' },
  { program: ['mariadb', '11.8.2'], server: ['mariadb', '11.8.6-MariaDB'], is: 'fits' },
  { program: ['mariadb', '11.8.6'], server: ['mariadb', '10.11.19-MariaDB'], is: 'fits' },
  { program: ['mariadb', '10.11.19'], server: ['mariadb', '11.8.6-MariaDB'], is: 'older' },
  { program: ['mysql', '8.0.43'], server: ['mysql', '9.7.4'], is: 'older' },
  { program: ['mariadb', '11.8.6'], server: ['mysql', '9.7.4'], is: 'other-flavour' },
])('$program with a server of $server: $is', ({ program, server, is }) => {
  expect(judgeProgram(maker(program), maker(server))).toBe(is);
});
