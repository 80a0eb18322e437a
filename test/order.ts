/**
 * The order in which files run. Those of `waiting` and `processes` come first, mixed, so that some work while others sleep and
 * no long one is left for the end; then the lanes whose files share workers, one lane after the other. `app` is in a random
 * order, so that no file can lean on what another left behind.
 */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

export class LaneSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const lanes = this.ctx.projects.map(({ name }) => name);
    const { seed } = this.ctx.config.sequence;
    if (sorted.some(isShuffled)) this.ctx.logger.log(`Files of "app" in random order: --sequence.seed=${seed}`);
    return lanes
      .flatMap((lane, rank) => {
        const ofLane = sorted.filter(({ project }) => project.name === lane);
        return ofLane.map((spec, at) => ({
          spec,
          stage: mixed.includes(lane) ? -1 : rank,
          place: isShuffled(spec) ? scramble(at, seed) : at / ofLane.length,
        }));
      })
      .toSorted((a, b) => a.stage - b.stage || a.place - b.place)
      .map(({ spec }) => spec);
  }
}

const mixed = ['waiting', 'processes'];

function isShuffled({ project }: TestSpecification): boolean {
  return project.name === 'app';
}

/** A number for each number, without any order; the same for the same seed. */
function scramble(at: number, seed: number): number {
  const mixed = Math.imul(at + 1, 2_654_435_761) ^ seed;
  return Math.imul(mixed ^ (mixed >>> 15), 2_246_822_519) >>> 0;
}
