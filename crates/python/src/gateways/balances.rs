//! What an account has, as the spot API's JSON.

use std::collections::HashMap;

use outcry_protocol::AssetRecord;
use outcry_spot::{Balance, write_balances};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zerocopy::FromBytes;

use crate::bytes::{AlignedBytes, rows_in};
use crate::errors::malformed_record;
use crate::views::BalanceRow;

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
    let told = assets.iter().filter_map(|asset| {
        let row = by_asset.get(&asset.asset);
        if row.is_none() && leaves_out_empty {
            return None;
        }
        Some(Balance {
            asset: asset.name.as_str(),
            decimals: asset.decimals,
            amounts: row.map(|row| (row.available(), row.held())),
        })
    });
    Ok(PyBytes::new(py, write_balances(told).bytes()))
}
