//! What of an engine's configuration decides on the effect of commands, as bytes in the journal.

use outcry_engine::EngineConfig;
use outcry_journal::{Frame, FrameKind, Rules};

/// The version of the rules that this program obeys. A journal of older rules is not replayed by
/// newer ones.
pub const RULES_VERSION: u32 = 1;

/// The version of the layout below.
const LAYOUT: u8 = 1;

/// The fields in the order of their bytes: name and value, each a little-endian 32-bit number.
fn fields(config: &mut EngineConfig) -> [(&'static str, &mut u32); 9] {
    [
        ("shard", &mut config.shard),
        ("work_max", &mut config.work_max),
        ("mass_max", &mut config.mass_max),
        ("remembered_requests", &mut config.remembered_requests),
        ("instrument_max", &mut config.instrument_max),
        ("accounts_max", &mut config.accounts_max),
        ("asset_max", &mut config.asset_max),
        ("withdrawals_max", &mut config.withdrawals_max),
        ("sources_max", &mut config.sources_max),
    ]
}

/// The rules of an engine of this configuration.
pub(crate) fn rules_of(config: &EngineConfig) -> Rules {
    let mut config = *config;
    let mut bytes = vec![LAYOUT, u8::from(config.money)];
    for (_, value) in fields(&mut config) {
        bytes.extend(value.to_le_bytes());
    }
    Rules {
        version: RULES_VERSION,
        config: bytes,
    }
}

/// The configuration that was recorded, with what is no rule taken from `own`; `None` for bytes
/// that no program of this version wrote.
pub(crate) fn config_of(rules: &Rules, own: &EngineConfig) -> Option<EngineConfig> {
    let mut config = *own;
    let (head, rest) = rules.config.split_first_chunk::<2>()?;
    let (numbers, tail) = rest.as_chunks::<4>();
    let fields = fields(&mut config);
    if head[0] != LAYOUT || head[1] > 1 || numbers.len() != fields.len() || !tail.is_empty() {
        return None;
    }
    for ((_, value), number) in fields.into_iter().zip(numbers) {
        *value = u32::from_le_bytes(*number);
    }
    config.money = head[1] == 1;
    Some(config)
}

/// Whether a frame says other rules than those of a configuration: what stands behind it must not
/// be replayed by an engine of that configuration.
pub(crate) fn differ(frame: &Frame<'_>, config: &EngineConfig) -> bool {
    frame.kind() == FrameKind::Rules && frame.rules() != Some(rules_of(config))
}

/// The first rule in which two configurations differ: its name, what was recorded, what is asked.
pub(crate) fn difference(
    recorded: &EngineConfig,
    asked: &EngineConfig,
) -> Option<(&'static str, u64, u64)> {
    let (mut recorded, mut asked) = (*recorded, *asked);
    if recorded.money != asked.money {
        return Some(("money", recorded.money.into(), asked.money.into()));
    }
    let asked = fields(&mut asked);
    let pairs = fields(&mut recorded).into_iter().zip(asked);
    let mut differing = pairs.filter(|((_, recorded), (_, asked))| recorded != asked);
    let ((name, recorded), (_, asked)) = differing.next()?;
    Some((name, (*recorded).into(), (*asked).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_back_and_differences_are_named() {
        let config = EngineConfig {
            money: true,
            mass_max: 7,
            sources_max: 9,
            ..EngineConfig::default()
        };
        let found = config_of(&rules_of(&config), &EngineConfig::default()).unwrap();
        assert_eq!(difference(&found, &config), None);
        let other = EngineConfig {
            sources_max: 8,
            ..config
        };
        assert_eq!(difference(&found, &other), Some(("sources_max", 9, 8)));
        let broken = Rules {
            version: 1,
            config: vec![LAYOUT; 3],
        };
        assert_eq!(config_of(&broken, &config), None);
    }
}
