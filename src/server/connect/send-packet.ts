// What the driver has no words for: to send a statement as the bytes it is, without a copy.
import type { Connection as DriverConnection } from 'mysql2/promise';

/** The protocol's length and sequence number, and the command, stand before the statement. */
export const PACKET_ROOM_BYTES = 5;
const LENGTH_BYTES = 3;
const HEAD_BYTES = 4;
const QUERY = 0x03;
export const LARGEST_PACKET_BYTES = 0xff_ff_ff;

/**
 * A statement for the driver's own queries, which counts four bytes too many when it cuts one into packets: where these
 * would make one more, it sends an empty packet too many, which ends the connection.
 */
export function paddedForDriver(statement: string): string {
  const inLastPacket = (statement.length + 1) % LARGEST_PACKET_BYTES;
  return inLastPacket > LARGEST_PACKET_BYTES - HEAD_BYTES ? statement + ' '.repeat(HEAD_BYTES) : statement;
}

/** As much of the driver's connection as is needed. */
interface DriverCore {
  readonly clientEncoding: string;
  addCommand(command: DriverCommand): void;
  writePacket(packet: {
    readonly buffer: Buffer;
    length(): number;
    writeHeader(sequenceId: number): void;
  }): void;
  _resetSequenceId(): void;
}

/** A packet of the server. */
interface Answer {
  isError(): boolean;
  asError(encoding: string): Error;
  readInt8(): number;
  readLengthCodedNumber(): number | null;
}

/** Of those that the driver runs one after the other on a connection. */
interface DriverCommand {
  /** Told when the connection is lost. */
  readonly onResult: (error: unknown) => void;
  /** @returns whether it is done. */
  execute(answer: Answer | undefined, connection: DriverCore): boolean;
}

/**
 * Sends a statement that answers with OK, behind the driver's other commands.
 *
 * @param bytes `PACKET_ROOM_BYTES` that are written to, then the statement; nobody may touch them until this resolves.
 * @returns how many rows it concerned.
 * @throws {Error} as the driver's own queries.
 */
export function sendPacket(driver: DriverConnection, bytes: Buffer): Promise<number> {
  const { connection } = driver as unknown as { readonly connection: DriverCore };
  return new Promise((resolve, reject) => {
    let isSent = false;
    connection.addCommand({
      onResult: reject,
      execute(answer, core) {
        if (!isSent) {
          isSent = true;
          core._resetSequenceId();
          send(core, bytes);
          return false;
        }
        if (answer === undefined) return false;
        if (answer.isError()) reject(answer.asError(core.clientEncoding));
        else {
          answer.readInt8(); // that it is OK
          resolve(answer.readLengthCodedNumber() ?? 0);
        }
        return true;
      },
    });
  });
}

function send(connection: DriverCore, bytes: Buffer): void {
  bytes[HEAD_BYTES] = QUERY;
  writePacket(connection, bytes);
  // A statement that fills its last packet is ended by an empty one.
  if ((bytes.length - HEAD_BYTES) % LARGEST_PACKET_BYTES === 0)
    writePacket(connection, Buffer.alloc(HEAD_BYTES));
}

function writePacket(connection: DriverCore, buffer: Buffer): void {
  const length = buffer.length - HEAD_BYTES;
  connection.writePacket({
    buffer,
    length: () => length,
    writeHeader(sequenceId) {
      buffer.writeUIntLE(length, 0, LENGTH_BYTES);
      buffer[LENGTH_BYTES] = sequenceId;
    },
  });
}
