// Prices of carts.
'use strict';
const catalogue = Array.from({ length: 8000 }, (_, id) => ({ id, cents: 100 + (id * 37) % 900 }));
const byId = new Map(catalogue.map((product) => [product.id, product]));

// Looks the product up.
function findProduct(id) {
  return byId.get(id);
}

function discountOf(cents) {
  return cents > 20_000 ? Math.round(cents * 0.9) : cents;
}

function priceOf(cart) {
  let cents = 0;
  for (const id of cart) cents += findProduct(id % catalogue.length).cents;
  return discountOf(cents);
}

module.exports = { priceOf };
