import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../../support/free-port.ts';
import { type Sample, scrape, valueOf } from '../../support/metrics.ts';
import { administer, newPostgres } from '../../support/postgres-server.ts';
import { sharedServer } from '../../support/server-process.ts';

type Rule = {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; runbook: string };
};
type Panel = { title: string; datasource: { uid: string }; targets: { expr: string; datasource: { uid: string } }[] };
type Dashboard = {
  uid: string;
  panels: (Panel & { id: number; gridPos: { x: number; y: number; w: number; h: number } })[];
  templating: { list: { name: string; type: string; query: string | { query: string } }[] };
};

const root = new URL('../../../deploy/', import.meta.url);
const read = (name: string) => readFile(new URL(name, root), 'utf8');
const rules = (parse(await read('prometheus/alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const dashboard = JSON.parse(await read('grafana/tessera.json')) as Dashboard;

/** What PromQL is made of, beside names of metrics and labels. */
const words = new Set(
  'sum min max count rate increase absent vector histogram_quantile label_values by and or unless bool'.split(' '),
);

/** The metrics of an expression, each with the labels that it is asked for, and the labels that sums are kept by. */
function partsOf(expression: string): { metrics: { name: string; labels: Record<string, string> }[]; by: string[] } {
  const by = [...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((each) => each.trim()),
  );
  const bare = expression
    .replaceAll(/\bby \([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]/g, ' ')
    .replaceAll(/(?<=label_values\([^()]*), \w+\)/g, ')');
  const metrics = [...bare.matchAll(/([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', list = '']) => {
    if (words.has(name) || /^\d/.test(name)) return [];
    const labels = [...list.matchAll(/(\w+)(=~|=|!=|!~)"([^"]*)"/g)].map(([, label, , value]) => [label, value]);
    return [{ name, labels: Object.fromEntries(labels) as Record<string, string> }];
  });
  return { metrics, by };
}

function isBalanced(expression: string): boolean {
  const open: string[] = [];
  for (const character of expression.replaceAll(/"[^"]*"/g, '')) {
    if ('([{'.includes(character)) open.push(character);
    else if (')]}'.includes(character) && open.pop() !== '([{'[')]}'.indexOf(character)]) return false;
  }
  return open.length === 0 && (expression.match(/"/g) ?? []).length % 2 === 0;
}

const queries = dashboard.templating.list.flatMap(({ query, type }) =>
  type === 'query' ? [typeof query === 'string' ? query : query.query] : [],
);
const expressions = [
  ...rules.map(({ alert, expr }) => ({ where: alert, expr })),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ where: title, expr }))),
  ...queries.map((expr) => ({ where: 'a variable', expr })),
];

let samples: Sample[] = [];

const postgres = await newPostgres();
await postgres.start();
await administer(postgres.url, 'create database tessera');
const port = await freePort();
const server = sharedServer({ MANAGEMENT_PORT: String(port), DATABASE_URL: `${postgres.url}tessera` });

beforeAll(async () => {
  const form = new URLSearchParams({ grant_type: 'password', username: 'nobody', password: 'correct horse battery' });
  await fetch(`${server.url}/token`, { method: 'POST', body: form });
  samples = await scrape(port);
});

afterAll(async () => {
  await postgres.stop();
  await postgres.remove();
});

/** What Prometheus puts to every sample, and what a scrape itself is known by. */
const fromPrometheus = ['job', 'instance'];

describe.each(expressions)('the expression of $where: $expr', ({ expr }) => {
  it('is whole, and asks for what a running server tells, by labels that it has', () => {
    expect(isBalanced(expr)).toBe(true);
    const { metrics, by } = partsOf(expr);
    expect(metrics.length).toBeGreaterThan(0);
    for (const { name, labels } of metrics.filter((each) => each.name !== 'up')) {
      const known = samples.filter((sample) => sample.name === name);
      expect({ name, isExposed: known.length > 0 }).toEqual({ name, isExposed: true });
      for (const [label, value] of Object.entries(labels)) {
        if (fromPrometheus.includes(label)) continue;
        const values = known.map((sample) => sample.labels[label]);
        expect({ name, label, lacking: values.filter((each) => each === undefined) }).toMatchObject({ lacking: [] });
        // A status that the server has had no reason for is none of its fixed values.
        if (label !== 'status') expect(values).toContain(value);
      }
    }
    const labelsOfAll = new Set(
      metrics
        .flatMap(({ name }) => samples.filter((each) => each.name === name))
        .flatMap(({ labels }) => Object.keys(labels)),
    );
    for (const label of by) expect([...labelsOfAll, ...fromPrometheus]).toContain(label);
  });
});

describe('the alert rules', () => {
  it('are for what an operator has to know, each with what to do about it', () => {
    expect(rules.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining([
        ...[
          'TesseraKeyOverdue',
          'TesseraNoStandbyKey',
          'TesseraKeyRejected',
          'TesseraRefreshReuse',
          'TesseraNotReady',
          'TesseraServerErrors',
        ],
        ...[
          'TesseraContractBreach',
          'TesseraLoginFailures',
          'TesseraPasswordQueueFull',
          'TesseraDatabasePoolExhausted',
        ],
        ...['TesseraEventLoopDelay', 'TesseraAbsent', 'TesseraClientAddressUnknown'],
      ]),
    );
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules) {
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary.length).toBeGreaterThan(20);
      expect(annotations.runbook.length).toBeGreaterThan(80);
    }
  });

  it('are all tried by their own tests (promtool test rules)', async () => {
    const tests = await read('prometheus/alerts.test.yaml');
    for (const { alert, labels } of rules)
      expect(tests).toContain(`alertname="${alert}", severity="${labels.severity}"`);
  });

  it('name commands, operations and lines of the log that there are', async () => {
    const text = rules.map(({ annotations }) => annotations.runbook).join('\n');
    const help = await readFile(new URL('../scripts/keys.ts', root), 'utf8');
    for (const [, command] of text.matchAll(/npm run keys -- (\w+)/g)) expect(help).toContain(`keys/${command}.ts`);
    const contract = await readFile(new URL('../openapi.yaml', root), 'utf8');
    for (const [, path = ''] of text.matchAll(/`GET (\/[\w-]+)/g)) expect(contract).toContain(`\n  ${path}:\n`);
  });
});

describe('the dashboard', () => {
  it('takes its data source from a variable everywhere, so that it can be imported', () => {
    expect(dashboard.templating.list[0]).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    const sources = dashboard.panels.flatMap(({ datasource, targets }) => [
      datasource,
      ...targets.map((each) => each.datasource),
    ]);
    expect(new Set(sources.map(({ uid }) => uid))).toEqual(new Set(['${datasource}']));
  });

  it('has panels that do not lie over one another, and shows every number of ours', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const shown = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n');
    const ours = [...new Set(samples.map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')))].filter((name) =>
      name.startsWith('tessera_'),
    );
    expect(ours.length).toBeGreaterThanOrEqual(13);
    expect(ours.filter((name) => !shown.includes(name))).toEqual([]);
  });
});

describe('a server over PostgreSQL', () => {
  it('tells of its connections', () => {
    expect(valueOf(samples, 'tessera_database_connections', { state: 'open' })).toBeGreaterThanOrEqual(1);
    expect(valueOf(samples, 'tessera_database_connections', { state: 'waiting' })).toBe(0);
  });
});
