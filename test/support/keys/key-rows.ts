import { connectTo } from '../database.ts';
import { newOperator, shortLife } from '../key-operator.ts';
import { startTessera, type Tessera } from '../tessera.ts';

/** The kids of the rows that it has said are left out, in that order. */
export function rejectedIn({ log }: Tessera): string[] {
  const lines = log.map((line) => JSON.parse(line) as { msg: string; kid: string });
  return lines.filter(({ msg }) => msg === 'key-rejected').map(({ kid }) => kid);
}

/** A server with a signer and a standby, and a way into its database. */
export async function startWithKeyRows() {
  const tessera = await startTessera(shortLife);
  const database = await connectTo(tessera.databaseUrl);
  const operator = await newOperator(tessera);
  const [signer = '', standby = ''] = (await operator.keys()).map(({ kid }) => kid);
  const refresh = () => tessera.keys.keyring.refresh();
  return { tessera, database, operator, signer, standby, refresh };
}
