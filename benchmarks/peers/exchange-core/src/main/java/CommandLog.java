import exchange.core2.core.common.OrderAction;
import exchange.core2.core.common.OrderType;
import exchange.core2.core.common.cmd.OrderCommand;
import exchange.core2.core.common.cmd.OrderCommandType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The orders of a command log: a head of 32 bytes, then records of 64 or 128 bytes, each with its
 * kind in the first byte. New orders have no id in the log: they are numbered from 1.
 */
final class CommandLog {
    private static final long MAGIC = 0x4C43_5952_4354_554FL; // "OUTCRYCL"
    private static final int HEAD_BYTES = 32;
    private static final int PLAIN_BYTES = 64;
    private static final int NEW = 0x41;
    private static final int CANCEL = 0x42;
    private static final int REPLACE = 0x43;

    /** A command about an order; `quantity` of a replace is its total, what is filled included. */
    record Command(
            OrderCommandType type,
            long order,
            long account,
            OrderAction action,
            OrderType lives,
            long price,
            long quantity) {}

    private CommandLog() {}

    /** Reads the commands about orders; others, as those that make the instrument, are left out. */
    static List<Command> read(Path path) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.limit() < HEAD_BYTES || bytes.getLong(0) != MAGIC) {
            throw new IOException(path + ": it is no command log");
        }
        List<Command> commands = new ArrayList<>();
        long orders = 0;
        for (int at = HEAD_BYTES; at < bytes.limit(); ) {
            int kind = bytes.get(at) & 0xFF;
            int size = PLAIN_BYTES << (kind >> 7);
            if (at + size > bytes.limit()) {
                throw new IOException(path + ": the log ends within the record at byte " + at);
            }
            switch (kind) {
                case NEW -> commands.add(command(bytes, at, OrderCommandType.PLACE_ORDER, ++orders));
                case CANCEL -> commands.add(
                        command(bytes, at, OrderCommandType.CANCEL_ORDER, bytes.getLong(at + 56)));
                case REPLACE -> commands.add(
                        command(bytes, at, OrderCommandType.MOVE_ORDER, bytes.getLong(at + 56)));
                default -> { }
            }
            at += size;
        }
        return commands;
    }

    private static Command command(ByteBuffer bytes, int at, OrderCommandType type, long order) {
        return new Command(
                type,
                order,
                bytes.getInt(at + 32),
                bytes.get(at + 36) == 1 ? OrderAction.BID : OrderAction.ASK,
                switch (bytes.get(at + 38)) {
                    case 2 -> OrderType.IOC;
                    case 3 -> OrderType.FOK_BUDGET;
                    default -> OrderType.GTC;
                },
                bytes.getLong(at + 40),
                bytes.getLong(at + 48));
    }
}
