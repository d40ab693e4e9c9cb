/** What a test run can do without: data that survive a crash of the machine. Of the server's own death, they do. */
export const QUICK_OPTIONS = {
  mariadb: [
    '--innodb-flush-method=nosync',
    '--innodb-flush-log-at-trx-commit=2',
    '--max-allowed-packet=256M',
  ],
  mysql: [
    '--innodb-flush-method=nosync',
    '--innodb-flush-log-at-trx-commit=2',
    '--sync-binlog=0',
    '--max-allowed-packet=256M',
    // Each test's names make statements of their own, and create asks the server which renames it remembers.
    '--performance-schema-digests-size=40000',
  ],
} as const;
