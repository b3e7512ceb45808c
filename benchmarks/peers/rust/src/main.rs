//! `orderbook-rs LOG RUNS`: the orders of a command log through the crate orderbook-rs, one line of
//! JSON out. The first run is not timed: it finds what is open of an order when it is replaced, for
//! the crate is told the open quantity and the log says the total.

mod log;

use log::{Command, Lives};
use orderbook_rs::OrderBook;
use orderbook_rs::prelude::{Id, Side, TimeInForce};
use pricelevel::{OrderUpdate, Price, Quantity};
use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Instant;

const VERSION: &str = "0.15.3";
const SETTING: &str = "one call an order, fills to a trade listener on the same thread that counts \
    them; no filters, no self-trade checks, no reports of acceptance; 1 thread";

/// A call, with its arguments made.
enum Call {
    Place(Id, u128, u64, Side, TimeInForce),
    Cancel(Id),
    Update(OrderUpdate),
}

fn main() -> ExitCode {
    match figures() {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn figures() -> Result<String, String> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: orderbook-rs LOG RUNS";
    let path = arguments.next().ok_or(usage)?;
    let runs: usize = arguments
        .next()
        .and_then(|runs| runs.parse().ok())
        .ok_or(usage)?;
    let bytes = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
    let commands = log::read(&bytes).map_err(|error| format!("{path}: {error}"))?;
    let calls = translated(&commands);
    let mut rates = Vec::with_capacity(runs);
    let mut traded = (0, 0);
    for _ in 0..runs {
        let (rate, trades, lots) = timed(&calls);
        rates.push(rate);
        traded = (trades, lots);
    }
    let (trades, lots) = traded;
    Ok(format!(
        "{{\"version\": \"{VERSION}\", \"messages\": {}, \"trades\": {trades}, \"lots\": {lots}, \
         \"runs\": {rates:?}, \"setting\": \"{SETTING}\"}}",
        calls.len()
    ))
}

/// The calls of a flow. The book tells the fills on the way.
fn translated(commands: &[Command]) -> Vec<Call> {
    let filled = Arc::new(Mutex::new(HashMap::<Id, u64>::new()));
    let seen = Arc::clone(&filled);
    let mut book = OrderBook::<()>::new("FLOW");
    book.set_trade_listener(Arc::new(move |result| {
        let mut seen = seen.lock().expect("one thread alone");
        for trade in result.match_result.trades().as_vec() {
            for id in [trade.maker_order_id(), trade.taker_order_id()] {
                *seen.entry(id).or_default() += trade.quantity().as_u64();
            }
        }
    }));
    let mut prices = HashMap::new();
    let mut calls = Vec::with_capacity(commands.len());
    for command in commands {
        let call = match *command {
            Command::New { order, price, .. } => {
                prices.insert(order, price);
                placed(command)
            }
            Command::Cancel { order } => Call::Cancel(Id::Sequential(order)),
            Command::Replace {
                order,
                price,
                total,
            } => {
                let id = Id::Sequential(order);
                let lots = filled.lock().expect("one thread alone").get(&id).copied();
                let open = total.saturating_sub(lots.unwrap_or(0));
                let stays = prices.insert(order, price) == Some(price);
                Call::Update(update(id, price, open, stays))
            }
        };
        apply(&book, &call);
        calls.push(call);
    }
    calls
}

fn placed(command: &Command) -> Call {
    let Command::New {
        order,
        is_buy,
        price,
        quantity,
        lives,
    } = *command
    else {
        unreachable!("a new order is placed")
    };
    let side = if is_buy { Side::Buy } else { Side::Sell };
    let lives = match lives {
        Lives::UntilCancelled => TimeInForce::Gtc,
        Lives::Immediate => TimeInForce::Ioc,
        Lives::WholeOrNot => TimeInForce::Fok,
    };
    Call::Place(Id::Sequential(order), price.into(), quantity, side, lives)
}

fn update(order_id: Id, price: u64, open: u64, stays: bool) -> OrderUpdate {
    let new_quantity = Quantity::new(open);
    if stays {
        return OrderUpdate::UpdateQuantity {
            order_id,
            new_quantity,
        };
    }
    OrderUpdate::UpdatePriceAndQuantity {
        order_id,
        new_price: Price::new(price.into()),
        new_quantity,
    }
}

/// Refusals, as of an order that is gone already, belong to the flow.
fn apply(book: &OrderBook<()>, call: &Call) {
    match *call {
        Call::Place(id, price, quantity, side, lives) => {
            let _ = book.add_limit_order(id, price, quantity, side, lives, None);
        }
        Call::Cancel(id) => {
            let _ = book.cancel_order(id);
        }
        Call::Update(update) => {
            let _ = book.update_order(update);
        }
    }
}

/// One run on a fresh book: millions of messages a second, trades, lots.
fn timed(calls: &[Call]) -> (f64, u64, u64) {
    let counts = Arc::new((AtomicU64::new(0), AtomicU64::new(0)));
    let counting = Arc::clone(&counts);
    let mut book = OrderBook::<()>::new("FLOW");
    book.set_trade_listener(Arc::new(move |result| {
        let trades = result.match_result.trades().as_vec();
        let lots: u64 = trades.iter().map(|trade| trade.quantity().as_u64()).sum();
        counting.0.fetch_add(trades.len() as u64, Relaxed);
        counting.1.fetch_add(lots, Relaxed);
    }));
    let start = Instant::now();
    for call in calls {
        apply(&book, call);
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = calls.len() as f64 / seconds / 1e6;
    (rate, counts.0.load(Relaxed), counts.1.load(Relaxed))
}
