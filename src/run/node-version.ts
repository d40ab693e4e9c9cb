/** As `engines` in package.json says. */
export const OLDEST_NODE = '20.19.0';
