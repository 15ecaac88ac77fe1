import { Column, Entity, PrimaryGeneratedColumn } from "typeorm";

@Entity()
export class Board {
  @PrimaryGeneratedColumn() id!: number;
  @Column({ unique: true, length: 80 }) title!: string;
}
