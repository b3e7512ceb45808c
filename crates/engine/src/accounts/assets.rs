//! What can be held: assets by number and by name.

use crate::refusal::{Refusal, require};
use outcry_protocol::{AssetRecord, RejectReason as R, Text};
use std::collections::{BTreeMap, BTreeSet};

/// An asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asset {
    pub(crate) name: Text<16>,
    pub(crate) decimals: u8,
}

/// Every asset of the machine.
#[derive(Debug, Clone)]
pub(super) struct Assets {
    by_number: BTreeMap<u32, Asset>,
    names: BTreeSet<Text<16>>,
    asset_max: u32,
}

impl Assets {
    pub(super) const fn new(asset_max: u32) -> Self {
        Self {
            by_number: BTreeMap::new(),
            names: BTreeSet::new(),
            asset_max,
        }
    }

    /// Adds an asset whose record was checked.
    pub(super) fn add(&mut self, record: &AssetRecord) -> Result<(), Refusal> {
        let taken = self.by_number.contains_key(&record.asset) || self.names.contains(&record.name);
        require(!taken, R::AssetExists)?;
        require(record.asset <= self.asset_max, R::TooManyAssets)?;
        let asset = Asset {
            name: record.name,
            decimals: record.decimals,
        };
        self.insert(record.asset, asset);
        Ok(())
    }

    pub(super) fn insert(&mut self, number: u32, asset: Asset) {
        self.names.insert(asset.name);
        self.by_number.insert(number, asset);
    }

    /// An asset, or `unknown_asset`.
    pub(super) fn known(&self, number: u32) -> Result<&Asset, Refusal> {
        let asset = self.by_number.get(&number);
        asset.ok_or_else(|| R::UnknownAsset.into())
    }

    /// Every asset, by number.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (u32, &Asset)> {
        self.by_number
            .iter()
            .map(|(number, asset)| (*number, asset))
    }
}
