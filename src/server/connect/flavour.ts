export const FLAVOURS = ['mariadb', 'mysql'] as const;

/** The two lines of servers and client programs; they disagree about flags, privileges and dump text. */
export type Flavour = (typeof FLAVOURS)[number];

/** As their makers write them. */
export const FLAVOUR_NAMES = { mariadb: 'MariaDB', mysql: 'MySQL' } as const satisfies Record<
  Flavour,
  string
>;
