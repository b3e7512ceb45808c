//! Order lists: orders of one account that hang together.

use crate::check::{Checked, require};
use crate::layout::record;
use crate::{
    CommandKind, ExtendedOrderRecord, ListType, OrderType, RejectReason, Side, StopUnit, Text,
    Trigger, VERSION,
};

record! {
    /// An order list: 128 bytes, followed by `legs` records of kind `list_leg`.
    ListRecord, 128 {
        /// [`CommandKind::NewList`].
        kind: u8,
        /// [`VERSION`].
        version: u8,
        /// Zero.
        flags: u16,
        /// The instrument's number, from 1.
        instrument: u32,
        /// Nanoseconds since 1970 UTC.
        time_ns: u64,
        /// The request id, low word first; zero for none.
        request_id: [u64; 2],
        /// The account's number, from 1.
        account: u32,
        /// [`ListType`].
        list_type: u8,
        /// How many legs follow: 2 or 3.
        legs: u8,
        /// Zeros.
        reserved: [u8; 2],
        /// The client's own name for the list.
        client_list_id: Text<36>,
        /// Zeros.
        reserved_tail: [u8; 52],
    }
}

impl ListRecord {
    /// A list of this type, to be followed by its legs.
    #[must_use]
    pub const fn new(instrument: u32, account: u32, list_type: ListType) -> Self {
        Self {
            kind: CommandKind::NewList as u8,
            version: VERSION,
            flags: 0,
            instrument,
            time_ns: 0,
            request_id: [0; 2],
            account,
            list_type: list_type as u8,
            legs: list_type.legs(),
            reserved: [0; 2],
            client_list_id: Text::EMPTY,
            reserved_tail: [0; 52],
        }
    }

    /// Checks the shape of the list itself; its legs are checked each by its own rules.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check(&self) -> Checked {
        use RejectReason as R;
        require(self.version == VERSION, R::UnsupportedVersion)?;
        require(self.flags == 0, R::InvalidFlags)?;
        require(self.instrument != 0, R::InvalidInstrument)?;
        require(self.account != 0, R::InvalidAccount)?;
        let list_type = ListType::try_from(self.list_type).map_err(|_| R::InvalidList)?;
        require(self.legs == list_type.legs(), R::InvalidList)?;
        require(self.client_list_id.is_valid(), R::InvalidClientOrderId)?;
        let reserved = self.reserved == [0; 2] && self.reserved_tail == [0; 52];
        require(reserved, R::InvalidReserved)
    }

    /// Checks the shape of each leg in turn, then that the legs make a list of this type. The list
    /// itself was checked before.
    ///
    /// # Errors
    /// The 1xx reason of the first field that is wrong.
    pub fn check_legs(&self, legs: &[ExtendedOrderRecord]) -> Checked {
        use RejectReason as R;
        legs.iter().try_for_each(|leg| self.check_leg(leg))?;
        let makes_list = match (ListType::try_from(self.list_type), legs) {
            (Ok(ListType::Oco), [one, other]) => is_pair(one, other),
            (Ok(ListType::Oto), [working, _]) => is_limit(working),
            (Ok(ListType::Otoco), [working, one, other]) => {
                is_limit(working) && is_pair(one, other)
            }
            _ => false,
        };
        require(makes_list, R::InvalidList)
    }

    fn check_leg(&self, leg: &ExtendedOrderRecord) -> Checked {
        use RejectReason as R;
        leg.check_new()?;
        require(leg.base.instrument == self.instrument, R::InvalidInstrument)?;
        require(leg.base.account == self.account, R::InvalidAccount)?;
        require(leg.base.request_id == [0; 2], R::InvalidReserved)
    }
}

impl ListType {
    /// How many legs a list of this type has.
    #[must_use]
    pub const fn legs(self) -> u8 {
        match self {
            Self::Oco | Self::Oto => 2,
            Self::Otoco => 3,
        }
    }
}

const fn is_limit(leg: &ExtendedOrderRecord) -> bool {
    leg.base.order_type == OrderType::Limit as u8
}

const fn is_stop(leg: &ExtendedOrderRecord) -> bool {
    leg.base.order_type == OrderType::Stop as u8
        || leg.base.order_type == OrderType::StopLimit as u8
}

/// The stop price of a stop that does not trail.
fn fixed_stop(leg: &ExtendedOrderRecord) -> Option<i64> {
    (leg.stop_unit == StopUnit::Price as u8).then_some(leg.stop)
}

/// Whether two legs can cancel each other: of one side and quantity, one above the market and the
/// other below it.
fn is_pair(one: &ExtendedOrderRecord, other: &ExtendedOrderRecord) -> bool {
    let (left, right) = (&one.base, &other.base);
    if left.side != right.side || left.quantity_lots != right.quantity_lots {
        return false;
    }
    match (is_limit(one), is_limit(other)) {
        (true, false) => is_stop(other) && stands_behind(one, other),
        (false, true) => is_stop(one) && stands_behind(other, one),
        (false, false) => is_stop(one) && is_stop(other) && stand_apart(one, other),
        (true, true) => false,
    }
}

/// Whether a stop is on the other side of the market than the limit order beside it.
fn stands_behind(limit: &ExtendedOrderRecord, stop: &ExtendedOrderRecord) -> bool {
    let price = limit.base.price_ticks;
    let sells = limit.base.side == Side::Sell as u8;
    let trigger = if sells { Trigger::Fall } else { Trigger::Rise };
    let apart = fixed_stop(stop).is_none_or(|stop| if sells { price > stop } else { price < stop });
    stop.trigger == trigger as u8 && apart
}

/// Whether one of two stops waits above the market and the other below it.
fn stand_apart(one: &ExtendedOrderRecord, other: &ExtendedOrderRecord) -> bool {
    let (rise, fall) = if one.trigger == Trigger::Rise as u8 {
        (one, other)
    } else {
        (other, one)
    };
    let sides = rise.trigger == Trigger::Rise as u8 && fall.trigger == Trigger::Fall as u8;
    let apart = match (fixed_stop(rise), fixed_stop(fall)) {
        (Some(rise), Some(fall)) => rise > fall,
        _ => true,
    };
    sides && apart
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OrderRecord, TimeInForce};

    fn limit(side: Side, price: i64, lots: u64) -> ExtendedOrderRecord {
        let base = OrderRecord::limit(1, 7, side, price, lots);
        ExtendedOrderRecord::new(CommandKind::ListLeg, base)
    }

    fn stop(side: Side, trigger: Trigger, stop: i64, lots: u64) -> ExtendedOrderRecord {
        let mut leg = limit(side, 0, lots);
        leg.base.order_type = OrderType::Stop as u8;
        leg.trigger = trigger as u8;
        leg.stop = stop;
        leg
    }

    fn check(list_type: ListType, legs: &[ExtendedOrderRecord]) -> Checked {
        let list = ListRecord::new(1, 7, list_type);
        list.check()?;
        list.check_legs(legs)
    }

    #[test]
    fn a_pair_stands_on_both_sides_of_the_market() {
        use Side::{Buy, Sell};
        use Trigger::{Fall, Rise};
        let refused = Err(RejectReason::InvalidList);
        let oco = |one, other| check(ListType::Oco, &[one, other]);
        assert_eq!(oco(limit(Sell, 110, 5), stop(Sell, Fall, 90, 5)), Ok(()));
        assert_eq!(oco(stop(Buy, Rise, 110, 5), limit(Buy, 90, 5)), Ok(()));
        assert_eq!(oco(stop(Buy, Rise, 110, 5), stop(Buy, Fall, 90, 5)), Ok(()));
        assert_eq!(oco(limit(Sell, 110, 5), stop(Sell, Rise, 90, 5)), refused);
        assert_eq!(oco(limit(Sell, 90, 5), stop(Sell, Fall, 90, 5)), refused);
        assert_eq!(oco(limit(Sell, 110, 5), stop(Sell, Fall, 90, 4)), refused);
        assert_eq!(oco(limit(Sell, 110, 5), stop(Buy, Fall, 90, 5)), refused);
        assert_eq!(oco(limit(Sell, 110, 5), limit(Sell, 120, 5)), refused);
        assert_eq!(oco(stop(Buy, Rise, 90, 5), stop(Buy, Fall, 90, 5)), refused);
        let mut trailing = stop(Sell, Fall, 500, 5);
        trailing.stop_unit = StopUnit::TrailTicks as u8;
        assert_eq!(oco(limit(Sell, 110, 5), trailing), Ok(()));
    }

    #[test]
    fn a_working_order_is_a_limit_and_what_it_sets_free_is_anything() {
        let working = limit(Side::Buy, 100, 5);
        let mut market = limit(Side::Sell, 0, 3);
        market.base.order_type = OrderType::Market as u8;
        market.base.time_in_force = TimeInForce::Ioc as u8;
        assert_eq!(check(ListType::Oto, &[working, market]), Ok(()));
        let refused = Err(RejectReason::InvalidList);
        assert_eq!(check(ListType::Oto, &[market, working]), refused);
        let (above, below) = (
            limit(Side::Sell, 110, 5),
            stop(Side::Sell, Trigger::Fall, 90, 5),
        );
        assert_eq!(check(ListType::Otoco, &[working, above, below]), Ok(()));
        assert_eq!(check(ListType::Otoco, &[above, working, below]), refused);
        assert_eq!(check(ListType::Otoco, &[working, above]), refused);
    }

    #[test]
    fn a_leg_names_the_list_s_own_account_and_instrument() {
        let (one, mut other) = (limit(Side::Buy, 100, 5), limit(Side::Sell, 100, 5));
        other.base.account = 8;
        assert_eq!(
            check(ListType::Oto, &[one, other]),
            Err(RejectReason::InvalidAccount)
        );
        other.base.instrument = 2;
        assert_eq!(
            check(ListType::Oto, &[one, other]),
            Err(RejectReason::InvalidInstrument)
        );
        let mut named = one;
        named.base.request_id = [1, 0];
        assert_eq!(
            check(ListType::Oto, &[one, named]),
            Err(RejectReason::InvalidReserved)
        );
    }
}
