/** Holds results back until there are `count` of them, and nothing from then on: for races whose racers must all have begun. */
export function gatherResults(count: number): <Result>(work: Promise<Result>) => Promise<Result> {
  const all = Promise.withResolvers<undefined>();
  let there = 0;
  return async (work) => {
    const result = await work;
    there += 1;
    if (there >= count) all.resolve(undefined);
    await all.promise;
    return result;
  };
}
