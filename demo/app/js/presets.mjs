const JSON_HEADERS = 'Content-Type: application/json\nX-Hadoken-Demo: 1';

/** What the AJAX console offers. `refused` ones are there to be refused. */
export const presets = [
  { label: 'Who am I', method: 'GET', path: '/v1/me' },
  {
    label: 'POST an order',
    method: 'POST',
    path: '/v1/orders',
    headers: JSON_HEADERS,
    body: '{ "item": "Dragon punch lessons", "quantity": 3 }',
  },
  { label: 'List', method: 'GET', path: '/v1/orders' },
  {
    label: 'Echo',
    method: 'PUT',
    path: '/v1/echo?a=1',
    headers: 'Content-Type: text/plain',
    body: '波動拳',
  },
  { label: 'Redirect', method: 'GET', path: '/v1/moved' },
  { label: '404', method: 'GET', path: '/v1/nowhere' },
  { label: 'Slow, cancel it', method: 'GET', path: '/v1/slow?ms=5000' },
  { label: 'Refused by the rules', method: 'GET', path: '/internal/keys', refused: true },
  { label: 'Refused, in disguise', method: 'GET', path: '/v1/%2e%2e/internal/keys', refused: true },
];
