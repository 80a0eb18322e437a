/**
 * What each key is for, as a pure function of the stored facts, the time and the policy: `planKeys` and what it is made of, the past
 * and the forecast. It knows no private part, no store and no clock. Moments are epoch seconds.
 */
