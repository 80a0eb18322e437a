/**
 * The signing keys. This folder says what a key is and what a store keeps of it. `timeline/` says what each key is for at a moment;
 * `sealing/` guards private parts; `keyring/` is what this process knows; `changes/` is what operators do; `drawing/` shows the
 * timeline. Left to others: storage (`database/`), what is signed (`tokens/`).
 */
