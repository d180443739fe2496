import { readText, sendJson, sendProblem } from './reply.mjs';
import { describe } from './seen.mjs';

const KEPT = 50;
/** A page on another site can't send it without a preflight: the usual guard of a JSON API against forged requests. */
export const GUARD_HEADER = 'x-hadoken-demo';

/** `/v1/orders`: list, make, read, change, remove. Kept in memory, the oldest forgotten first. */
export function createOrders() {
  const orders = new Map([
    [1, { id: 1, item: 'Blue headband', quantity: 1 }],
    [2, { id: 2, item: 'Bamboo training post', quantity: 2 }],
  ]);
  let last = 2;

  return async function handleOrders(request, response, url) {
    const id = Number(url.pathname.slice('/v1/orders/'.length)) || undefined;
    const { method } = request;
    if (method === 'GET' && !id) return sendJson(response, 200, { orders: [...orders.values()] });
    if (id && !orders.has(id)) return sendProblem(response, 404, `There is no order ${id}.`);
    if (method === 'GET') return sendJson(response, 200, orders.get(id));
    if (!request.headers[GUARD_HEADER]) {
      return sendProblem(response, 403, `${method} /v1/orders needs the header ${GUARD_HEADER}.`);
    }
    if (method === 'DELETE' && id) {
      orders.delete(id);
      return response.writeHead(204).end();
    }
    if (method !== (id ? 'PUT' : 'POST'))
      return sendProblem(response, 405, `${method} is not for ${url.pathname}.`);

    const wanted = await readOrder(request);
    if (wanted.problem) return sendProblem(response, wanted.status, wanted.problem);
    const order = { id: id ?? ++last, ...wanted.order };
    orders.set(order.id, order);
    if (orders.size > KEPT) orders.delete(orders.keys().next().value);
    sendJson(
      response,
      id ? 200 : 201,
      { order, seen: describe(request) },
      { Location: `/v1/orders/${order.id}` },
    );
  };
}

async function readOrder(request) {
  if (!request.headers['content-type']?.startsWith('application/json')) {
    return { status: 415, problem: 'Send JSON, with Content-Type: application/json.' };
  }
  try {
    const { item, quantity = 1 } = JSON.parse(await readText(request, 10_000));
    if (typeof item === 'string' && item && Number.isInteger(quantity))
      return { order: { item, quantity } };
    return { status: 422, problem: 'An order is {"item": "text", "quantity": 1}.' };
  } catch (error) {
    return { status: error instanceof RangeError ? 413 : 400, problem: error.message };
  }
}
