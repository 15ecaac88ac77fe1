import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { AppModule, GlobalExceptionFilter } from "./app";

declare const process: any, fetch: any, setTimeout: any;

// REQUESTS: `what=value` one after the other; `8*what=value` eight at once.
async function main() {
  const app = await NestFactory.create(AppModule);
  if (process.env.FILTER === "1") app.useGlobalFilters(new GlobalExceptionFilter());
  await app.listen(0, "127.0.0.1");
  const url = await app.getUrl();
  for (const request of (process.env.REQUESTS ?? "").split(" ").filter(Boolean)) {
    const [, times, what, value] = request.match(/^(?:(\d+)\*)?(\w+)=?(.*)$/)!;
    const one = () => fetch(`${url}/boards?do=${what}&with=${value}`).then((r: any) => r.text());
    await Promise.all(Array.from({ length: Number(times ?? 1) }, one));
    await new Promise((done) => setTimeout(done, 700));
  }
  process.exit(0);
}
main();
