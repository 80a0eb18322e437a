/** Whatever is done with the secrets of a client: its access tokens work exactly while those are there that they were got with. */
import { expect } from 'vitest';
import { administrator, forUsers, tokenOf } from '../../support/clients.ts';
import { introspect, rotate, signIn } from '../../support/oauth.ts';
import fc from '../../support/property.ts';
import { type Tessera, it } from '../../support/tessera.ts';

type Secret = { readonly id: string; readonly client_secret: string };
type Got = { readonly token: string; readonly by: string };

/** A client with two secrets at most, one at least, and what it got; `pick` chooses among what there is. */
async function startModel(tessera: Tessera) {
  const admin = await administrator(tessera);
  const client = await tessera.addClient('profile:read', forUsers);
  const { client_id } = client;
  const path = `/clients/${client_id}`;
  const reply = await tessera.bearer('get', path, admin).expect(200);
  const [only] = (reply.body as { client_secrets: { id: string }[] }).client_secrets;
  let secrets: Secret[] = [{ id: only?.id ?? '', client_secret: client.client_secret }];
  const got: Got[] = [];
  const by = (pick: number) => secrets[pick % secrets.length] as Secret;
  const credentials = ({ client_secret }: Secret) => ({ client_id, client_secret });
  const { tokens } = await signIn(tessera, { client });
  let { refresh_token: held } = tokens;
  got.push({ token: tokens.access_token, by: only?.id ?? '' });

  return {
    got,
    isThere: (id: string) => secrets.some((secret) => secret.id === id),
    steps: {
      async add() {
        if (secrets.length > 1) return;
        const made = await tessera.bearer('post', `${path}/secrets`, admin).expect(201);
        secrets.push(made.body as Secret);
      },
      async remove(pick: number) {
        if (secrets.length === 1) return;
        const { id } = by(pick);
        await tessera.bearer('delete', `${path}/secrets/${id}`, admin).expect(204);
        secrets = secrets.filter((secret) => secret.id !== id);
      },
      async ask(pick: number) {
        got.push({ token: await tokenOf(tessera, credentials(by(pick))), by: by(pick).id });
      },
      async refresh(pick: number) {
        const next = await rotate(tessera, held, credentials(by(pick)));
        held = next.refresh_token;
        got.push({ token: next.access_token, by: by(pick).id });
      },
    },
  };
}

const steps = fc.array(fc.tuple(fc.constantFrom('add', 'remove', 'ask', 'refresh'), fc.nat({ max: 1 })), {
  minLength: 4,
  maxLength: 16,
});

it('access tokens work while the secret is there that they were got with, and a session whatever it began with', async ({
  tessera,
}) => {
  await fc.assert(
    fc.asyncProperty(steps, async (some) => {
      const { got, isThere, steps: take } = await startModel(tessera);
      for (const [step, pick] of [...some, ['remove', 0] as const]) {
        await take[step](pick);
        if (step !== 'remove') continue;
        const [wanted, seen]: boolean[][] = [[], []];
        for (const { token, by } of got) {
          wanted?.push(isThere(by));
          seen?.push((await introspect(tessera, token))['active'] === true);
        }
        expect(seen).toEqual(wanted);
      }
    }),
    { numRuns: 12 },
  );
});
