import type { UsedUp } from './store.ts';

/** Thrown by stores where a budget has no try left, so that the transaction comes to nothing. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached';
  readonly usedUp: readonly UsedUp[];

  constructor(usedUp: readonly UsedUp[]) {
    super('No try is left.');
    this.usedUp = usedUp;
  }
}
