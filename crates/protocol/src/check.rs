//! How the records check themselves.

use crate::RejectReason;

/// Nothing, or the reason of the first field that is wrong.
pub(crate) type Checked = Result<(), RejectReason>;

/// `Err(reason)` unless the condition holds.
#[inline]
pub(crate) const fn require(condition: bool, reason: RejectReason) -> Checked {
    if condition { Ok(()) } else { Err(reason) }
}
