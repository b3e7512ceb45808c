//! Goal: a recovery is timed only where it is a whole one. Method: a small exchange, recovered by
//! the program of this crate, and by programs that say something else.

use outcry_bench::{ExchangeRow, Place, Row};

const COUNT: usize = 500;

fn measured(child: &[&str]) -> Result<Vec<f64>, String> {
    let place = Place {
        folder: std::env::temp_dir(),
        child: child.iter().map(ToString::to_string).collect(),
    };
    let figures = Row::Exchange(ExchangeRow::Recovery).measure(3, COUNT, &place)?;
    let [figure] = figures.as_slice() else {
        panic!("{figures:?}");
    };
    assert_eq!(figure.unit, "s");
    Ok(figure.runs.clone())
}

#[test]
fn each_run_is_a_new_process() {
    let runs = measured(&[env!("CARGO_BIN_EXE_outcry-bench"), "--first-order"]).unwrap();
    assert_eq!(runs.len(), 3);
    assert!(runs.iter().all(|seconds| *seconds > 0.0), "{runs:?}");
}

/// The setup, the deep book and the tail come before the order.
#[test]
fn a_process_that_accepts_nothing_is_no_figure() {
    for child in [&["echo", "accepted 1"][..], &["false"]] {
        let problem = measured(child).unwrap_err();
        assert!(problem.contains("expected is \"accepted "), "{problem}");
    }
    let problem = measured(&["no-such-program"]).unwrap_err();
    assert!(problem.starts_with("no-such-program: "), "{problem}");
}
