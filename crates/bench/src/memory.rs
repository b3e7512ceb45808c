//! What a resting order costs.

use crate::Figure;
use outcry_engine::Engine;

/// Bytes of a plain resting order beside its slot in the id table.
pub(crate) fn measure() -> Figure {
    Figure {
        name: "memory/resting_order".to_owned(),
        unit: "bytes",
        runs: vec![Engine::RESTING_ORDER_BYTES as f64],
        setting: format!(
            "the size of its record; beside it a slot of {} bytes in the id table, of which at \
             most three in eight are taken",
            Engine::RESTING_ORDER_ID_BYTES
        ),
    }
}
