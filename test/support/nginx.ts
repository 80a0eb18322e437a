/** nginx, as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Proxy = { close(): Promise<void> };

/** Before the servers at these URLs: in turn, and one that fails a connection is left alone for a while. */
export function startProxy(nginx: string, port: number, urls: readonly string[]): Promise<Proxy> {
  return startNginx(nginx, port, (folder) => configure(folder, port, urls));
}

/** Starts it on `port` of this machine, with a configuration that writes to no other folder than the one it is given. */
export async function startNginx(nginx: string, port: number, configureIn: (folder: string) => string): Promise<Proxy> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-proxy-'));
  // Its workers are another user, where it is root who starts it.
  await chmod(folder, 0o711);
  await writeFile(join(folder, 'nginx.conf'), configureIn(folder));
  const args = ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', 'daemon off;'];
  const child = spawn(nginx, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  let printed = '';
  child.stderr.on('data', (chunk) => {
    printed = (printed + String(chunk)).slice(-4000);
  });
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  while (!(await isListening(port))) {
    if (hasEnded(child)) throw new Error(`nginx does not start: ${printed}`);
    await sleep(20);
  }
  return {
    async close() {
      kill();
      await ended;
      process.off('exit', kill);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}

/**
 * A request goes to another server only when it has not reached the first, or when it changes nothing: what nginx does by
 * itself, as long as nobody adds `non_idempotent`.
 */
function configure(folder: string, port: number, urls: readonly string[]): string {
  const servers = urls.map((url) => `server ${new URL(url).host} max_fails=1 fail_timeout=2s;`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  upstream tessera {
    ${servers.join('\n    ')}
    keepalive 8;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://tessera;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_next_upstream error timeout;
      proxy_connect_timeout 1s;
      proxy_read_timeout 12s;
    }
  }
}
`;
}
