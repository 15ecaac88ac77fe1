import { ArgumentsHost, Catch, Controller, ExceptionFilter, Get, Logger, Module, Query } from "@nestjs/common";
import { TypeOrmModule } from "@nestjs/typeorm";
import { Board } from "./board.entity";
import { BoardsService } from "./boards.service";

declare const process: any;
const env = process.env;

@Controller("boards")
export class BoardsController {
  constructor(private readonly boards: BoardsService) {}

  @Get()
  async get(@Query("do") what: keyof BoardsService, @Query("with") value: string) {
    const argument: any = what === "add" ? value : Number(value);
    return { got: await (this.boards[what] as any)(argument) };
  }
}

@Catch()
export class GlobalExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger(GlobalExceptionFilter.name);

  catch(exception: Error, host: ArgumentsHost) {
    this.logger.error(`Exception: ${exception.message}`, exception.stack);
    host.switchToHttp().getResponse().status(500).json({ message: exception.message });
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: "mysql",
      host: env.DB_HOST ?? "127.0.0.1",
      port: Number(env.DB_PORT),
      username: "meals",
      password: "meals",
      database: "meals",
      entities: [Board],
      synchronize: env.SYNC === "1",
      logging: env.SQL === "1" ? "all" : ["error"],
      connectTimeout: 300,
      retryAttempts: 2,
      retryDelay: 50,
      extra: {
        connectionLimit: Number(env.LIMIT ?? 10),
        queueLimit: Number(env.QUEUE ?? 0),
        waitForConnections: env.WAIT !== "0",
      },
    }),
  ],
  controllers: [BoardsController],
  providers: [BoardsService],
})
export class AppModule {}
