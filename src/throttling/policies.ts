/**
 * How often somebody may try. This folder owns which budgets there are, who draws on which of them, and when: functions of
 * the domain are wrapped from outside (`app.ts`) and know nothing of it. It leaves to others where budgets are kept
 * (`database/` implements ThrottleStore) and how a refusal is worded (`http/`).
 */

/** So many tries in so many seconds, counted from the first. Right before and right after the end twice as many fit in. */
export type Policy = { readonly name: string; readonly tries: number; readonly within: number };

const minute = 60;
const hour = 60 * minute;

/** All there are. The descriptions of the operations in openapi.yaml give the same numbers. */
export const policies = {
  /** Failed logins to one account, be there such an account or not, from devices that nothing is known of. */
  loginAccount: { name: 'login-account', tries: 10, within: 15 * minute },
  /** Failed logins to one account from one device that somebody signed in on before. */
  loginDevice: { name: 'login-device', tries: 10, within: 15 * minute },
  /** Failed logins, but from devices known by a refresh token, and failed password changes, from one network. */
  loginNetwork: { name: 'login-network', tries: 100, within: 15 * minute },
  /** Wrong current passwords at the change of one account's password. */
  passwordChange: { name: 'password-change', tries: 10, within: 15 * minute },
  /** Failures of one client, or who takes its name, from one network: to authenticate, or with a token that was guessed. */
  client: { name: 'client', tries: 30, within: 15 * minute },
  /** The same of all clients from one network. */
  clientNetwork: { name: 'client-network', tries: 100, within: 15 * minute },
  /** Registrations and changes of usernames from one network, whatever became of them. */
  registration: { name: 'registration', tries: 100, within: hour },
  /** Changes of one account by its user. */
  profileChange: { name: 'profile-change', tries: 300, within: hour },
} as const satisfies Record<string, Policy>;
