/** Where the dump goes: a named backup in the backup directory, a file of the user's choosing, or stdout. */
export type Destination =
  | { readonly kind: 'directory' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdout' };
