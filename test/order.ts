/**
 * The order in which files run. Those of `waiting` and `processes` come first, mixed, so that some work while others sleep and
 * no long one is left for the end; then `postgres`, `app` and `unit`, one lane after the other. `postgres` and `unit` begin with
 * their models. `app` is in a random order, so that no file can lean on what another left behind.
 */
import { createHash } from 'node:crypto';
import { relative } from 'node:path';
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
          place: isShuffled(spec) ? shuffledPlace(spec, seed) : at / ofLane.length - (isOfModel(spec) ? 1 : 0),
        }));
      })
      .toSorted((a, b) => a.stage - b.stage || a.place - b.place)
      .map(({ spec }) => spec);
  }
}

const mixed = ['waiting', 'processes'];

/** Models take longest: started last, one would run on alone. */
function isOfModel({ moduleId }: TestSpecification): boolean {
  return /\.model\.[^/]*$/.test(moduleId);
}

function isShuffled({ project }: TestSpecification): boolean {
  return project.name === 'app';
}

/** By path and seed alone: vitest's own order follows how long files took last time. */
function shuffledPlace({ moduleId, project }: TestSpecification, seed: number): number {
  const path = relative(project.config.root, moduleId);
  return createHash('sha1').update(`${seed} ${path}`).digest().readUInt32BE();
}
