//! A bar as the studies of structure take it.

/// Prices of one bucket, as scaled integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// The bucket's open time.
    pub open_time_ns: i64,
    /// The last nanosecond of the bucket: what it confirms is known then, no sooner.
    pub close_time_ns: i64,
    /// The first price.
    pub open: i64,
    /// The greatest price.
    pub high: i64,
    /// The least price.
    pub low: i64,
    /// The last price.
    pub close: i64,
}

impl Bar {
    /// The bar mirrored in price, so that what falls rises.
    #[must_use]
    pub const fn mirrored(&self) -> Self {
        Self {
            open_time_ns: self.open_time_ns,
            close_time_ns: self.close_time_ns,
            open: -self.open,
            high: -self.low,
            low: -self.high,
            close: -self.close,
        }
    }
}
