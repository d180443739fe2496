/** `hadoken.service(name)` on the frame's side: own functions of own objects, called by name. */
import type { ItemsOutcome, Outcome } from '../../rpc/contract.ts';
import { HadokenError, toWireError } from '../../rpc/errors.ts';
import {
  entryOutside,
  isAllowedOrigin,
  type OriginPattern,
  parseOriginList,
  parseOrigins,
} from '../../rpc/origins.ts';
import {
  METHODS,
  type Service,
  type ServiceContext,
  type ServiceMethods,
  type ServiceRule,
} from '../../rpc/services.ts';
import type { WireSignals } from '../../rpc/wire/service.ts';
import type { Effects } from '../effects.ts';
import type { ServeOptions } from '../options.ts';
import type { Page } from '../page.ts';
import { receiveSignals } from './call-signals.ts';
import { givesItems, openItems } from './send-items.ts';

/**
 * A service with a rule: `rule.origins` are the pages that may call it, all of which have to be
 * among `origins` of `serve()`, or that throws INVALID_ARGUMENT. A page of another origin is
 * refused with POLICY_REFUSED.
 *
 * @example
 * services: { admin: service({ wipe() {} }, { origins: ['https://admin.example.com'] }) }
 */
export function service<Methods extends object>(
  methods: Methods & ThisType<Methods & ServiceContext>,
  rule: ServiceRule = {},
): Service<Methods> {
  return Object.freeze({ [METHODS]: methods, rule });
}

/** Why `method` of `methods` is not called: what is there may not be what a call takes. */
function notFound(
  service: string,
  method: string,
  methods: ServiceMethods | undefined,
  { isTrusted }: Effects,
): HadokenError {
  const services = isTrusted ? 'services of connect()' : 'services in host.js';
  let why = `does not exist. Add it to ${services}`;
  if (methods && Object.hasOwn(methods, method)) why = "is no function, and can't be called";
  else if (methods && method in methods)
    why =
      'is inherited, as a method of a class is, and only own functions are called. ' +
      `Write it in the object that ${services} has`;
  return new HadokenError('METHOD_NOT_FOUND', `service('${service}').${method} ${why}.`);
}

/** Calls `services[service][method]` for one page. Never rejects. */
export type ServiceHost = (
  service: string,
  method: string,
  args: unknown[],
  signals?: WireSignals,
) => Promise<Outcome<unknown> | ItemsOutcome>;

type Served = { methods: ServiceMethods; pages: OriginPattern[] | undefined };

function isRuled(given: object): given is Service<ServiceMethods> {
  return Object.hasOwn(given, METHODS);
}

/** Throws INVALID_ARGUMENT for origins that can't be read. */
function readService(given: ServiceMethods | Service<ServiceMethods>): Served {
  if (!isRuled(given)) return { methods: given, pages: undefined };
  const { [METHODS]: methods, rule } = given;
  const pages = rule.origins && parseOriginList(rule.origins, 'serve(): origins of a service');
  return { methods, pages };
}

/** Throws INVALID_ARGUMENT for a service of pages that are not let in at all. */
function checkOrigins({ services = {}, origins }: ServeOptions): void {
  const all = parseOrigins(origins);
  for (const [name, given] of Object.entries(services)) {
    const entry = isRuled(given)
      ? entryOutside(given.rule.origins ?? [], all, `serve(): origins of the service ${name}`)
      : undefined;
    if (entry === undefined) continue;
    throw new HadokenError(
      'INVALID_ARGUMENT',
      `serve(): the service ${name} is for '${entry}', which is not among origins. Add it there.`,
    );
  }
}

/**
 * By page; a call fails with METHOD_NOT_FOUND where there is no such own function. Throws
 * INVALID_ARGUMENT for origins of a service that can't be read.
 */
export function createServiceHost(
  options: ServeOptions,
  effects: Effects,
): (page: Page) => ServiceHost {
  const { services = {} } = options;
  if (!effects.isTrusted) checkOrigins(options);

  return ({ context, takeSocket }) => {
    const { origin } = context;
    /** What `this` is in a call: reads and writes of all else are those of the methods' object. */
    const createSelf = (methods: ServiceMethods, leaving: () => AbortController): object =>
      new Proxy(methods, {
        get(target, key, receiver) {
          if (key === 'origin') return origin;
          return key === 'signal' ? leaving().signal : Reflect.get(target, key, receiver);
        },
      });
    /** Throws POLICY_REFUSED and METHOD_NOT_FOUND. */
    const find = (service: string, method: string) => {
      const given = Object.hasOwn(services, service) ? services[service] : undefined;
      const { methods, pages } = given ? readService(given) : {};
      if (pages && !effects.isTrusted && !isAllowedOrigin(origin, pages))
        throw new HadokenError(
          'POLICY_REFUSED',
          `service('${service}') is not for this page. Add '${origin}' to its origins in ` +
            `host.js: service({ … }, { origins: ['${origin}'] }).`,
        );
      const call = methods && Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (typeof call !== 'function') throw notFound(service, method, methods, effects);
      return (args: unknown[], leaving: () => AbortController) =>
        call.apply(createSelf(methods as ServiceMethods, leaving), args);
    };

    return async (service, method, args, signals) => {
      const received = receiveSignals(args, signals);
      /** From then on the stream's end releases what was received. */
      let isStreaming = false;
      try {
        // Most methods never ask for it.
        let control: AbortController | undefined;
        const leaving = (): AbortController => {
          control ??= new AbortController();
          return control;
        };
        const value = await find(service, method)(received.args, leaving);
        if (!givesItems(value)) return { value };
        const what = `service('${service}').${method}`;
        const onLeave = (): void => leaving().abort();
        const onEnd = received.release;
        const items = openItems(value, { what, effects, takeSocket, onLeave, onEnd });
        isStreaming = true;
        return items;
      } catch (error) {
        return { error: toWireError(error) };
      } finally {
        if (!isStreaming) received.release();
      }
    };
  };
}
