/**
 * How often somebody may try, and how often succeed. This folder owns which budgets there are, who draws on which of them,
 * and when: functions of the domain, and stores that they write to, are wrapped from outside (`server/handlers.ts`). They know nothing of
 * it; stores take what a write is handed besides (`Limited`). It leaves to others where budgets are kept (`database/` implements
 * ThrottleStore) and how a refusal is worded (`http/`).
 */
