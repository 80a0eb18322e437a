/** The members of a client as options, and what is said of one. */
import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ClientDraft, ClientLimits, MemberFault } from '../../src/clients/member-rules.ts';
import type { ClientRefusal } from '../../src/clients/registration.ts';
import { type ClientAuthMethod, type GrantType, clientAuthMethods, grantTypes } from '../../src/clients/store.ts';
import type { Config } from '../../src/config/config.ts';
import type { viewClient } from '../../src/views/client.ts';
import { parseDuration } from '../../src/config/settings.ts';
import { CommandFailure } from '../command-line.ts';

export type MemberOptions = {
  readonly name?: string;
  readonly scope?: string;
  readonly grant?: GrantType[];
  readonly authMethod?: ClientAuthMethod;
  readonly audience?: string[];
  /** In seconds, or the server's own. */
  readonly tokenLifetime?: number | 'default';
  readonly jwks?: string;
  readonly jwksUri?: string;
};

/** The options that stand for members which a client can do without. */
export function addMemberOptions(command: Command): Command {
  const grant = new Option('--grant <type>', 'what it may present for a token; may be repeated');
  const method = new Option('--auth-method <method>', 'how it authenticates').choices(clientAuthMethods);
  return command
    .addOption(grant.choices(grantTypes).argParser(collectGrant))
    .addOption(method)
    .option('--audience <uri>', 'an API that its tokens may be for, the usual one first; may be repeated', collect)
    .option('--token-lifetime <duration>', 'how long its access tokens work: 5m; default for the usual', toLifetime)
    .option('--jwks <file>', 'a file with the public keys that it signs assertions with, a JWK Set')
    .option('--jwks-uri <url>', 'where it publishes those keys');
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function collectGrant(value: string, before: GrantType[] | undefined): GrantType[] {
  const grant = grantTypes.find((each) => each === value);
  if (grant === undefined) throw new InvalidArgumentError(`Allowed choices are ${grantTypes.join(', ')}.`);
  return [...(before ?? []), grant];
}

function toLifetime(text: string): number | 'default' {
  if (text === 'default') return text;
  const seconds = parseDuration(text);
  if (Number.isNaN(seconds)) throw new InvalidArgumentError('It is a duration, such as 90s or 5m, or default.');
  return seconds;
}

/** What the options ask for. Keys given in one place replace those in the other, and go where none are needed. */
export async function readMembers(options: MemberOptions): Promise<Partial<ClientDraft>> {
  const { name, scope, grant, authMethod, audience, tokenLifetime, jwks, jwksUri } = options;
  const isWithoutKeys = authMethod !== undefined && authMethod !== 'private_key_jwt';
  return {
    ...((isWithoutKeys || jwksUri !== undefined) && { jwks: null }),
    ...((isWithoutKeys || jwks !== undefined) && { jwksUri: null }),
    ...(name !== undefined && { name }),
    ...(scope !== undefined && { scope }),
    ...(grant !== undefined && { grantTypes: grant }),
    ...(authMethod !== undefined && { authMethod }),
    ...(audience !== undefined && { audiences: audience }),
    ...(tokenLifetime !== undefined && { accessTokenLifetime: tokenLifetime === 'default' ? null : tokenLifetime }),
    ...(jwks !== undefined && { jwks: await readJwks(jwks) }),
    ...(jwksUri !== undefined && { jwksUri }),
  };
}

async function readJwks(file: string): Promise<{ keys: unknown[] }> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new CommandFailure('failed', `${file} cannot be read (${code}).`);
  });
  const set = attempt(() => JSON.parse(text) as unknown);
  const keys = typeof set === 'object' && set !== null && 'keys' in set ? set.keys : undefined;
  if (!Array.isArray(keys)) throw new CommandFailure('usage', `error: --jwks: ${file} holds no JWK Set.`);
  return { keys };
}

/** The cause could quote what is in the file. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

export function limitsOf({ audience, keyPolicy, loopbackJwksUri }: Config): ClientLimits {
  return { audience, accessTokenLifetime: keyPolicy.tokenLifetime, loopbackJwksUri };
}

/** Ends the command with what is wrong, in one line. At the command line no scope is lacking. */
export function refuse(refusal: ClientRefusal): never {
  const faults = refusal.kind === 'faults' ? refusal.faults : [];
  throw new CommandFailure('usage', `error: ${faults.map(describeFault).join('; ')}`);
}

const optionOf: Readonly<Record<string, string>> = {
  client_name: '--name',
  token_endpoint_auth_method: '--auth-method',
  grant_types: '--grant',
  audiences: '--audience',
  access_token_lifetime: '--token-lifetime',
  jwks_uri: '--jwks-uri',
};

function describeFault({ pointer, detail }: MemberFault): string {
  const [, member = '', ...inside] = pointer.split('/');
  return `${[optionOf[member] ?? `--${member}`, ...inside].join('/')}: ${detail}`;
}

/** For people. */
export function describeClient(client: ReturnType<typeof viewClient>): string {
  const lifetime = client.access_token_lifetime === null ? 'default' : `${client.access_token_lifetime}s`;
  const lines: [name: string, value: string][] = [
    ['client_id', client.client_id],
    ['client_name', client.client_name],
    ['authenticates', client.token_endpoint_auth_method],
    ['grant_types', client.grant_types.join(' ')],
    ['scope', client.scope],
    ['audiences', client.audiences.join(' ')],
    ['token lifetime', lifetime],
    ...(client.jwks === null ? [] : [['jwks', `${client.jwks.keys.length} public keys`] satisfies [string, string]]),
    ...(client.jwks_uri === null ? [] : [['jwks_uri', client.jwks_uri] satisfies [string, string]]),
    ...client.client_secrets.map(({ id, created_at, last_used_at }): [string, string] => [
      'secret',
      `${id}  made ${created_at}  ${last_used_at === null ? 'never used' : `last used ${last_used_at}`}`,
    ]),
    ['created_at', client.created_at],
    ['updated_at', client.updated_at],
  ];
  return lines.map(([name, value]) => `${name.padEnd(14)}  ${value}`).join('\n');
}
