"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.mixWords = void 0;
exports.digestOf = digestOf;
exports.spread = spread;
exports.default = default_1;
const mixWords = (word, salt) => {
    let mixed = word ^ salt;
    for (let i = 0; i < 400; i++)
        mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) + i;
    return mixed;
};
exports.mixWords = mixWords;
function digestOf(words, salt) {
    let value = salt;
    for (const word of words)
        value = (0, exports.mixWords)(value, word);
    return { rounds: words.length, value };
}
/** A generator, which V8 compiles as a function that goes on. */
function* spread(count) {
    let state = count;
    for (let i = 0; i < count; i++) {
        for (let j = 0; j < 60; j++)
            state = Math.imul(state ^ j, 0x297a2d39);
        yield state;
    }
}
function default_1(words) {
    let sum = 0;
    for (let i = 0; i < 12; i++)
        for (const word of words)
            sum = (sum * 31 + word) | 0;
    return sum;
}
//# sourceMappingURL=hash.js.map