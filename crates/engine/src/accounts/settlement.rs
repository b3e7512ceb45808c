//! What a trade moves: the goods, the price, the fees.

use super::Accounts;
use super::holders::FEES;

const PPM: u64 = 1_000_000;

/// An amount of an asset.
pub(crate) type Amount = (u32, u128);

/// One side of a trade: who, at what rate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Party {
    pub(crate) holder: u32,
    pub(crate) rate_ppm: i32,
}

impl Accounts {
    /// Moves `given` from taker to maker and `taken` from maker to taker, less the fees.
    ///
    /// The taker pays from what is available: what it held was released before its pass. The fee
    /// is taken from what each side receives; a maker with a negative rate is paid out of
    /// the taker's fee, in the asset that the taker receives.
    #[inline(always)]
    pub(crate) fn exchange(&mut self, taker: Party, maker: Party, given: Amount, taken: Amount) {
        let taker_fee = fee(taker.rate_ppm.unsigned_abs(), taken.1);
        let (maker_fee, rebate) = if maker.rate_ppm >= 0 {
            (fee(maker.rate_ppm.cast_unsigned(), given.1), 0)
        } else {
            let wished = fee(maker.rate_ppm.unsigned_abs(), taken.1);
            (0, wished.min(taker_fee))
        };
        let (given_asset, given) = (given.0, given.1.cast_signed());
        let (taken_asset, taken) = (taken.0, taken.1.cast_signed());
        self.balance(taker.holder, given_asset).available -= given;
        self.balance(taker.holder, taken_asset).available += taken - taker_fee.cast_signed();
        self.balance(maker.holder, given_asset).available += given - maker_fee.cast_signed();
        let paid = self.balance(maker.holder, taken_asset);
        paid.held -= taken;
        paid.available += rebate.cast_signed();
        if taker_fee > rebate {
            self.balance(FEES, taken_asset).available += (taker_fee - rebate).cast_signed();
        }
        if maker_fee > 0 {
            self.balance(FEES, given_asset).available += maker_fee.cast_signed();
        }
    }

    /// What an account's orders are stamped with: its place, group, maker and taker rate.
    #[inline(always)]
    pub(crate) fn terms_of(&self, account: u32) -> Option<(u32, u32, i32, i32)> {
        let place = self.holders.find(account)?;
        let holder = self.holders.at(place);
        let (maker, taker) = (holder.maker_rate_ppm, holder.taker_rate_ppm);
        Some((place, holder.group, maker, taker))
    }
}

/// The part of an amount that a rate in parts per million takes, rounded down.
#[inline(always)]
fn fee(rate_ppm: u32, received: u128) -> u128 {
    if rate_ppm == 0 {
        return 0;
    }
    let rate = u64::from(rate_ppm);
    match u64::try_from(received) {
        // Whole millions and the rest apart, so that nothing is wider than 64 bits.
        Ok(received) => {
            u128::from(received / PPM) * u128::from(rate) + u128::from(received % PPM * rate / PPM)
        }
        Err(_) => wide_fee(rate, received),
    }
}

#[cold]
fn wide_fee(rate_ppm: u64, received: u128) -> u128 {
    received * u128::from(rate_ppm) / u128::from(PPM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn narrow_and_wide_fees_agree(rate in 0_u32..=1_000_000, received in 0_u128..=1 << 100) {
            let expected = received * u128::from(rate) / 1_000_000;
            prop_assert_eq!(fee(rate, received), expected);
            let narrow = received >> 40;
            prop_assert_eq!(fee(rate, narrow), narrow * u128::from(rate) / 1_000_000);
        }
    }
}
