import { userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { rotateKeys } from '../../../src/keys/changes/rotation.ts';
import { changeKeys, dump, query, storedKids } from '../../support/installed-data.ts';
import type { Event } from '../../support/key-operator.ts';
import { runCommand } from '../../support/command.ts';
import { type Installation, newInstallation } from '../../support/installation.ts';
import { usedInstallation } from '../../support/used-installation.ts';

async function eventsOf(installation: Installation, ...args: string[]): Promise<Event[]> {
  const { code, stdout, stderr } = await runCommand('keys', ['log', '--json', ...args], installation);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as { events: Event[] }).events;
}

const me = userInfo().username;
const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string;
const id = expect.stringMatching(/^evt_[\w-]{22}$/) as string;

describe('npm run keys -- log', () => {
  it('tells, the newest first, what was done, by whom and why; in the words of the contract to programs', async () => {
    const installation = await usedInstallation();
    const [first, second = ''] = storedKids(installation);
    await runCommand('keys', ['rotate', '--force', '--reason', 'the yearly drill'], installation);
    await runCommand('keys', ['revoke', second, '--reason', 'lost a laptop'], installation);
    const [, , third, fourth] = storedKids(installation);
    const before = dump(installation);

    const { code, stdout, stderr } = await runCommand('keys', ['log', '--json'], installation);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const always = { id, at: moment, outcome: 'success', address: null, detail: null };
    const byMe = { ...always, actor: { kind: 'script', name: me } };
    const bySchedule = { ...always, actor: { kind: 'schedule' }, reason: null };
    expect(JSON.parse(stdout)).toEqual({
      events: [
        { ...byMe, type: 'key.created', subject: fourth, reason: 'lost a laptop' },
        { ...byMe, type: 'key.activated', subject: third, reason: 'lost a laptop' },
        { ...byMe, type: 'key.revoked', subject: second, reason: 'lost a laptop' },
        { ...bySchedule, type: 'key.created', subject: third },
        { ...byMe, type: 'key.activated', subject: second, reason: 'the yearly drill' },
        { ...bySchedule, type: 'key.created', subject: second },
        { ...bySchedule, type: 'key.activated', subject: first },
        { ...bySchedule, type: 'key.created', subject: first },
      ],
    });
    expect(dump(installation)).toEqual(before);
  });

  it('has a line for each to people', async () => {
    const installation = await usedInstallation();
    const [first = '', second = ''] = storedKids(installation);
    await runCommand('keys', ['revoke', second, '--reason', 'lost a laptop'], installation);
    const { code, stdout, stderr } = await runCommand('keys', ['log'], installation);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength((await eventsOf(installation)).length);
    const revoked = lines.find((line) => line.includes('key.revoked'));
    expect(revoked).toMatch(new RegExp(`^\\S+Z {2}key\\.revoked {4}${second} {2}script \\(${me}\\) {2}lost a laptop$`));
    expect(lines.at(-1)).toMatch(new RegExp(`^\\S+Z {2}key\\.created {4}${first} {2}schedule$`));
  });

  it('has one also for what no server wrote', async () => {
    const installation = await usedInstallation();
    query(
      installation,
      `insert into audit_events (id, at, type, subject, actor) values (x'00', 'abc', 'key.created', x'01', 'ada')`,
    );
    const { code, stdout, stderr } = await runCommand('keys', ['log', '--limit', '1'], installation);
    expect({ code, stderr, stdout }).toEqual({
      code: 0,
      stderr: '',
      stdout: 'at no moment  key.created    no text: 01  unknown\n',
    });
    expect(await eventsOf(installation, '--limit', '1')).toMatchObject([{ at: null, subject: 'no text: 01' }]);
  });

  it('can be held to so many events, and to a key', async () => {
    const installation = await usedInstallation();
    const [first, second = ''] = storedKids(installation);
    await runCommand('keys', ['rotate', '--force'], installation);
    const all = await eventsOf(installation);
    expect(await eventsOf(installation, '--limit', '2')).toEqual(all.slice(0, 2));
    const ofSecond = all.filter(({ subject }) => subject === second);
    expect(ofSecond.length).toBeLessThan(all.length);
    expect(await eventsOf(installation, second)).toEqual(ofSecond);
    expect(await eventsOf(installation, second, '--limit', '1')).toEqual(ofSecond.slice(0, 1));
    expect(ofSecond.at(0)).toMatchObject({ type: 'key.activated' });
    expect(await eventsOf(installation, 'nobody')).toEqual([]);
    expect(first).not.toBe(second);
  });

  it('names a caller of the API by subject and client', async () => {
    const installation = await usedInstallation();
    const actor = { kind: 'caller', sub: 'usr_1', clientId: 'first-party' } as const;
    await changeKeys(installation, (office) =>
      rotateKeys(office, { force: true, cause: { actor, reason: 'asked to' } }),
    );
    const { stdout } = await runCommand('keys', ['log'], installation);
    expect(stdout).toMatch(/ key\.activated {2}\S+ {2}caller usr_1 through first-party {2}asked to\n/);
    const events = await eventsOf(installation);
    const view = { actor: { kind: 'caller', sub: 'usr_1', client_id: 'first-party' }, reason: 'asked to' };
    expect(events.find(({ reason }) => reason === 'asked to')).toMatchObject(view);
  });

  it('has fifty events unless more are asked for', async () => {
    const installation = await newInstallation({ KEY_ALGORITHM: 'ES256' });
    await changeKeys(installation, async (office) => {
      for (let count = 0; count < 30; count += 1)
        await rotateKeys(office, { force: true, cause: { actor: { kind: 'schedule' }, reason: null } });
    });
    expect(await eventsOf(installation)).toHaveLength(50);
    const all = await eventsOf(installation, '--limit', '1000');
    expect(all.length).toBeGreaterThan(60);
    expect(all.slice(0, 50)).toEqual(await eventsOf(installation));
  });

  it('is empty where nothing was done yet', async () => {
    const installation = await newInstallation();
    expect(await eventsOf(installation)).toEqual([]);
    expect(await runCommand('keys', ['log'], installation)).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});
