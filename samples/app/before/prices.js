// Prices of carts.
'use strict';
const catalogue = Array.from({ length: 8000 }, (_, id) => ({ id, cents: 100 + (id * 37) % 900 }));

// Looks at every product for each item of the cart.
function findProduct(id) {
  let found = null;
  for (const product of catalogue) if (product.id === id) found = product;
  return found;
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
