export const LOAD_ACCOUNT_MODES = ['auto', 'require', 'off'] as const;
/** Whether rows are loaded by an account that may do nothing else: where that can be, always, or never. */
export type LoadAccountMode = (typeof LOAD_ACCOUNT_MODES)[number];
