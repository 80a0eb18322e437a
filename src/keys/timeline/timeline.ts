/**
 * Says what each key is for: a pure function of the stored facts, the time and the policy (`planKeys`), with history and forecast. It
 * reads no store and no clock, and opens no private part. Moments are epoch seconds.
 */
