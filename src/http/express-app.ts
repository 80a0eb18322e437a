import express, { type Express, type RequestHandler } from 'express';
import { mountDocs } from './docs/docs.ts';

/**
 * The Express app: the docs, and the operations of the contract behind them. What a proxy says of the client is believed
 * when the proxy is among those trusted.
 */
export function expressApp(
  operations: RequestHandler,
  { trustedProxies, issuer }: { trustedProxies: readonly string[]; issuer: string },
): Express {
  const app = express();
  app.disable('x-powered-by');
  // Should anything ever reach Express's own error page, it says a status and no more.
  app.set('env', 'production');
  app.set('trust proxy', [...trustedProxies]);
  app.enable('strict routing');
  app.enable('case sensitive routing');
  mountDocs(app, issuer);
  app.use(operations);
  return app;
}
