// Run as a process of its own by the test beside it: loads the key in the folder given, and prints its fingerprint.
import { loadKeyEncryptionKey } from '../../../src/keys/sealing/key-encryption-key.ts';

const kek = await loadKeyEncryptionKey({ keysDir: process.argv[2] ?? '', sealedKeysExist: false });
process.stdout.write(kek.id);
