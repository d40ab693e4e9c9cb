import type { Backup } from './backup.ts';
import type { Manifest } from './manifest.ts';

/** Whether it can be relied on: complete, of a database that was whole, and no rehearsal or verification says otherwise. */
export function isGood({ state, manifest }: Pick<Backup, 'state' | 'manifest'>): boolean {
  return state === 'complete' && failedProofs(manifest).length === 0;
}

/** What was found bad when it was tried last. */
export interface FailedProof {
  readonly kind: 'verify' | 'rehearsal';
  /** RFC 3339, UTC. */
  readonly at: string;
  /** A sentence. */
  readonly problem: string;
}

export function failedProofs(manifest: Manifest | undefined): readonly FailedProof[] {
  const { verification, rehearsal } = manifest ?? {};
  return [
    { kind: 'verify' as const, proof: verification },
    { kind: 'rehearsal' as const, proof: rehearsal },
  ].flatMap(({ kind, proof }) =>
    proof?.ok === false ? [{ kind, at: proof.at, problem: proof.problem ?? 'No reason is known.' }] : [],
  );
}
