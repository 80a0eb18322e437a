import type { Server } from 'node:net';

/** Nobody can listen there; the message begins with the setting that has to change. */
export class UnusableAddress extends Error {
  override readonly name = 'UnusableAddress';
}

type Address = { readonly host: string; readonly port: number; readonly exclusive?: boolean };

/** What an operator knows the parts of an address by. */
export type AddressSettings = { readonly host: string; readonly port: string };

/** Resolves when the server listens at the address. Rejects with `UnusableAddress`. */
export function bind(server: Server, address: Address, settings: AddressSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (error: Error) => {
      reject(new UnusableAddress(reasonOf(error, address, settings), { cause: error }));
    };
    server.once('error', refuse);
    server.listen(address, () => {
      server.off('error', refuse);
      resolve();
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException, { host }: Address, settings: AddressSettings): string {
  const { code, syscall, message } = error;
  if (syscall === 'getaddrinfo') return `${settings.host}: ${host} does not resolve to an address: ${message}`;
  if (code === 'EADDRNOTAVAIL') return `${settings.host}: ${host} is no address of this machine: ${message}`;
  if (code === 'EADDRINUSE' || code === 'EACCES') return `${settings.port}: ${message}`;
  return `${settings.host}, ${settings.port}: ${message}`;
}
