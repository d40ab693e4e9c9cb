import { compressionByName, extensionOf } from '../../compression/methods.ts';

/** Backups that restore makes of what it is about to replace; users may not use this label. */
export const SAFETY_LABEL = 'pre-restore';
export const DEFAULT_LABEL = 'manual';

/** `manual_2026-11-22_03-00-00.sql.gz` → `manual_2026-11-22_03-00-00`. Other names are returned unchanged. */
export function baseName(fileName: string): string {
  const method = compressionByName(fileName);
  return method === undefined ? fileName : fileName.slice(0, -extensionOf(method).length);
}

/** A label is safe in every file system and cannot be mistaken for an option or the time. */
export function isLabel(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(text);
}

/** `<label>_<YYYY-MM-DD_HH-MM-SS>`, UTC. */
export function backupName(label: string, at: Date): string {
  const [date = '', time = ''] = at.toISOString().split('T');
  return `${label}_${date}_${time.slice(0, 8).replaceAll(':', '-')}`;
}

const BACKUP_NAME = /^([A-Za-z0-9][A-Za-z0-9.-]*)_(\d{4}-\d{2}-\d{2})_(\d{2})-(\d{2})-(\d{2})$/;

/** The label and time in a backup's name; undefined for any other name. */
export function parseBackupName(name: string): { label: string; at: Date } | undefined {
  const match = BACKUP_NAME.exec(name);
  if (match === null) return undefined;
  const [, label = '', date = '', hours = '', minutes = '', seconds = ''] = match;
  const at = new Date(`${date}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(at.getTime()) ? undefined : { label, at };
}

/**
 * The folder of a database: its name with every byte outside [A-Za-z0-9_-] percent-encoded, so that no name can
 * leave the backup directory, start with a dot, or differ between file systems.
 */
export function folderOfDatabase(database: string): string {
  return Array.from(new TextEncoder().encode(database), (byte) => {
    const character = String.fromCharCode(byte);
    return /[A-Za-z0-9_-]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
}

/** The inverse of `folderOfDatabase`; undefined when no database has this folder. */
export function databaseOfFolder(folder: string): string | undefined {
  try {
    const database = decodeURIComponent(folder);
    return database !== '' && folderOfDatabase(database) === folder ? database : undefined;
  } catch {
    return undefined; // a malformed percent sequence: not one of our folders
  }
}
