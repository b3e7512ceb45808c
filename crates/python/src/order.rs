//! A new order, a replace or a cancel, in the smallest record that holds it.

use outcry_protocol::{AmountOrderRecord, CommandKind, ExtendedOrderRecord, OrderRecord, Text};

/// The record of a command about an order.
pub(crate) enum OrderCommand {
    Plain(OrderRecord),
    Extended(ExtendedOrderRecord),
    Amount(AmountOrderRecord),
}

impl OrderCommand {
    /// A new order; with an amount, only those of its fields that such an order has.
    #[inline]
    pub(crate) fn new(order: &ExtendedOrderRecord, amount: u128) -> Self {
        let base = OrderRecord {
            kind: CommandKind::New as u8,
            ..order.base
        };
        if amount != 0 {
            let mut record = AmountOrderRecord::new(base, amount);
            record.client_order_id = order.client_order_id;
            return Self::Amount(record);
        }
        let is_plain = *order == ExtendedOrderRecord::new(CommandKind::NewExtended, base);
        if is_plain && base.check_new().is_ok() {
            Self::Plain(base)
        } else {
            Self::Extended(*order)
        }
    }

    /// A replace.
    #[inline]
    pub(crate) fn replace(base: OrderRecord, client_order_id: Option<Text<36>>, stop: i64) -> Self {
        if client_order_id.is_none() && stop == 0 {
            return Self::Plain(base);
        }
        let mut extended = ExtendedOrderRecord::new(CommandKind::ReplaceExtended, base);
        extended.client_order_id = client_order_id.unwrap_or_default();
        extended.stop = stop;
        Self::Extended(extended)
    }

    /// A cancel.
    #[inline]
    pub(crate) fn cancel(base: OrderRecord, client_order_id: Option<Text<36>>) -> Self {
        let Some(name) = client_order_id else {
            return Self::Plain(base);
        };
        let mut extended = ExtendedOrderRecord::new(CommandKind::CancelExtended, base);
        extended.client_order_id = name;
        Self::Extended(extended)
    }

    /// Its bytes.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(record) => record.as_record_bytes(),
            Self::Extended(record) => record.as_record_bytes(),
            Self::Amount(record) => record.as_record_bytes(),
        }
    }

    /// The fields that all of them have.
    #[inline]
    pub(crate) const fn base(&self) -> &OrderRecord {
        match self {
            Self::Plain(record) => record,
            Self::Extended(record) => &record.base,
            Self::Amount(record) => &record.base,
        }
    }
}
