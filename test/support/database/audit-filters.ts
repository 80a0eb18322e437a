/** Every filter of the audit trail, alone and with each other. Knows nothing of the test runner. */
import { type EventFilter, eventsThat } from '../../../src/audit/event.ts';

const choices: readonly EventFilter[][] = [
  [{}, { subject: 'busy' }, { subject: 'nobody' }],
  [{}, { actor: 'busy' }, { actor: 'early' }],
  [
    {},
    { types: ['client.refused'] },
    { types: ['key.created'] },
    { types: eventsThat('failure') },
    { types: eventsThat('success') },
  ],
  [{}, { since: 100 }, { until: 20_000 }, { since: 100, until: 4_000 }],
];

export const combinations: readonly EventFilter[] = choices.reduce<EventFilter[]>(
  (all, each) => all.flatMap((some) => each.map((more) => ({ ...some, ...more }))),
  [{}],
);
