import express, { type Express, type RequestHandler } from 'express';
import { mountDocs } from './docs/docs.ts';

/**
 * The Express app: the docs, and the operations of the contract behind them. Express itself believes no proxy: who sent a
 * request is the business of `request/client-address.ts`.
 */
export function expressApp(operations: RequestHandler, { issuer }: { issuer: string }): Express {
  const app = express();
  app.disable('x-powered-by');
  // Should anything ever reach Express's own error page, it says a status and no more.
  app.set('env', 'production');
  app.enable('strict routing');
  app.enable('case sensitive routing');
  mountDocs(app, issuer);
  app.use(operations);
  return app;
}
