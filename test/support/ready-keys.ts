/**
 * RSA pairs that are made once and handed to many key managers: a fresh pair takes a good part of a second. No key manager gets
 * the same pair twice. They lie beside the packages, for the next run, and are good for nothing but tests.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type GenerateKeyPair, type KeyPair, generateKeyPair } from '../../src/keys/sealing/signing-key.ts';

const folder = fileURLToPath(new URL('../../node_modules/.cache/tessera-tests/', import.meta.url));
const file = `${folder}rsa-2048.json`;

/** More than most tests make of keys; whoever needs more gets fresh ones. */
const count = 16;

let ready: Promise<readonly KeyPair[]> | undefined;
let next = 0;

/** A generator for one key manager. Two of them in one worker begin at different pairs. */
export function createReadyKeys(): GenerateKeyPair {
  const used = new Set<KeyPair>();
  return async function takeKeyPair(kind) {
    if (kind.algorithm !== 'RS256' || kind.modulusBits !== 2048) return generateKeyPair(kind);
    ready ??= readPairs().catch(makePairs);
    const pairs = await ready;
    if (used.size === pairs.length) return generateKeyPair(kind);
    for (;;) {
      const pair = pairs[(next += 1) % pairs.length];
      if (pair === undefined || used.has(pair)) continue;
      used.add(pair);
      return pair;
    }
  };
}

async function readPairs(): Promise<readonly KeyPair[]> {
  return JSON.parse(await readFile(file, 'utf8')) as KeyPair[];
}

/** Several processes may come here at once: the last one's pairs stay. */
async function makePairs(): Promise<readonly KeyPair[]> {
  const kind = { algorithm: 'RS256', modulusBits: 2048 } as const;
  const pairs = await Promise.all(Array.from({ length: count }, () => generateKeyPair(kind)));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(pairs), { mode: 0o600 });
  await rename(draft, file);
  return pairs;
}
