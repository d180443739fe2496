import { abortCases } from './cases/abort.ts';
import { abortMomentCases } from './cases/abort-moments.ts';
import { bodyCases } from './cases/bodies.ts';
import { headerCases } from './cases/headers.ts';
import { referrerCases } from './cases/referrers.ts';
import { requestCases } from './cases/requests.ts';
import { responseCases } from './cases/responses.ts';
import type { Case } from './outcome.ts';

/** Every case, by its part. They run in two realms: here, and in the frame of the platform's own fetch. */
export const parts: Record<string, Case[]> = {
  requests: requestCases,
  referrers: referrerCases,
  'request bodies': bodyCases,
  headers: headerCases,
  responses: responseCases,
  abort: abortCases,
  'abort at every moment': abortMomentCases,
};
