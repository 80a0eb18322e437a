/** Apps over one database and one keyring that differ in what a test replaces. */
import supertest from 'supertest';
import type { AppDependencies } from '../../src/server/app-dependencies.ts';
import { createApp } from '../../src/server/app.ts';
import { type Tessera, openTessera, it as withTessera } from './tessera.ts';

export type Changes = (deps: AppDependencies) => Partial<AppDependencies>;
export type Variant = Pick<Tessera, 'app' | 'request'> & {
  /** What has been logged since the variant was made, by any of them. */
  readonly log: () => string[];
};

export type Variants = Tessera & { variant(changes: Changes): Promise<Variant> };

export const it = withTessera.extend('variants', { scope: 'file' }, async ({}, { onCleanup }): Promise<Variants> => {
  let original: AppDependencies | undefined;
  const tessera = await openTessera({}, (deps) => {
    original = deps;
    return {};
  });
  onCleanup(() => tessera.close());
  return {
    ...tessera,
    async variant(changes) {
      if (original === undefined) throw new Error('unreachable');
      const app = await createApp({ ...original, ...changes(original) });
      const start = tessera.log.length;
      return { app, request: supertest(app), log: () => tessera.log.slice(start) };
    },
  };
});
