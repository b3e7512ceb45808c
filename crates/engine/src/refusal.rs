//! Why a command is refused, with the bound that it broke.

use outcry_protocol::RejectReason;

/// A refusal; nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: RejectReason,
    /// The limit that was broken, for the filters; else 0.
    pub(crate) bound: u64,
}

impl From<RejectReason> for Refusal {
    fn from(reason: RejectReason) -> Self {
        Self { reason, bound: 0 }
    }
}

/// `Err` with the reason unless the condition holds.
#[inline(always)]
pub(crate) fn require(condition: bool, reason: RejectReason) -> Result<(), Refusal> {
    if condition {
        Ok(())
    } else {
        Err(reason.into())
    }
}

/// `Err` with the reason and the bound unless the condition holds.
#[inline(always)]
pub(crate) fn within(condition: bool, reason: RejectReason, bound: u64) -> Result<(), Refusal> {
    if condition {
        Ok(())
    } else {
        Err(Refusal { reason, bound })
    }
}
