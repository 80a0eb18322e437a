/** Certificates for TLS, signed by themselves, as nothing in the registry is needed for: DER by hand (RFC 5280, 4.1). */
import { type KeyObject, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export type Certificate = { readonly cert: string; readonly key: string };

const day = 86_400_000;

/** For `localhost` and 127.0.0.1. Moments in milliseconds since 1970; one that was valid yesterday and is tomorrow, unless told. */
export function newCertificate({
  from = Date.now() - day,
  to = Date.now() + day,
  keys = generateKeyPairSync('ec', { namedCurve: 'P-256' }),
}: { from?: number; to?: number; keys?: { publicKey: KeyObject; privateKey: KeyObject } } = {}): Certificate {
  const { publicKey, privateKey } = keys;
  const algorithm = sequence(oid(publicKey.asymmetricKeyType === 'rsa' ? sha256WithRsa : ecdsaWithSha256));
  const name = sequence(set(sequence(oid(commonName), element(0x0c, Buffer.from('localhost')))));
  const toBeSigned = sequence(
    element(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    sequence(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(subjectAltName(), basicConstraints())),
  );
  const signature = element(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', toBeSigned, privateKey)]));
  return {
    cert: pem('CERTIFICATE', sequence(toBeSigned, algorithm, signature)),
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
}

const sha256WithRsa = '2a864886f70d01010b';
const ecdsaWithSha256 = '2a8648ce3d040302';
const commonName = '550403';

/** Its own authority, for clients that are to trust it. */
function basicConstraints(): Buffer {
  const isAuthority = sequence(element(0x01, Buffer.from([0xff])));
  return sequence(oid('551d13'), element(0x04, isAuthority));
}

function subjectAltName(): Buffer {
  const names = sequence(element(0x82, Buffer.from('localhost')), element(0x87, Buffer.from([127, 0, 0, 1])));
  return sequence(oid('551d11'), element(0x04, names));
}

function element(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...members: Buffer[]): Buffer {
  return element(0x30, Buffer.concat(members));
}

function set(member: Buffer): Buffer {
  return element(0x31, member);
}

function oid(hex: string): Buffer {
  return element(0x06, Buffer.from(hex, 'hex'));
}

/** Big-endian, its first bit not set. */
function integer(bytes: Buffer): Buffer {
  return element(0x02, bytes);
}

/** GeneralizedTime, which OpenSSL takes for any year. */
function time(moment: number): Buffer {
  const digits = new Date(moment).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return element(0x18, Buffer.from(digits));
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
