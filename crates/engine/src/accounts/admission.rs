//! What an account may do in its state.

use super::Accounts;
use super::holders::Holder;
use crate::refusal::{Refusal, require};
use outcry_protocol::{AccountState, FEE_ACCOUNT, RejectReason as R};

/// What a command does in the name of its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// Something that asks for no more than an account: cancels, and money in.
    Exist,
    /// Orders and replaces.
    Trade,
    /// Money on its way out.
    Withdraw,
    /// Money to another account.
    Pay,
}

impl Accounts {
    /// The place of an account that may do this.
    #[inline(always)]
    pub(crate) fn admit(&self, account: u32, act: Act) -> Result<u32, Refusal> {
        let Some(place) = self.holders.find(account) else {
            return Err(R::UnknownAccount.into());
        };
        let holder = self.holders.at(place);
        if holder.state != AccountState::Active || account == FEE_ACCOUNT {
            check_state(holder, act)?;
        }
        Ok(place)
    }
}

#[cold]
fn check_state(holder: &Holder, act: Act) -> Result<(), Refusal> {
    let trades = act == Act::Trade;
    require(!trades || holder.account != FEE_ACCOUNT, R::AccountReserved)?;
    match (holder.state, act) {
        (AccountState::Active, _) | (_, Act::Exist) | (AccountState::CancelOnly, Act::Withdraw) => {
            Ok(())
        }
        (AccountState::CancelOnly, _) => Err(R::AccountCancelOnly.into()),
        (AccountState::Frozen, _) => Err(R::AccountFrozen.into()),
    }
}
