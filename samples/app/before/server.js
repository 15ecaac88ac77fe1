// A shop that prices carts. The function to find is in prices.js.
'use strict';
const http = require('http');
const { priceOf } = require('./prices');
const { receiptOf } = require('./receipt');

const server = http.createServer((request, response) => {
  const items = new URL(request.url, 'http://localhost').searchParams.get('items') || '';
  const cart = items.split(',').filter(Boolean).map(Number);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ price: priceOf(cart), receipt: receiptOf(cart) }));
});
server.listen(Number(process.env.PORT || 3000), '127.0.0.1', () => console.log('the shop is open'));
process.on('SIGTERM', () => server.close(() => process.exit(0)) && server.closeAllConnections());
