// Errors as Node itself prints them: `node dist/crash.js cause|many|reject|console`.
import { request } from "http";

declare const process: any, Buffer: any;

function parse(text: string) {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error("the menu cannot be read", { cause });
  }
}

class MenuError extends Error {
  readonly code = "E_MENU";
  readonly menu = { id: 42, days: ["mon", "tue"] };
}

function check(menu: unknown) {
  if (menu) throw new MenuError(`menu 42 is not valid:\n- no dish on monday\n- price "12.50" is no number`);
}

const kinds: Record<string, () => unknown> = {
  cause: () => parse("{"),
  // `localhost` has two addresses: an AggregateError of both refusals.
  many: () => request({ host: "localhost", port: 9, family: 0 }).end(),
  reject: () => Promise.reject(new MenuError("no menu for 2026-11-23")),
  console() {
    console.log("menu: reading");
    try {
      check({});
    } catch (error) {
      console.error(error);
    }
    try {
      eval("parse('[')");
    } catch (error) {
      console.error("could not read:", error);
    }
    console.log("menu: done");
    [3, 1].map((n) => {
      try {
        return Buffer.alloc(-n);
      } catch (error) {
        console.error(error);
      }
    });
    console.error("ERROR no menu at all");
  },
};
kinds[process.argv[2]]();
