// Whether the server in this container is ready, for Docker: exit code 0 or 1. It reads the settings of the server.
import { get as getByHttp } from 'node:http';
import { get as getByHttps } from 'node:https';

const { HOST = '127.0.0.1', PORT = '8080', TLS_CERT_FILE = '' } = process.env;
const hostname = { '0.0.0.0': '127.0.0.1', '::': '::1' }[HOST] ?? HOST;
const get = TLS_CERT_FILE === '' ? getByHttp : getByHttps;

// The certificate is for the issuer's name, and it is this very container that is asked.
const request = get(
  { hostname, port: PORT, path: '/readyz', timeout: 2_000, rejectUnauthorized: false },
  ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1),
);
request.on('timeout', () => process.exit(1));
request.on('error', () => process.exit(1));
