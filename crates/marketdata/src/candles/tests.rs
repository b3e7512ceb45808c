//! Goal: candles are the same however trades come in. Method: random trades, few times and prices
//! so that keys collide, split and reordered at random, against a plain fold.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::interval::Interval;
use crate::numbers::Numbers;

const SECOND_NS: i64 = 1_000_000_000;

type Row = (u32, i64, i64, i64, i8);

fn settings(texts: &[&str], horizon_ns: i64) -> Settings {
    let intervals = texts
        .iter()
        .map(|text| Interval::parse(text).unwrap())
        .collect();
    Settings {
        intervals,
        horizon_ns,
        grace_ns: 0,
    }
}

fn set(texts: &[&str], horizon_ns: i64) -> CandleSet<i64> {
    CandleSet::new(settings(texts, horizon_ns)).unwrap()
}

/// Trades of two groups within some hours; the id is the place, so keys differ.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        0_u32..2,
        0_i64..9_000,
        1_i64..50,
        1_i64..1_000,
        prop::bool::ANY,
    );
    prop::collection::vec(row, 0..200).prop_map(|rows| {
        let sided = |row: (u32, i64, i64, i64, bool)| {
            (
                row.0,
                row.1 * SECOND_NS,
                row.2,
                row.3,
                if row.4 { 1 } else { -1 },
            )
        };
        rows.into_iter().map(sided).collect()
    })
}

fn feed(set: &mut CandleSet<i64>, rows: &[(i64, Row)], threads: usize) {
    let column = |get: fn(&Row) -> i64| rows.iter().map(|row| get(&row.1)).collect::<Vec<_>>();
    let groups: Vec<_> = rows.iter().map(|row| row.1.0).collect();
    let sides: Vec<_> = rows.iter().map(|row| row.1.4).collect();
    let ids: Vec<_> = rows.iter().map(|row| row.0).collect();
    let (times_ns, prices, quantities) = (column(|r| r.1), column(|r| r.2), column(|r| r.3));
    let columns = TradeColumns {
        groups: Some(&groups),
        times_ns: &times_ns,
        ids: &ids,
        prices: &prices,
        quantities: Numbers::Narrow(&quantities),
        values: None,
        sides: &sides,
    };
    set.add_columns(&columns, threads).unwrap();
}

type Found = BTreeMap<(u32, u32, i64), Figures<i64>>;

fn figures_of(rows: Vec<CandleRow<i64>>, found: &mut Found) {
    for row in rows {
        let key = (row.group, row.interval, row.candle.open_time_ns);
        match found.get_mut(&key) {
            Some(known) if row.is_correction => known.merge(&row.candle.figures),
            _ => {
                found.insert(key, row.candle.figures);
            }
        }
    }
}

fn plain(rows: &[(i64, Row)], texts: &[&str]) -> Found {
    let mut found = Found::new();
    for (place, text) in texts.iter().enumerate() {
        let interval = Interval::parse(text).unwrap();
        for (id, (group, time_ns, price, quantity, side)) in rows {
            let key = Key {
                time_ns: *time_ns,
                id: *id,
            };
            let value = i128::from(price * quantity);
            let part = Figures::of_trade(key, *price, i128::from(*quantity), value, *side > 0);
            found
                .entry((*group, place as u32, interval.floor(*time_ns)))
                .and_modify(|known| known.merge(&part))
                .or_insert(part);
        }
    }
    found
}

/// What a plain fold gives of quantities and values times a power of two.
fn plain_scaled(rows: &[(i64, Row)], texts: &[&str], scale: u32) -> Found {
    let mut found = plain(rows, texts);
    for figures in found.values_mut() {
        let sums = &mut figures.sums;
        (sums.volume, sums.buy_volume) = (sums.volume << scale, sums.buy_volume << scale);
        sums.quote_volume <<= 2 * scale;
        sums.buy_quote_volume <<= 2 * scale;
    }
    found
}

fn candle_of(lanes: &CandleLanes<i64>, lane: usize) -> Candle<i64> {
    Candle {
        open_time_ns: lanes.open_time_ns[lane],
        end_ns: lanes.end_ns[lane],
        figures: Figures {
            open: lanes.open[lane],
            high: lanes.high[lane],
            low: lanes.low[lane],
            close: lanes.close,
            first: Key {
                time_ns: lanes.first_time_ns[lane],
                id: lanes.first_id[lane],
            },
            last: lanes.last,
            sums: Sums {
                volume: lanes.volume.get(lane),
                quote_volume: lanes.quote_volume.get(lane),
                buy_volume: lanes.buy_volume.get(lane),
                buy_quote_volume: lanes.buy_quote_volume.get(lane),
                trades: lanes.trades[lane],
            },
        },
    }
}

/// More than one block of lanes.
const MANY: [&str; 10] = ["1s", "7s", "1m", "7m", "1h", "4h", "1d", "1w", "1M", "30m"];

const TEXTS: [&str; 5] = ["1m", "7m", "1h", "1d", "1M"];

proptest! {
    #[test]
    fn every_split_and_order_gives_what_a_plain_fold_gives(
        rows in rows(), sizes in prop::collection::vec(1_usize..60, 1..40), sorted in any::<bool>(),
    ) {
        let mut rows: Vec<_> = (0..).zip(rows).collect();
        if sorted {
            rows.sort_by_key(|(id, row)| (row.0, row.1, *id));
        }
        let mut whole = set(&TEXTS, i64::MAX);
        feed(&mut whole, &rows, 2);
        let mut at_once = Found::new();
        figures_of(whole.held(), &mut at_once);
        prop_assert_eq!(&at_once, &plain(&rows, &TEXTS));

        let mut pieces = set(&TEXTS, i64::MAX);
        let mut streamed = Found::new();
        let mut rest = &rows[..];
        for size in sizes.iter().cycle() {
            let (piece, others) = rest.split_at(rest.len().min(*size));
            feed(&mut pieces, piece, 1);
            figures_of(pieces.take(), &mut streamed);
            rest = others;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(&streamed, &at_once);
    }

    #[test]
    fn corrections_behind_the_horizon_complete_the_history(
        rows in rows(), horizon_s in 0_i64..4_000, size in 1_usize..60,
    ) {
        let rows: Vec<_> = (0..).zip(rows).collect();
        let mut bounded = set(&TEXTS, horizon_s * SECOND_NS);
        let mut stored = Found::new();
        for piece in rows.chunks(size) {
            feed(&mut bounded, piece, 1);
            // Whoever stores the history merges corrections into it and replaces candles.
            figures_of(bounded.take(), &mut stored);
        }
        prop_assert_eq!(stored, plain(&rows, &TEXTS));
        let held = bounded.held();
        let held = held.iter().filter(|row| row.interval == 0).count();
        prop_assert!(held <= 2 * (horizon_s.unsigned_abs() as usize / 60 + 2));
    }

    #[test]
    fn one_trade_at_a_time_reads_what_a_plain_fold_gives(
        rows in rows(), horizon_s in 0_i64..4_000, scale in 0_u32..40, sorted in any::<bool>(),
    ) {
        let mut rows: Vec<_> = (0..).zip(rows).collect();
        if sorted {
            rows.sort_by_key(|(id, row)| (row.1, *id));
        }
        let mut set = set(&MANY, horizon_s * SECOND_NS);
        let mut stored = Found::new();
        for (count, (id, (group, time_ns, price, quantity, side))) in rows.iter().enumerate() {
            // Sums that pass 64 bits are exact as well.
            let quantity = i128::from(*quantity) << scale;
            let value = (i128::from(*price) * quantity) << scale;
            let key = Key { time_ns: *time_ns, id: *id };
            let forming = set.add_trade(*group, key, *price, quantity, value, *side > 0).unwrap();
            let expected = plain_scaled(&rows[..=count], &MANY, scale);
            for place in 0..MANY.len() {
                let candle = forming.candle(place).unwrap();
                let name = (*group, place as u32, candle.open_time_ns);
                prop_assert_eq!(&candle.figures, &expected[&name]);
                let lanes = forming.lanes(place / LANES).unwrap();
                prop_assert_eq!(candle, candle_of(&lanes, place % LANES));
            }
            prop_assert!(forming.candle(MANY.len()).is_none() && forming.lanes(2).is_none());
            figures_of(set.settled().into_iter().flatten().collect(), &mut stored);
        }
        figures_of(set.take(), &mut stored);
        prop_assert_eq!(stored, plain_scaled(&rows, &MANY, scale));
    }

    #[test]
    fn rolled_up_candles_are_those_of_the_trades(rows in rows()) {
        let rows: Vec<_> = (0..).zip(rows).collect();
        let mut minutes = set(&["1m"], i64::MAX);
        feed(&mut minutes, &rows, 1);
        let mut rolled = set(&["1h", "1d", "1w", "1M"], i64::MAX);
        for row in minutes.held() {
            rolled.add(row.group, &row.candle.figures).unwrap();
        }
        let mut found = Found::new();
        figures_of(rolled.held(), &mut found);
        prop_assert_eq!(found, plain(&rows, &["1h", "1d", "1w", "1M"]));
    }
}

fn trade(set: &mut CandleSet<i64>, time_s: i64, price: i64) {
    let key = Key {
        time_ns: time_s * SECOND_NS,
        id: price,
    };
    set.add_trade(0, key, price, 1, i128::from(price), true)
        .unwrap();
}

#[test]
fn a_candle_closes_with_its_grace_and_a_late_trade_revises_it() {
    let mut set = CandleSet::<i64>::new(Settings {
        grace_ns: 5 * SECOND_NS,
        ..settings(&["1m"], 3_600 * SECOND_NS)
    })
    .unwrap();
    let states = |set: &mut CandleSet<i64>| -> Vec<_> {
        let rows = set.take();
        rows.iter()
            .map(|row| (row.candle.open_time_ns, row.is_closed, row.revision))
            .collect()
    };
    let minute = 60 * SECOND_NS;
    trade(&mut set, 10, 5);
    assert_eq!(states(&mut set), [(0, false, 0)]);
    assert_eq!(states(&mut set), []);
    trade(&mut set, 62, 6);
    assert_eq!(states(&mut set), [(minute, false, 0)]);
    trade(&mut set, 20, 7);
    assert_eq!(states(&mut set), [(0, false, 0)]);
    set.advance(65 * SECOND_NS);
    assert_eq!(states(&mut set), [(0, true, 0)]);
    trade(&mut set, 30, 8);
    assert_eq!(states(&mut set), [(0, true, 1)]);
}

#[test]
fn amounts_out_of_range_are_refused_and_change_nothing() {
    let mut set = set(&["1m"], 0);
    for (quantity, field) in [(-1, "quantity"), (1_i128 << 96, "quantity")] {
        let refused = set.add_trade(0, Key::default(), 1, quantity, 1, true);
        assert_eq!(refused.unwrap_err().field, field);
    }
    let refused = set.add_trade(0, Key::default(), 1, 1, 1 << 97, true);
    assert_eq!(refused.unwrap_err().field, "value");
    assert!(set.take().is_empty());
}

#[test]
fn prices_that_pass_64_bits_are_exact() {
    let mut set = CandleSet::<i128>::new(settings(&["1m"], 0)).unwrap();
    let columns = TradeColumns {
        groups: None,
        times_ns: &[0, 1],
        ids: &[1, 2],
        prices: &[(1_i128 << 70) + 1, 3],
        quantities: Numbers::Wide(&[3, 2]),
        values: None,
        sides: &[1, -1],
    };
    set.add_columns(&columns, 1).unwrap();
    let figures = set.forming(0).unwrap().candle(0).unwrap().figures;
    assert_eq!(figures.sums.quote_volume, 3 * ((1 << 70) + 1) + 6);
    assert_eq!((figures.high, figures.low), ((1 << 70) + 1, 3));
}

#[test]
fn one_interval_by_two_names_is_refused() {
    let refused = CandleSet::<i64>::new(settings(&["60s", "1m"], 0)).unwrap_err();
    assert_eq!(refused.field, "intervals");
}
