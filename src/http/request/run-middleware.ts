import type { Request, RequestHandler, Response } from 'express';

/** Runs one Express middleware as a promise: resolves when it passes the request on, rejects with what it reports. */
export function runMiddleware(middleware: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void middleware(request, response, (error: unknown) => {
      if (error === undefined || error === null) resolve();
      else reject(error instanceof Error ? error : new Error('A middleware failed.', { cause: error }));
    });
  });
}
