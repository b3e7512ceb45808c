//! Reads the orders of a command log: a head of 32 bytes, then records of 64 or 128 bytes, each
//! with its kind in the first byte. New orders have no id in the log: they are numbered from 1.

use std::fmt::Display;

const HEAD_BYTES: usize = 32;
const MAGIC: &[u8] = b"OUTCRYCL";
const PLAIN_BYTES: usize = 64;

/// A command about an order. Prices are in ticks, quantities in lots.
#[derive(Clone, Copy)]
pub enum Command {
    New {
        order: u64,
        is_buy: bool,
        price: u64,
        quantity: u64,
        lives: Lives,
    },
    Cancel {
        order: u64,
    },
    /// `total` is what the order is to come to, its fills included.
    Replace {
        order: u64,
        price: u64,
        total: u64,
    },
}

/// How long an order stays.
#[derive(Clone, Copy)]
pub enum Lives {
    UntilCancelled,
    Immediate,
    WholeOrNot,
}

/// The commands about orders in a log; others, as those that make the instrument, are left out.
pub fn read(bytes: &[u8]) -> Result<Vec<Command>, String> {
    if !bytes.starts_with(MAGIC) || bytes.len() < HEAD_BYTES {
        return Err("it is no command log".to_owned());
    }
    let mut commands = Vec::new();
    let mut orders = 0;
    let mut at = HEAD_BYTES;
    while at < bytes.len() {
        let size = PLAIN_BYTES << usize::from(bytes[at] >> 7);
        let record = bytes.get(at..at + size);
        let record = record.ok_or_else(|| problem(at, "the log ends within it"))?;
        match record[0] {
            0x41 => {
                orders += 1;
                commands.push(new_order(orders, record).map_err(|text| problem(at, text))?);
            }
            0x42 => commands.push(Command::Cancel {
                order: word(record, 56),
            }),
            0x43 => commands.push(Command::Replace {
                order: word(record, 56),
                price: word(record, 40),
                total: word(record, 48),
            }),
            _ => {}
        }
        at += size;
    }
    Ok(commands)
}

fn new_order(order: u64, record: &[u8]) -> Result<Command, &'static str> {
    let lives = match record[38] {
        1 => Lives::UntilCancelled,
        2 => Lives::Immediate,
        3 => Lives::WholeOrNot,
        _ => return Err("it lives otherwise than this peer knows"),
    };
    Ok(Command::New {
        order,
        is_buy: record[36] == 1,
        price: word(record, 40),
        quantity: word(record, 48),
        lives,
    })
}

fn word(record: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(record[at..at + 8].try_into().expect("eight bytes"))
}

fn problem(at: usize, text: impl Display) -> String {
    format!("the record at byte {at}: {text}")
}
