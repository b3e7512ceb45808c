import exchange.core2.collections.objpool.ObjectsPool;
import exchange.core2.core.common.CoreSymbolSpecification;
import exchange.core2.core.common.IOrder;
import exchange.core2.core.common.MatcherEventType;
import exchange.core2.core.common.MatcherTradeEvent;
import exchange.core2.core.common.OrderType;
import exchange.core2.core.common.SymbolType;
import exchange.core2.core.common.cmd.CommandResultCode;
import exchange.core2.core.common.cmd.OrderCommand;
import exchange.core2.core.common.config.LoggingConfiguration;
import exchange.core2.core.orderbook.IOrderBook;
import exchange.core2.core.orderbook.OrderBookDirectImpl;
import exchange.core2.core.orderbook.OrderBookEventsHelper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;

/**
 * `exchange-core LOG RUNS`: the orders of a command log through exchange-core's order book alone, as
 * its own performance test of the book does it; one line of JSON out.
 */
public final class ExchangeCorePeer {
    private static final String VERSION = "0.5.3";
    private static final int WARM_UP_RUNS = 3;
    private static final String SETTING =
            "OrderBookDirectImpl alone, its events counted on the same thread; no filters, no"
                + " self-trade checks, no risk, no ring; a replace that raises is a cancel and a new"
                + " order, fok its fok_budget; " + WARM_UP_RUNS + " runs before, untimed; 1 thread";

    /** Trades and lots of a run, and how long it took. */
    private record Run(long trades, long lots, long tookNs) {}

    private ExchangeCorePeer() {}

    /** Prints the figures. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("usage: exchange-core LOG RUNS");
        }
        List<CommandLog.Command> log = CommandLog.read(Path.of(arguments[0]));
        int runs = Integer.parseInt(arguments[1]);
        OrderCommand[] commands = new Translation().of(log);
        for (int warmUp = 1; warmUp < WARM_UP_RUNS; warmUp++) {
            run(commands);
        }
        StringJoiner rates = new StringJoiner(", ", "[", "]");
        Run last = new Run(0, 0, 0);
        for (int number = 0; number < runs; number++) {
            last = run(commands);
            rates.add(Double.toString(log.size() * 1e3 / last.tookNs()));
        }
        System.out.printf(
                "{\"version\": \"%s\", \"messages\": %d, \"trades\": %d, \"lots\": %d, \"runs\": %s,"
                    + " \"setting\": \"%s\"}%n",
                VERSION, log.size(), last.trades(), last.lots(), rates, SETTING);
    }

    private static Run run(OrderCommand[] commands) {
        IOrderBook book = freshBook();
        OrderCommand work = new OrderCommand();
        long trades = 0;
        long lots = 0;
        long startNs = System.nanoTime();
        for (OrderCommand command : commands) {
            command.writeTo(work);
            work.resultCode = CommandResultCode.VALID_FOR_MATCHING_ENGINE;
            work.matcherEvent = null;
            IOrderBook.processCommand(book, work);
            for (MatcherTradeEvent event = work.matcherEvent; event != null; event = event.nextEvent) {
                if (event.eventType == MatcherEventType.TRADE) {
                    trades++;
                    lots += event.size;
                }
            }
        }
        return new Run(trades, lots, System.nanoTime() - startNs);
    }

    private static IOrderBook freshBook() {
        // A contract has no price reserved for its bids, so that a move is not refused for it.
        CoreSymbolSpecification symbol =
                CoreSymbolSpecification.builder()
                        .symbolId(1)
                        .type(SymbolType.FUTURES_CONTRACT)
                        .baseScaleK(1)
                        .quoteScaleK(1)
                        .build();
        return new OrderBookDirectImpl(
                symbol,
                ObjectsPool.createDefaultTestPool(),
                OrderBookEventsHelper.NON_POOLED_EVENTS_HELPER,
                LoggingConfiguration.DEFAULT);
    }

    /**
     * The flow as the book's own commands. It moves an order or reduces it; what it cannot say in one
     * command is a cancel and a new order. The book itself tells what is open on the way.
     */
    private static final class Translation {
        private final IOrderBook book = freshBook();
        private final Map<Long, Long> filled = new HashMap<>();
        private final List<OrderCommand> commands = new ArrayList<>();

        OrderCommand[] of(List<CommandLog.Command> log) {
            for (CommandLog.Command command : log) {
                switch (command.type()) {
                    case PLACE_ORDER -> add(placed(command, command.quantity()));
                    case CANCEL_ORDER -> add(OrderCommand.cancel(command.order(), command.account()));
                    default -> replace(command);
                }
            }
            return commands.toArray(OrderCommand[]::new);
        }

        private void replace(CommandLog.Command command) {
            IOrder order = book.getOrderById(command.order());
            if (order == null) {
                // Refused either way: there is no such order.
                add(OrderCommand.cancel(command.order(), command.account()));
                return;
            }
            long open = order.getSize() - order.getFilled();
            long wanted = command.quantity() - filled.getOrDefault(command.order(), 0L);
            boolean stays = command.price() == order.getPrice();
            if (!stays && wanted == open) {
                add(OrderCommand.update(command.order(), command.account(), command.price()));
            } else if (stays && wanted < open) {
                add(OrderCommand.reduce(command.order(), command.account(), open - wanted));
            } else {
                var action = order.getAction();
                add(OrderCommand.cancel(command.order(), command.account()));
                add(OrderCommand.newOrder(OrderType.GTC, command.order(), command.account(),
                        command.price(), command.price(), wanted, action));
            }
        }

        private OrderCommand placed(CommandLog.Command command, long lots) {
            // A budget stands in the field of the price.
            boolean isBudget = command.lives() == OrderType.FOK_BUDGET;
            long price = isBudget ? command.price() * lots : command.price();
            return OrderCommand.newOrder(command.lives(), command.order(), command.account(), price,
                    price, lots, command.action());
        }

        private void add(OrderCommand command) {
            commands.add(command);
            OrderCommand work = command.copy();
            work.resultCode = CommandResultCode.VALID_FOR_MATCHING_ENGINE;
            IOrderBook.processCommand(book, work);
            for (MatcherTradeEvent event = work.matcherEvent; event != null; event = event.nextEvent) {
                if (event.eventType == MatcherEventType.TRADE) {
                    filled.merge(event.matchedOrderId, event.size, Long::sum);
                    filled.merge(command.orderId, event.size, Long::sum);
                }
            }
        }
    }
}
