import { BadRequest } from 'express-openapi-validator/dist/openapi.validator.js';
import { type Fault, HttpError } from './http-error.ts';

type Reported = { readonly path?: string; readonly message?: string; readonly errors?: readonly ReportedFault[] };
type ReportedFault = { readonly path?: string; readonly message?: string; readonly errorCode?: string };

/** What the validator's own errors mean to the client; undefined for any other error. */
export function httpErrorOfValidator(error: unknown): HttpError | undefined {
  if (!(error instanceof BadRequest)) return undefined;

  const reported: Reported = error;
  const faults = reported.errors ?? [];
  return new HttpError(400, 'The request does not fit the contract.', {
    errors: faults.length > 0 ? faults.map(faultOf) : [faultOf(reported)],
    oauthError: faults.some(isUnknownGrant) ? 'unsupported_grant_type' : 'invalid_request',
  });
}

function faultOf(reported: ReportedFault): Fault {
  return { pointer: (reported.path ?? '').replace(/^\/params\//, '/path/'), detail: detailOf(reported) };
}

function detailOf({ message = 'is wrong', errorCode }: ReportedFault): string {
  if (errorCode === 'required.openapi.validation') return 'is missing';
  return message.startsWith('Unknown query parameter') ? 'is not a parameter of this operation' : message;
}

function isUnknownGrant({ path, errorCode }: ReportedFault): boolean {
  return path === '/body/grant_type' && errorCode === 'enum.openapi.validation';
}
