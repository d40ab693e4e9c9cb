// In which charset a text names things: what its session has told the server to be that of the client.

/** Reads bytes, given as latin1. */
export type Decoder = (bytes: string) => string;

/** What a session of ours says before a dump says anything. */
export const OUR_CHARSET = 'utf8mb4';

/** What the servers call latin1 has these characters where ISO 8859-1 has none. */
const LATIN1_0X80 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** By the servers' names: those of the Encoding Standard. In none of them a byte below 0x80 is anything but ASCII. */
const LABELS: Readonly<Record<string, string>> = {
  cp1250: 'windows-1250',
  cp1251: 'windows-1251',
  cp1256: 'windows-1256',
  cp1257: 'windows-1257',
  cp866: 'ibm866',
  eucjpms: 'euc-jp',
  euckr: 'euc-kr',
  gb2312: 'gbk',
  greek: 'iso-8859-7',
  hebrew: 'iso-8859-8',
  koi8r: 'koi8-r',
  koi8u: 'koi8-u',
  latin2: 'iso-8859-2',
  latin5: 'iso-8859-9',
  latin7: 'iso-8859-13',
  macroman: 'macintosh',
  tis620: 'windows-874',
  ujis: 'euc-jp',
};

const UTF8 = /^(?:utf8(?:mb[34])?|binary)$/i;

/** Whether names outside of ASCII can be read in it. */
export function isReadable(charset: string): boolean {
  const label = LABELS[charset.toLowerCase()];
  return (
    UTF8.test(charset) || charset.toLowerCase() === 'latin1' || (label !== undefined && isDecodable(label))
  );
}

function isDecodable(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false; // this Node has none but the commonest
  }
}

/** @param charset By its name on the servers; see `isReadable` for others. */
export function decoderOf(charset: string): Decoder {
  const name = charset.toLowerCase();
  const decode = name === 'latin1' ? latin1 : decoderOfLabel(LABELS[name] ?? 'utf-8');
  return (bytes) => (/[^\0-\x7f]/.test(bytes) ? decode(bytes) : bytes);
}

function latin1(bytes: string): string {
  return bytes.replaceAll(/[\x80-\x9f]/g, (byte) => LATIN1_0X80.charAt(byte.charCodeAt(0) - 0x80));
}

function decoderOfLabel(label: string): Decoder {
  const utf8: Decoder = (bytes) => Buffer.from(bytes, 'latin1').toString('utf8');
  if (label === 'utf-8') return utf8;
  if (!isDecodable(label)) return utf8;
  const decoder = new TextDecoder(label);
  return (bytes) => decoder.decode(Buffer.from(bytes, 'latin1'));
}

/** A text of a dump, for comparison with what the server says in UTF-8. */
export function decoded(text: Buffer, charset: string): string {
  return decoderOf(charset)(text.toString('latin1'));
}
