/** Statements that rename tables, or execute others that do. */
const RENAMING = ['rename_table', 'alter_table', 'execute_sql', 'call_procedure'];

/**
 * What a test run can do without: data that survive a crash of the machine. Of the server's own death, they do. And what
 * tests need that cannot be loaded while others run.
 */
export const QUICK_OPTIONS = {
  mariadb: [
    '--innodb-flush-method=nosync',
    '--innodb-flush-log-at-trx-commit=2',
    '--max-allowed-packet=256M',
    '--event-scheduler=ON', // as MySQL has it: an event that runs where it must not is seen on each
    // Where the server's account can read it. Loaded by a statement, the first engine of its kind kills a server (signal
    // 11 in extension_based_table_discovery, seen on 10.11.18) that is just listing the tables of a schema.
    '--plugin-load-add=ha_archive',
  ],
  mysql: [
    '--innodb-flush-method=nosync',
    '--innodb-flush-log-at-trx-commit=2',
    '--sync-binlog=0',
    '--max-allowed-packet=256M',
    // Create asks the server which renames it remembers. Each test's names make statements of their own, so that a
    // whole run would fill its memory: only the kinds that matter are put there.
    ...['%=OFF', 'abstract/%=ON', 'sp/%=ON', ...RENAMING.map((kind) => `sql/${kind}=ON`)].map(
      (instrument) => `--performance-schema-instrument=statement/${instrument}`,
    ),
  ],
} as const;
