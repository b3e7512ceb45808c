//! What the gateways do for each request that would cost them more in Python.

mod balances;
mod form;
mod hmac_secret;
mod order_reports;
mod spot_order;

pub(crate) use balances::balances_text;
pub(crate) use form::read_form;
pub(crate) use hmac_secret::HmacSecret;
pub(crate) use order_reports::OrderReports;
pub(crate) use spot_order::{SpotInstrument, SpotOrder, Told, step_of};
