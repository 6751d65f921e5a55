import { fstatSync } from 'node:fs';
import { mayGiveAway, type OpenTarget, type Owner, ownOwner, parentPath } from '@pawvault/durable-fs';
import type { PlannedTarget } from './plan/prepared-plan';

export interface OwnershipFacts {
  /** Owners that the manifest records, by entry name. */
  owners: ReadonlyMap<string, Owner>;
  open: OpenTarget;
  /** The group that new files get by themselves. */
  inherited: number;
}

/**
 * The owner of each restored path: that of what it replaces; else the one that the manifest of this installation records; else
 * that of the directory above. A process that may not give files away changes groups only, where they are its own.
 */
export class Ownership {
  private readonly directories = new Map<string, Owner>();
  private readonly mayGive = mayGiveAway();

  constructor(
    private readonly planned: PlannedTarget,
    private readonly facts: OwnershipFacts,
  ) {}

  /** @returns null where a new file has that owner by itself */
  of(path: string): Owner | null {
    const owner = this.wanted(path);
    const own = ownOwner();
    if (!this.mayGive) return owner.gid === this.facts.inherited ? null : { uid: own.uid, gid: owner.gid };
    return owner.uid === own.uid && owner.gid === this.facts.inherited ? null : owner;
  }

  private wanted(path: string): Owner {
    const { live, prefix } = this.planned;
    const replaced = path === '' ? live.root : live.nodes.get(path);
    if (replaced !== null && replaced !== undefined) return replaced;
    const recorded = this.facts.owners.get(`${prefix}${path}`) ?? this.facts.owners.get(`${prefix}${path}/`);
    return recorded ?? this.above(path);
  }

  private above(path: string): Owner {
    if (path === '') return fstatSync(this.facts.open.area.fd);
    const parent = parentPath(path);
    const known = this.directories.get(parent) ?? this.wanted(parent);
    this.directories.set(parent, known);
    return known;
  }
}
