/** `hadoken.service(name)` on the frame's side: own functions of own objects, called by name. */
import { HadokenError } from '../rpc/errors.ts';
import type { Services } from './options.ts';

export type ServiceHost = (service: string, method: string, args: unknown[]) => unknown;

/**
 * Calls `services[service][method]`; throws METHOD_NOT_FOUND where there is no such own function.
 */
export function createServiceHost(services: Services = {}): ServiceHost {
  return (service, method, args) => {
    const methods = Object.hasOwn(services, service) ? services[service] : undefined;
    const call = methods && Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (typeof call !== 'function')
      throw new HadokenError(
        'METHOD_NOT_FOUND',
        `service('${service}').${method} does not exist. Add it to services in host.js, ` +
          'or of connect() in Node.',
      );
    return call.apply(methods, args);
  };
}
