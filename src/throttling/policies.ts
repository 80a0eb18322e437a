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
  /** Wrong current passwords at the change of a password, in one session. */
  passwordChange: { name: 'password-change', tries: 10, within: 15 * minute },
  /** Failures of one client, or who takes its name, from one network: to authenticate, or with a token that was guessed. */
  client: { name: 'client', tries: 30, within: 15 * minute },
  /** The same of all clients from one network. */
  clientNetwork: { name: 'client-network', tries: 100, within: 15 * minute },
  /** Registrations and changes of usernames from one network, whatever became of them. */
  registration: { name: 'registration', tries: 100, within: hour },
  /** Changes of one account by its user, of what it says of itself. */
  profileChange: { name: 'profile-change', tries: 300, within: hour },
  /** Refreshes of one session. */
  refresh: { name: 'refresh', tries: 60, within: minute },
  /** Refreshes of one session that come again and are forgiven, since a reply was lost or a second tab asked. */
  repeat: { name: 'repeat', tries: 60, within: minute },
  /** Access tokens of one session that are revoked. */
  revocation: { name: 'revocation', tries: 60, within: minute },
  /** Access tokens that are revoked of one client that acts for itself: of as many processes as it has. */
  clientRevocation: { name: 'client-revocation', tries: 600, within: minute },
  /** Sign-ins to one account. */
  signIn: { name: 'sign-in', tries: 120, within: 10 * minute },
  /** Changes of one account's password. */
  newPassword: { name: 'new-password', tries: 20, within: hour },
  /** Sessions of one account that its user ends: one by one, and all others at once on a budget of its own. */
  sessionEnd: { name: 'session-end', tries: 300, within: hour },
} as const satisfies Record<string, Policy>;
