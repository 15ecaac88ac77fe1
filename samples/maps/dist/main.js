"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const boards_service_1 = require("./boards.service");
const report = {
    lines: 0,
    /** A method of an object literal. */
    writeLine(text) {
        this.lines++;
        let folded = '';
        for (let i = 0; i < 60; i++)
            folded = text.slice(i % text.length) + folded.slice(0, 40);
        return folded;
    },
};
async function serveRequests(until) {
    let served = 0;
    while (Date.now() < until) {
        const service = boards_service_1.BoardsService.create(30);
        service.rankBoards(10);
        served += service.heaviest;
        for (const digest of await service.digestAll()) {
            served += report.writeLine(`digest ${digest.value} of ${digest.rounds}`).length;
        }
    }
    return served;
}
void serveRequests(Date.now() + Number(process.env.RECORD_MS || 400));
//# sourceMappingURL=main.js.map