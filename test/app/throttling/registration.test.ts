import { expect } from 'vitest';
import { policies } from '../../../src/throttling/policies.ts';
import { elsewhere, expectThrottled, inTurn, limited, statuses, times, use, via } from '../../support/attempts.ts';
import { password, startTessera } from '../../support/tessera.ts';
import { it } from 'vitest';

it('is tried 100 times in an hour from one address, whatever becomes of it [ASVS-6.3.8]', async () => {
  const tessera = await startTessera(limited);
  const from = elsewhere();
  const register = (username: string, address = from) =>
    via(tessera.request.post('/users').send({ username, password }), address);

  await register('ada').expect(201);
  await register('ada').expect(409);
  expect(statuses(await inTurn(18, () => register('two words')))).toEqual(times(18, 400));
  await use(tessera, policies.registration, from, 80);

  for (const username of ['grace', 'ada', 'two words'])
    expectThrottled(await register(username), { as: 'problem', retryAfter: 3600 });
  await register('grace', elsewhere()).expect(201);
  tessera.clock.advance(3599);
  expectThrottled(await register('barbara'), { as: 'problem', retryAfter: 1 });
  tessera.clock.advance(1);
  await register('barbara').expect(201);
});
