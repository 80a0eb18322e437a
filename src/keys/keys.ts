/**
 * The signing keys. This file's folder has what all rooms of it know: what a key is, and what stores keep of it. `timeline/` says
 * what each key is for at a moment, `sealing/` guards the private part at rest, `keyring/` is what this process knows of the keys,
 * `changes/` is what an operator may do, `drawing/` shows the timeline. Left to others: where keys are stored (`database/`) and what
 * is signed with them (`tokens/`).
 */
