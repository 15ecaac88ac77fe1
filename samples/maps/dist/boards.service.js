"use strict";
var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.BoardsService = void 0;
const hash_1 = require("./hash");
/** A decorator that wraps the method, as Nest's interceptors do. */
function Counted(_target, _key, descriptor) {
    const original = descriptor.value;
    let calls = 0;
    descriptor.value = function countedCall(...args) {
        calls++;
        return original.apply(this, args);
    };
}
class Repository {
    rows = [];
    constructor(count, make) {
        for (let id = 0; id < count; id++)
            this.rows.push(make(id));
    }
    findAll(accept) {
        return this.rows.filter((row) => accept(row));
    }
}
class BoardsService extends Repository {
    salt = 17;
    #secret = 23;
    static create(count) {
        return new BoardsService(count);
    }
    constructor(count) {
        super(count, (id) => ({ id, scores: [...(0, hash_1.spread)(20)].map((score) => score + id) }));
    }
    get heaviest() {
        let most = 0;
        for (const board of this.rows)
            for (const score of board.scores)
                for (let bit = 0; bit < 96; bit++)
                    most = Math.max(most, (score >>> bit) & 0xff);
        return most;
    }
    #weigh(board) {
        let weight = this.#secret;
        for (let i = 0; i < 200; i++)
            for (const score of board.scores)
                weight = (weight * 33 + score) | 0;
        return weight;
    }
    rankBoards(limit) {
        const ranked = this.findAll((board) => this.#weigh(board) !== 0);
        return ranked.sort((left, right) => (0, hash_1.default)(left.scores) - (0, hash_1.default)(right.scores)).slice(0, limit);
    }
    async digestAll() {
        const digests = [];
        for (const board of this.rows) {
            digests.push((0, hash_1.digestOf)(board.scores, this.salt));
            await null;
        }
        return digests;
    }
}
exports.BoardsService = BoardsService;
__decorate([
    Counted,
    __metadata("design:type", Function),
    __metadata("design:paramtypes", [Number]),
    __metadata("design:returntype", Array)
], BoardsService.prototype, "rankBoards", null);
//# sourceMappingURL=boards.service.js.map