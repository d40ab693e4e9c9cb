import { expect, test } from 'vitest';
import { DatabaseNames } from '../../../../src/sql/names/database-names.ts';
import { SqlReader } from '../../../../src/sql/lexer/sql-lexer.ts';
import { listeningTo } from '../../../../src/sql/lexer/sql-listener.ts';

/** Where a database called `d` is named, it is marked `[d]`. */
const TEXTS = {
  'three parts': [
    'select [d].t.a, `[d]`.`t`.`a`, [d] . t . a, [d].t.* from u',
    'select t.d.a, x.d.f(1), d from t where d = d.a',
  ],
  'what may only be a table, an alias or a row': [
    'select d.id, d.*, `d`.`id` AS `id` from `d` where d.a in (d.b) order by d.c',
    'select a.x from d a, (select d.y from d) b where a.d = d.d group by d.a having d.b limit 1',
    'create trigger r before update on t for each row set NEW.d = OLD.d, new.a = d.a',
    'insert into t (d.a, b) values (d.a) on duplicate key update d.a = d.b',
    'update d set d.a = d.b where d.c = 1',
    'delete d.* from d where d.a = 1',
    'select d.a into d.b from d',
    'create procedure p() begin if a like d.b then set d.c = 1; end if; end',
    'select straight_join d.a from d where d.b is distinct from d.c',
    'select a from t for update of d',
  ],
  'a function that says FROM': [
    "select extract(year from d.a), trim(both 'x' from d.b), substring(d.a from 2), (select 1 from [d].t)",
    'select replace(d.a, d.b, d.c), insert(d.a, 1, 2, d.b), truncate(d.a, 1), left(d.a, 2) from t',
  ],
  variables: ['set @d.a = 1, @`d`.b = @d.c.e, @@d.k = @d.f(1)', 'select @d.a from [d].t'],
  'tables of a query': [
    'select * from [d].t, [d].u a join `[d]`.v b on d.a = b.a, [d].w',
    'select * from ([d].t join ([d].u left join [d].v on d.a = 1)) straight_join [d].w using (d)',
    'select * from (select d.a from [d].t) d, lateral (select 1 from [d].u) x',
    'with c as (select 1 from [d].t) select d.a from c d union select 2 from [d].u where exists (select 1 from [d].v)',
    'select * from t use index for join (i), [d].u for system_time as of now(), [d].v',
    'select * from t partition (p) join [d].u where a = (select d.b from t d)',
  ],
  'tables of other statements': [
    'insert into [d].t values (d.a)',
    'insert ignore [d].t select d.a from [d].u d',
    'replace low_priority into `[d]`.`t` (a) values (1)',
    'update ignore [d].t d, [d].u set d.a = 1',
    'delete from [d].t where d.a = 1',
    'delete [d].t, d.* from [d].t join [d].u d',
    'delete from a using [d].t a join b using (d)',
    'truncate [d].t',
    'truncate table [d].t',
    'lock tables [d].t read, [d].u write',
    'handler [d].t open',
    'drop table if exists [d].t, [d].u',
    'alter table [d].t rename to [d].u',
    'rename table [d].t to [d].u, [d].v to [d].w',
    'analyze table [d].t, [d].u',
    'create temporary table if not exists [d].t (a int references [d].u (a), check (d.a > 0))',
    'create table t like [d].u',
    'create table t (a int default nextval(`[d]`.`s`))',
    'create index i on [d].t (a)',
    'do setval([d].s, 1, 0)',
    'select next value for [d].s, lastval([d].s)',
  ],
  routines: [
    'create procedure [d].p() call [d].q(d.a, [d].f(d.b))',
    'create function [d].f() returns int return `[d]`.`g`() + d.a',
    'create procedure p(x type of d.a, y row type of [d].t) begin declare z type of [d].t.a; end',
    'drop function if exists [d].f',
    'drop package body [d].k',
  ],
  'what is created': [
    'create or replace definer = `d`@`d` view [d].v as select d.a from d',
    'create trigger if not exists [d].r after delete on [d].t for each row follows d insert into [d].u values (old.a)',
    'create event [d].e on schedule every 1 day do delete from [d].t',
  ],
  'quoted signs and other case': [
    "select '.', d, '@', d.a, [d].t.a from `.` where a = 'from' and d.b",
    'select D.t.a, `D`.`t`.`a` from D.t',
    'select `[d]`.`a``b`.`c`, `d``e`.`t`.`c` from `d``e`.`t`',
  ],
};

test.each(Object.entries(TEXTS).flatMap(([title, texts]) => texts.map((text) => ({ title, text }))))(
  '$title: $text',
  ({ text }) => {
    const sql = text.replaceAll('`[d]`', '[`d`]');
    expect(marked(sql.replaceAll(/\[(`?d`?)\]/g, '$1'))).toBe(sql);
  },
);

test('finds each of several databases, quoted in any way, and none without a name', () => {
  expect(marked('select a from `x``y`.t, d.u', ['x`y', undefined, 'd'])).toBe(
    'select a from [`x``y`].t, [d].u',
  );
});

function marked(sql: string, databases: readonly (string | undefined)[] = ['d']): string {
  const names = new DatabaseNames(databases);
  let ranges = names.finish();
  const reader = new SqlReader(
    listeningTo({
      code: (token) => {
        names.take(token);
      },
      statement: ({ shape, tokens }) => {
        if (shape !== 'code') for (const token of tokens) names.take(token);
        ranges = names.finish();
      },
    }),
  );
  reader.push(Buffer.from(`DELIMITER $$\n${sql} $$\nDELIMITER ;\n`));
  reader.finish();
  const offset = 'DELIMITER $$\n'.length;
  let text = '';
  let at = 0;
  for (const { start, end } of ranges) {
    text += `${sql.slice(at, start - offset)}[${sql.slice(start - offset, end - offset)}]`;
    at = end - offset;
  }
  return text + sql.slice(at);
}
