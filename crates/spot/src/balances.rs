//! What an account has, as JSON.

use crate::json::{Json, places_of};

/// About what a balance takes.
const BALANCE_BYTES: usize = 80;

/// What an account has of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance<'a> {
    /// The asset.
    pub asset: &'a str,
    /// Decimals of its smallest unit.
    pub decimals: u8,
    /// What is free to use and what is held, in smallest units; `None` where it never had any.
    pub amounts: Option<(i128, i128)>,
}

/// `[{"asset":…,"free":…,"locked":…},…]`.
pub fn write_balances<'a>(balances: impl Iterator<Item = Balance<'a>>) -> Json {
    let (_, most) = balances.size_hint();
    let mut json = Json::with_capacity(2 + most.unwrap_or_default() * BALANCE_BYTES);
    json.raw("[");
    for (place, balance) in balances.enumerate() {
        json.item(place);
        json.raw("{\"asset\":");
        json.text(balance.asset);
        json.raw(",\"free\":");
        write_amount(&mut json, &balance, balance.amounts.map(|(free, _)| free));
        json.raw(",\"locked\":");
        write_amount(&mut json, &balance, balance.amounts.map(|(_, held)| held));
        json.raw("}");
    }
    json.raw("]");
    json
}

fn write_amount(json: &mut Json, balance: &Balance<'_>, units: Option<i128>) {
    match units {
        Some(units) => json.signed_decimal(units, balance.decimals, places_of(balance.decimals)),
        None => json.zero(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_json() {
        let told = [
            Balance {
                asset: "BTC",
                decimals: 8,
                amounts: Some((150_000_000, -1)),
            },
            Balance {
                asset: "USDT",
                decimals: 2,
                amounts: None,
            },
        ];
        assert_eq!(
            std::str::from_utf8(write_balances(told.into_iter()).bytes()).unwrap(),
            "[{\"asset\":\"BTC\",\"free\":\"1.50000000\",\"locked\":\"-0.00000001\"},\
             {\"asset\":\"USDT\",\"free\":\"0.00000000\",\"locked\":\"0.00000000\"}]"
        );
    }
}
