//! What the gateways do for each request that would cost them more in Python.

mod form;
mod hmac_secret;
mod spot_order;

pub(crate) use form::read_form;
pub(crate) use hmac_secret::HmacSecret;
pub(crate) use spot_order::{SpotInstrument, SpotOrder, Told, step_of};
