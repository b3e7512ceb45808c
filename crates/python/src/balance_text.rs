//! What an account has, as the spot API's JSON.

use std::collections::HashMap;

use outcry_protocol::AssetRecord;
use outcry_spot::{Json, places_of};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zerocopy::FromBytes;

use crate::bytes::{AlignedBytes, rows_in};
use crate::errors::malformed_record;
use crate::views::BalanceRow;

/// About what a balance takes.
const BALANCE_BYTES: usize = 80;

/// `[{"asset":…,"free":…,"locked":…},…]` of `BalanceRow`s, in the order of the assets, which are
/// given as `AssetRecord`s; assets without a row are told as nothing, or left out.
#[pyfunction]
#[pyo3(signature = (balances, assets, leaves_out_empty, /))]
pub(crate) fn balances_text<'py>(
    py: Python<'py>,
    balances: &Bound<'_, PyAny>,
    assets: &Bound<'_, PyAny>,
    leaves_out_empty: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let (balances, assets) = (AlignedBytes::of(balances)?, AlignedBytes::of(assets)?);
    let rows: &[BalanceRow] = rows_in(&balances)?;
    let by_asset: HashMap<u32, &BalanceRow> = rows.iter().map(|row| (row.asset, row)).collect();
    let assets = <[AssetRecord]>::ref_from_bytes(&assets)
        .map_err(|_| malformed_record(0, "assets: are no records of assets"))?;
    let mut json = Json::with_capacity(2 + assets.len() * BALANCE_BYTES);
    json.raw("[");
    let mut told = 0;
    for asset in assets {
        let row = by_asset.get(&asset.asset);
        if row.is_none() && leaves_out_empty {
            continue;
        }
        json.item(told);
        write_balance(&mut json, asset, row.copied());
        told += 1;
    }
    json.raw("]");
    Ok(PyBytes::new(py, json.bytes()))
}

fn write_balance(json: &mut Json, asset: &AssetRecord, row: Option<&BalanceRow>) {
    json.raw("{\"asset\":");
    json.text(asset.name.as_str());
    json.raw(",\"free\":");
    write_amount(json, asset, row.map(BalanceRow::available));
    json.raw(",\"locked\":");
    write_amount(json, asset, row.map(BalanceRow::held));
    json.raw("}");
}

fn write_amount(json: &mut Json, asset: &AssetRecord, amount: Option<i128>) {
    match amount {
        Some(units) => json.signed_decimal(units, asset.decimals, places_of(asset.decimals)),
        None => json.zero(),
    }
}
