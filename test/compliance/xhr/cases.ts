import { answerCases } from './cases/answers.ts';
import { objectCases } from './cases/objects.ts';
import { requestCases } from './cases/requests.ts';
import { eventCases, stateTable } from './cases/states.ts';
import { uploadCases } from './cases/uploads.ts';
import type { Case } from './outcome.ts';

/** Every case, by its part. They run in two realms: here after takeOver, and in the frame of the platform's own class. */
export const parts: Record<string, Case[]> = {
  states: stateTable,
  events: eventCases,
  requests: requestCases,
  uploads: uploadCases,
  objects: objectCases,
  answers: answerCases,
};
