/** Where the dump is written: a named backup in the backup directory, a file chosen by the user, or stdout. */
export type Destination =
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdout' };
