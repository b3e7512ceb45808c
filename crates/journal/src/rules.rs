//! The rules of an epoch, as they stand in a `rules` frame.

use crate::damage::Damage;

/// The most bytes of a configuration.
pub const CONFIG_BYTES_MAX: usize = 1024;

/// By which rules the commands of an epoch are read.
///
/// In a frame: the version (4 bytes), the length of the configuration (4), the configuration, zeros
/// to a multiple of eight.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// The version of the rules.
    pub version: u32,
    /// The engine's configuration in the encoding of whoever runs it, at most
    /// [`CONFIG_BYTES_MAX`] bytes.
    pub config: Vec<u8>,
}

impl Rules {
    /// Bytes of the payload.
    pub(crate) fn payload_bytes(&self) -> usize {
        (8 + self.config.len()).next_multiple_of(8)
    }

    /// Fills a payload of [`Self::payload_bytes`].
    pub(crate) fn write(&self, payload: &mut [u8]) {
        assert_eq!(payload.len(), self.payload_bytes(), "room for the rules");
        let length = self.config.len();
        payload.fill(0);
        payload[..4].copy_from_slice(&self.version.to_le_bytes());
        payload[4..8].copy_from_slice(&(length as u32).to_le_bytes());
        payload[8..8 + length].copy_from_slice(&self.config);
    }

    /// Reads a payload.
    ///
    /// # Errors
    /// [`Damage::Rules`] if it has another shape.
    pub fn read(payload: &[u8]) -> Result<Self, Damage> {
        let (version, rest) = payload.split_first_chunk().ok_or(Damage::Rules)?;
        let (length, rest) = rest.split_first_chunk().ok_or(Damage::Rules)?;
        let length = u32::from_le_bytes(*length) as usize;
        let (config, padding) = rest.split_at_checked(length).ok_or(Damage::Rules)?;
        let rules = Self {
            version: u32::from_le_bytes(*version),
            config: config.to_vec(),
        };
        let whole = length <= CONFIG_BYTES_MAX && rules.payload_bytes() == payload.len();
        if !whole || padding.iter().any(|byte| *byte != 0) {
            return Err(Damage::Rules);
        }
        Ok(rules)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_round_trip_and_other_shapes_are_refused() {
        for length in [0, 1, 7, 8, CONFIG_BYTES_MAX] {
            let rules = Rules {
                version: 4,
                config: vec![9; length],
            };
            let mut payload = vec![1; rules.payload_bytes()];
            rules.write(&mut payload);
            assert_eq!(Rules::read(&payload), Ok(rules));
            payload.extend([0; 8]);
            assert_eq!(Rules::read(&payload), Err(Damage::Rules));
        }
        assert_eq!(Rules::read(&[0; 7]), Err(Damage::Rules));
        assert_eq!(
            Rules::read(&[1, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 1]),
            Err(Damage::Rules)
        );
    }
}
