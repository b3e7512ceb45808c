//! A new order as a client says it: read, and checked for what may stand together.
//!
//! Numbers stay texts here: whether they are steps of the instrument is for whoever sends the order
//! to say, behind all that is wrong with its words.

use outcry_protocol::{SelfTrade, Side, Text, TimeInForce};

use crate::refusal::Refusal;
use crate::words::{Kind, kind_of, self_trade_of, side_of, time_in_force_of};

const NUMBER: &str = r"^([0-9]{1,20})(\.[0-9]{1,20})?$";
const WHOLE: &str = r"^[0-9]{1,20}$";
const CLIENT_ID: &str = r"^[\.A-Z\:/a-z0-9_-]{1,36}$";
const DIGITS_MAX: usize = 20;
/// Decimals that any number may be written with.
const PLACES: usize = 8;

/// What an order does that says nothing of it, as at the venue.
const SELF_TRADE_USUAL: SelfTrade = SelfTrade::CancelMaker;
/// The API's LONG.
const STRATEGY_ID_MAX: u64 = i64::MAX as u64;
/// The API's INT.
const STRATEGY_TYPE_MAX: u64 = i32::MAX as u64;
const STRATEGY_TYPE_MIN: u64 = 1_000_000;
/// A trailing delta counts in hundredths of a percent.
pub(crate) const PPM_PER_BIP: u32 = 100;
const TRAILING_BIPS_MAX: u64 = 2_000;

/// How much the reply to an order tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Its ids and when it was accepted.
    Ack,
    /// How it stands as well.
    Result,
    /// Its trades as well.
    Full,
}

/// A new order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// Its side.
    pub side: Side,
    /// Its type.
    pub kind: Kind,
    /// How long it lives, where it says so.
    pub time_in_force: Option<TimeInForce>,
    /// What happens where it meets one of its own.
    pub self_trade: SelfTrade,
    /// Its limit.
    pub price: Option<Box<str>>,
    /// How much of the base asset.
    pub quantity: Option<Box<str>>,
    /// How much of the quote asset, instead.
    pub amount: Option<Box<str>>,
    /// What it shows of itself.
    pub display: Option<Box<str>>,
    /// The price that it waits for.
    pub stop: Option<Box<str>>,
    /// How far behind the best trade it waits, instead, in parts per million.
    pub trail_ppm: Option<u32>,
    /// The client's number for what it belongs to.
    pub strategy_id: Option<u64>,
    /// The client's number for the kind of that.
    pub strategy_type: Option<u64>,
    /// The client's name for it, or one that was made for it.
    pub client_order_id: Text<36>,
    /// How much the reply tells.
    pub detail: Detail,
}

impl NewOrder {
    /// Reads an order.
    ///
    /// `find` gives a field by its name; `decimals_max` is the most decimals that a number of the
    /// instrument has; `made` names an order that its client has no name for.
    ///
    /// # Errors
    ///
    /// A field is missing, wrong, or has no place in this type of order.
    pub fn read<'a>(
        find: impl Fn(&'static str) -> Option<&'a str>,
        decimals_max: u8,
        made: Text<36>,
    ) -> Result<Self, Refusal> {
        let fields = Fields {
            find,
            decimals_max: usize::from(decimals_max),
        };
        let side = side_of(fields.text("side")?).ok_or(Refusal::Said(-1117, "Invalid side."))?;
        let kind = kind_of(fields.text("type")?);
        let kind = kind.ok_or(Refusal::Said(-1116, "Invalid orderType."))?;
        let mut order = Self {
            side,
            kind,
            time_in_force: None,
            self_trade: SELF_TRADE_USUAL,
            price: None,
            quantity: None,
            amount: None,
            display: None,
            stop: None,
            trail_ppm: None,
            strategy_id: None,
            strategy_type: None,
            client_order_id: fields.client_order_id()?.unwrap_or(made),
            detail: match kind {
                Kind::Limit | Kind::Market => Detail::Full,
                _ => Detail::Ack,
            },
        };
        if let Some(mode) = fields.choice("selfTradePreventionMode", self_trade_of)? {
            order.self_trade = mode;
        }
        match kind {
            Kind::LimitMaker => order.read_limit_maker(&fields)?,
            Kind::Market => order.read_market(&fields)?,
            Kind::StopLoss | Kind::TakeProfit => order.read_stop_market(&fields)?,
            Kind::Limit | Kind::StopLossLimit | Kind::TakeProfitLimit => {
                order.read_limit(&fields)?;
            }
        }
        if kind.trigger(side).is_some() {
            order.read_stop(&fields)?;
        } else {
            fields.refuse(&["stopPrice", "trailingDelta"])?;
        }
        order.read_strategy(&fields)?;
        if let Some(detail) = fields.choice("newOrderRespType", detail_of)? {
            order.detail = detail;
        }
        Ok(order)
    }

    fn read_limit<'a>(&mut self, fields: &Fields<impl Find<'a>>) -> Result<(), Refusal> {
        let lives = time_in_force_of(fields.text("timeInForce")?);
        let lives = lives.ok_or(Refusal::Said(-1115, "Invalid timeInForce."))?;
        self.time_in_force = Some(lives);
        self.quantity = Some(fields.number("quantity")?);
        self.price = Some(fields.number("price")?);
        fields.refuse(&["quoteOrderQty"])?;
        self.display = fields.display()?;
        if self.display.is_some() && lives != TimeInForce::Gtc {
            return Err(Refusal::Said(-1013, "Iceberg orders must be GTC."));
        }
        Ok(())
    }

    fn read_limit_maker<'a>(&mut self, fields: &Fields<impl Find<'a>>) -> Result<(), Refusal> {
        self.quantity = Some(fields.number("quantity")?);
        self.price = Some(fields.number("price")?);
        fields.refuse(&["quoteOrderQty", "timeInForce"])?;
        self.display = fields.display()?;
        Ok(())
    }

    fn read_market<'a>(&mut self, fields: &Fields<impl Find<'a>>) -> Result<(), Refusal> {
        fields.refuse(&["price", "timeInForce", "icebergQty"])?;
        self.quantity = fields.number_or_none("quantity")?;
        self.amount = fields.number_or_none("quoteOrderQty")?;
        match (&self.quantity, &self.amount) {
            (None, None) => Err(Refusal::Missing("quantity")),
            (Some(_), Some(_)) => Err(Refusal::Said(
                -1128,
                "Combination of optional parameters invalid.",
            )),
            _ => Ok(()),
        }
    }

    fn read_stop_market<'a>(&mut self, fields: &Fields<impl Find<'a>>) -> Result<(), Refusal> {
        self.quantity = Some(fields.number("quantity")?);
        fields.refuse(&["price", "timeInForce", "quoteOrderQty", "icebergQty"])
    }

    fn read_stop<'a>(&mut self, fields: &Fields<impl Find<'a>>) -> Result<(), Refusal> {
        self.stop = fields.number_or_none("stopPrice")?;
        let Some(bips) = fields.whole_or_none("trailingDelta", u64::MAX)? else {
            return match self.stop {
                Some(_) => Ok(()),
                None => Err(Refusal::Missing("stopPrice")),
            };
        };
        if self.stop.is_some() {
            // The engine follows the trades from the entry on; a price at which to begin it does
            // not know.
            return Err(Refusal::NotRequired("stopPrice"));
        }
        if bips == 0 || bips > TRAILING_BIPS_MAX {
            return Err(Refusal::Said(-1013, "Filter failure: TRAILING_DELTA"));
        }
        self.trail_ppm = Some(bips as u32 * PPM_PER_BIP);
        Ok(())
    }

    fn read_strategy<'a>(&mut self, fields: &Fields<impl Find<'a>>) -> Result<(), Refusal> {
        self.strategy_id = fields.whole_or_none("strategyId", STRATEGY_ID_MAX)?;
        self.strategy_type = fields.whole_or_none("strategyType", STRATEGY_TYPE_MAX)?;
        if self
            .strategy_type
            .is_some_and(|number| number < STRATEGY_TYPE_MIN)
        {
            let text = "strategyType was less than 1000000.";
            return Err(Refusal::Said(-1134, text));
        }
        Ok(())
    }

    /// Its trailing distance in hundredths of a percent.
    pub(crate) fn trailing_bips(&self) -> Option<u32> {
        self.trail_ppm.map(|ppm| ppm / PPM_PER_BIP)
    }
}

fn detail_of(word: &str) -> Option<Detail> {
    match word {
        "ACK" => Some(Detail::Ack),
        "RESULT" => Some(Detail::Result),
        "FULL" => Some(Detail::Full),
        _ => None,
    }
}

/// Gives a field by its name.
trait Find<'a>: Fn(&'static str) -> Option<&'a str> {}

impl<'a, F: Fn(&'static str) -> Option<&'a str>> Find<'a> for F {}

/// The fields of a call, read as what they must be.
struct Fields<F> {
    find: F,
    decimals_max: usize,
}

impl<'a, F: Find<'a>> Fields<F> {
    /// A field that must be there.
    fn text(&self, name: &'static str) -> Result<&'a str, Refusal> {
        let found = (self.find)(name).filter(|text| !text.is_empty());
        found.ok_or(Refusal::Missing(name))
    }

    /// A field that says something where it is there.
    fn text_or_none(&self, name: &'static str) -> Result<Option<&'a str>, Refusal> {
        match (self.find)(name) {
            Some("") => Err(Refusal::Empty(name)),
            found => Ok(found),
        }
    }

    /// A number that must be there.
    fn number(&self, name: &'static str) -> Result<Box<str>, Refusal> {
        self.text(name)?;
        let found = self.number_or_none(name)?;
        found.ok_or(Refusal::Missing(name))
    }

    /// A plain decimal number above 0.
    fn number_or_none(&self, name: &'static str) -> Result<Option<Box<str>>, Refusal> {
        let Some(text) = self.text_or_none(name)? else {
            return Ok(None);
        };
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        if !is_whole(whole) || !is_whole(part) {
            return Err(Refusal::Illegal(name, NUMBER));
        }
        // Zeros at the end say nothing.
        if part.len() > PLACES && part.trim_end_matches('0').len() > self.decimals_max {
            return Err(Refusal::TooPrecise(name));
        }
        if is_zero(text) {
            return Err(Refusal::Said(-1013, no_number(name)));
        }
        Ok(Some(text.into()))
    }

    fn whole_or_none(&self, name: &'static str, most: u64) -> Result<Option<u64>, Refusal> {
        let Some(text) = self.text_or_none(name)? else {
            return Ok(None);
        };
        if !is_whole(text) {
            return Err(Refusal::Illegal(name, WHOLE));
        }
        let value = text.parse().ok().filter(|value| *value <= most);
        value.map(Some).ok_or(Refusal::NotValid(name))
    }

    /// What a word of a closed set means.
    fn choice<T>(
        &self,
        name: &'static str,
        of: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let word = self.text_or_none(name)?;
        word.map(|word| of(word).ok_or(Refusal::NotValid(name)))
            .transpose()
    }

    fn client_order_id(&self) -> Result<Option<Text<36>>, Refusal> {
        let name = "newClientOrderId";
        let Some(text) = self.text_or_none(name)? else {
            return Ok(None);
        };
        let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
        let legal = Some(text).filter(|text| text.bytes().all(is_legal));
        let read = legal.and_then(Text::new);
        read.map(Some).ok_or(Refusal::Illegal(name, CLIENT_ID))
    }

    /// What an iceberg shows; 0 stands for none at some clients.
    fn display(&self) -> Result<Option<Box<str>>, Refusal> {
        match (self.find)("icebergQty") {
            Some(text) if is_zero(text) => Ok(None),
            _ => self.number_or_none("icebergQty"),
        }
    }

    fn refuse(&self, names: &[&'static str]) -> Result<(), Refusal> {
        let found = names.iter().find(|name| (self.find)(name).is_some());
        found.map_or(Ok(()), |name| Err(Refusal::NotRequired(name)))
    }
}

fn is_whole(text: &str) -> bool {
    let has_fit_length = (1..=DIGITS_MAX).contains(&text.len());
    has_fit_length && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text is a number that says nothing.
fn is_zero(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    is_whole(whole) && is_whole(part) && text.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

fn no_number(name: &str) -> &'static str {
    match name {
        "price" => "Invalid price.",
        "stopPrice" => "Invalid stopPrice.",
        "icebergQty" => "Invalid icebergQty.",
        _ => "Invalid quantity.",
    }
}
