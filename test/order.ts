/**
 * The order in which files run. Lanes follow each other in the order of the configuration, the dearest files first, so that
 * no long one is left for the end. Files of the lane `app` share workers: they run in a random order, so that none can lean
 * on what another left behind.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

export class LaneSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const lanes = this.ctx.projects.map(({ name }) => name);
    const { seed } = this.ctx.config.sequence;
    if (sorted.some(isShuffled)) this.ctx.logger.log(`Files of "app" in random order: --sequence.seed=${seed}`);
    const placeOf = (spec: TestSpecification, at: number) => (isShuffled(spec) ? scramble(at, seed) : at);
    return sorted
      .map((spec, at) => ({ spec, lane: lanes.indexOf(spec.project.name), place: placeOf(spec, at) }))
      .toSorted((a, b) => a.lane - b.lane || a.place - b.place)
      .map(({ spec }) => spec);
  }
}

function isShuffled({ project }: TestSpecification): boolean {
  return project.name === 'app';
}

/** A number for each number, without any order; the same for the same seed. */
function scramble(at: number, seed: number): number {
  const mixed = Math.imul(at + 1, 2_654_435_761) ^ seed;
  return Math.imul(mixed ^ (mixed >>> 15), 2_246_822_519) >>> 0;
}
