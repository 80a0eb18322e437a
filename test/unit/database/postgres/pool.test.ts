import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../../src/database/postgres/address.ts';
import { createPool } from '../../../../src/database/postgres/pool.ts';

/** What the driver is told. It connects when somebody asks for something. */
const optionsOf = (url: string) =>
  createPool(parseAddress(url).connection, { size: 3, statementTimeout: 5 }).pg.options;

describe('a pool of connections', () => {
  it('waits for two seconds, and asks after ten whether the other end is there, unless the URL says otherwise', () => {
    expect(optionsOf('postgres://localhost/x')).toMatchObject({
      connectionTimeoutMillis: 2000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    expect(optionsOf('postgres://localhost/x?connect_timeout=7&keepalives=0&keepalives_idle=60')).toMatchObject({
      connectionTimeoutMillis: 7000,
      keepAlive: false,
      keepAliveInitialDelayMillis: 60_000,
    });
  });
});
