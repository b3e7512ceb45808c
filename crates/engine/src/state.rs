//! The whole state as bytes: what the state hash is taken of, and what a snapshot holds.

use crate::config::EngineConfig;
use crate::engine::{Either, Engine, either};
use crate::machine::{Keeper, Machine};
use outcry_protocol::Digest;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// The first bytes; another layout has another name.
const NAME: &[u8; 14] = b"outcry-state-3";

/// State bytes that cannot be taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LoadError {
    /// They end too early.
    #[error("state: ends within what stands at offset {offset}")]
    Truncated {
        /// Where the bytes ended.
        offset: usize,
    },
    /// Another layout.
    #[error("state: the layout is not outcry-state-3")]
    Layout,
    /// Of a machine with money for one without, or the other way round.
    #[error("money: {has} in the state, not so in the configuration")]
    Money {
        /// Whether the state has money.
        has: bool,
    },
    /// Something that no machine would have written.
    #[error("{what}: wrong at offset {offset} of the state")]
    Wrong {
        /// What it is.
        what: &'static str,
        /// Where it ends.
        offset: usize,
    },
}

/// Reads state bytes from front to back.
#[derive(Debug)]
pub(crate) struct StateReader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> StateReader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    #[inline(always)]
    pub(crate) fn array<const SIZE: usize>(&mut self) -> Result<[u8; SIZE], LoadError> {
        let rest = &self.bytes[self.offset..];
        let Some((found, _)) = rest.split_first_chunk::<SIZE>() else {
            return Err(LoadError::Truncated {
                offset: self.offset,
            });
        };
        self.offset += SIZE;
        Ok(*found)
    }

    #[inline(always)]
    pub(crate) fn u8(&mut self) -> Result<u8, LoadError> {
        Ok(self.array::<1>()?[0])
    }

    #[inline(always)]
    pub(crate) fn u16(&mut self) -> Result<u16, LoadError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    #[inline(always)]
    pub(crate) fn u32(&mut self) -> Result<u32, LoadError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    #[inline(always)]
    pub(crate) fn i32(&mut self) -> Result<i32, LoadError> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    #[inline(always)]
    pub(crate) fn u64(&mut self) -> Result<u64, LoadError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    #[inline(always)]
    pub(crate) fn i64(&mut self) -> Result<i64, LoadError> {
        Ok(i64::from_le_bytes(self.array()?))
    }

    #[inline(always)]
    pub(crate) fn u128(&mut self) -> Result<u128, LoadError> {
        Ok(u128::from_le_bytes(self.array()?))
    }

    pub(crate) fn i128(&mut self) -> Result<i128, LoadError> {
        Ok(i128::from_le_bytes(self.array()?))
    }

    /// Refuses what was read last.
    #[inline(always)]
    pub(crate) fn expect(&self, condition: bool, what: &'static str) -> Result<(), LoadError> {
        if condition {
            Ok(())
        } else {
            Err(self.wrong(what))
        }
    }

    #[cold]
    pub(crate) const fn wrong(&self, what: &'static str) -> LoadError {
        LoadError::Wrong {
            what,
            offset: self.offset,
        }
    }

    /// How many bytes are left.
    pub(crate) const fn left(&self) -> usize {
        self.bytes.len() - self.offset
    }

    fn is_at_end(&self) -> bool {
        self.offset == self.bytes.len()
    }
}

impl Engine {
    /// SHA-256 over the whole state, laid out as `docs/rules.md` says. Walks the state.
    #[must_use]
    pub fn state_hash(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        self.save(&mut |bytes| hasher.update(bytes));
        hasher.finalize().into()
    }

    /// Feeds the whole state to `feed`, piece by piece: what [`Engine::load`] takes up, and what
    /// the state hash is taken of.
    pub fn save(&self, feed: &mut impl FnMut(&[u8])) {
        either!(self, machine => machine.save(feed));
    }

    /// An engine in the state that these bytes hold. The bytes are trusted to come from
    /// [`Engine::save`]; their hash is the caller's to check.
    ///
    /// # Errors
    /// [`LoadError`] names what is wrong.
    pub fn load(config: EngineConfig, bytes: &[u8]) -> Result<Self, LoadError> {
        let mut engine = Self::new(config);
        let mut from = StateReader::new(bytes);
        either!(&mut engine, machine => machine.load(&mut from))?;
        from.expect(from.is_at_end(), "length")?;
        Ok(engine)
    }
}

impl<L: Keeper> Machine<L> {
    fn save(&self, feed: &mut impl FnMut(&[u8])) {
        feed(NAME);
        let orders = self.core.market.orders.counter;
        for number in [self.sequence, self.time_ns, orders, self.digest.0] {
            feed(&number.to_le_bytes());
        }
        feed(&[u8::from(L::KEEPS)]);
        self.ledger.feed_state(feed);
        self.core.requests.feed_state(feed);
        self.core.market.feed_state(feed);
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), LoadError> {
        if from.array()? != *NAME {
            return Err(LoadError::Layout);
        }
        self.sequence = from.u64()?;
        self.time_ns = from.u64()?;
        self.core.market.orders.counter = from.u64()?;
        self.digest = Digest(from.u64()?);
        let has = from.u8()? != 0;
        if has != L::KEEPS {
            return Err(LoadError::Money { has });
        }
        self.ledger.load_state(from)?;
        self.core.requests.load_state(from)?;
        self.core.market.load_state(&self.ledger, from)
    }
}
