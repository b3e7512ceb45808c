//! Reply times at a fixed rate, from the time at which each message was to start.

use crate::ring::ring;
use crate::throughput::{COMMAND, Flow, PUBLISH_EVERY, RING};
use crate::{Figure, Problem};
use hdrhistogram::Histogram;
use outcry_protocol::{EventKind, EventRecord};
use outcry_simulate::Workload;
use outcry_simulate::w1::SCENARIOS;
use std::time::{Duration, Instant};

/// Messages a second.
const RATE: u64 = 1_000_000;

/// Nanoseconds between two messages.
const INTERVAL_NS: u64 = 1_000_000_000 / RATE;

/// From the making of the threads to the first message.
const LEAD: Duration = Duration::from_millis(5);

/// The longest reply time that is told from longer ones: what is later counts as this.
const LONGEST_NS: u64 = 60_000_000_000;

const NORMAL: Workload = Workload::W1(SCENARIOS[1]);

const PERCENTILES: [(&str, f64); 3] = [
    ("latency/w1/p50", 50.0),
    ("latency/w1/p99", 99.0),
    ("latency/w1/p99.99", 99.99),
];

/// Measures W1's normal scenario `runs` times.
pub(crate) fn measure(runs: usize, count: usize) -> Result<Vec<Figure>, Problem> {
    let flow = Flow::verified(&NORMAL, count)?;
    let setting = format!(
        "{messages} messages, open loop at {RATE}/s, from the intended start to the first report \
         on the second thread; room for {orders} orders; batch 1; ring {RING}, published after \
         each message; 2 threads that spin",
        messages = flow.messages(),
        orders = flow.capacity,
    );
    let figure = |(name, _): &(&str, f64)| Figure {
        name: (*name).to_owned(),
        unit: "ns",
        runs: Vec::new(),
        setting: setting.clone(),
    };
    let mut figures: Vec<_> = PERCENTILES.iter().map(figure).collect();
    for _ in 0..runs {
        let histogram = run(&flow)?;
        for (figure, (_, percentile)) in figures.iter_mut().zip(PERCENTILES) {
            figure
                .runs
                .push(histogram.value_at_percentile(percentile) as f64);
        }
    }
    Ok(figures)
}

fn run(flow: &Flow) -> Result<Histogram<u64>, Problem> {
    let mut engine = flow.engine()?;
    let first_sequence = engine.sequence() + 1;
    let (mut writer, mut reader) = ring(RING, PUBLISH_EVERY);
    let start = Instant::now() + LEAD;
    let histogram = std::thread::scope(|scope| {
        let reading = scope.spawn(move || {
            let mut histogram =
                Histogram::new_with_bounds(1, LONGEST_NS, 3).expect("the bounds are apart");
            let mut last_sequence = first_sequence - 1;
            let mut take = |record: &EventRecord| {
                let answers = record.kind != EventKind::Traded as u8;
                if answers && record.sequence_or_price != last_sequence {
                    last_sequence = record.sequence_or_price;
                    let late = lateness_ns(start, last_sequence - first_sequence);
                    histogram.saturating_record(late);
                }
            };
            while reader.drain(&mut take) {
                std::hint::spin_loop();
            }
            reader.drain(&mut take);
            histogram
        });
        for (number, command) in (0_u64..).zip(flow.bytes().chunks(COMMAND)) {
            let due = start + Duration::from_nanos(number * INTERVAL_NS);
            while Instant::now() < due {
                std::hint::spin_loop();
            }
            engine
                .apply(command, &mut writer)
                .expect("whole commands of one size");
            writer.publish();
        }
        writer.close();
        reading.join().expect("the reader does not panic")
    });
    let (answered, messages) = (histogram.len(), flow.messages());
    if engine.digest() == flow.digest && answered == messages as u64 {
        Ok(histogram)
    } else {
        Err(format!(
            "{answered} of {messages} messages were answered, with digest {:016x}, expected is \
             {:016x}",
            engine.digest().0,
            flow.digest.0
        ))
    }
}

/// Nanoseconds since the message with this number was to start.
fn lateness_ns(start: Instant, number: u64) -> u64 {
    let due = start + Duration::from_nanos(number * INTERVAL_NS);
    Instant::now().saturating_duration_since(due).as_nanos() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_events_than_expected_fail_the_run() {
        let mut flow = Flow::verified(&NORMAL, 500).unwrap();
        let histogram = run(&flow).expect("the expected events pass");
        // No cache line goes from core to core within this, nor do the threads stand still so long.
        assert!(histogram.min() > 10 && histogram.max() < LONGEST_NS);
        flow.digest.0 ^= 1;
        let problem = run(&flow).unwrap_err();
        assert!(problem.contains("messages were answered"), "{problem}");
    }
}
