//! The checksums by which venues let a reader prove its book: CRC-32 of the best levels' digits.

use super::levels::{Book, Level, Side};

/// CRC-32 of ISO 3309, as Ethernet, gzip and zip have it.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            let shifted = value >> 1;
            value = if value & 1 == 1 {
                shifted ^ 0xEDB8_8320
            } else {
                shifted
            };
            bit += 1;
        }
        table[byte] = value;
        byte += 1;
    }
    table
};

fn crc32(bytes: &[u8]) -> u32 {
    let fold = |crc: u32, byte: &u8| (crc >> 8) ^ TABLE[usize::from(crc as u8 ^ byte)];
    !bytes.iter().fold(u32::MAX, fold)
}

/// The checksum of Kraken: of the best `levels` asks, then bids, price and quantity of each as
/// digits without the point and without zeros in front. The scales of the book must be those of the
/// venue's text, which shows the same decimals for all levels of an instrument.
pub fn stacked_checksum(book: &Book, levels: usize) -> u32 {
    let mut text = Vec::with_capacity(levels * 50);
    for side in [Side::Ask, Side::Bid] {
        for level in book.levels(side).take(levels) {
            write_digits(&mut text, level.price.unsigned_abs());
            write_digits(&mut text, level.quantity);
        }
    }
    crc32(&text)
}

/// The checksum of OKX: of the best `levels` bids and asks in turn, `price:quantity` of each joined
/// by colons, decimals without zeros behind. The venue tells it as a signed number.
pub fn interleaved_checksum(book: &Book, levels: usize) -> i32 {
    let mut text = Vec::with_capacity(levels * 60);
    let mut bids = book.levels(Side::Bid).take(levels);
    let mut asks = book.levels(Side::Ask).take(levels);
    loop {
        let (bid, ask) = (bids.next(), asks.next());
        if bid.is_none() && ask.is_none() {
            break;
        }
        for level in [bid, ask].into_iter().flatten() {
            write_level(&mut text, book, level);
        }
    }
    // Every number ends with a colon; the last has none.
    text.pop();
    crc32(&text).cast_signed()
}

fn write_level(text: &mut Vec<u8>, book: &Book, level: Level) {
    if level.price < 0 {
        text.push(b'-');
    }
    write_decimal(text, level.price.unsigned_abs(), book.price_scale());
    text.push(b':');
    write_decimal(text, level.quantity, book.quantity_scale());
    text.push(b':');
}

fn write_decimal(text: &mut Vec<u8>, mut mantissa: u64, mut scale: u8) {
    while scale > 0 && mantissa.is_multiple_of(10) {
        mantissa /= 10;
        scale -= 1;
    }
    if scale == 0 {
        return write_digits(text, mantissa);
    }
    // Beyond 19 decimals every digit of 64 bits lies behind the point.
    let power = 10_u64.checked_pow(u32::from(scale));
    let (whole, fraction) =
        power.map_or((0, mantissa), |power| (mantissa / power, mantissa % power));
    write_digits(text, whole);
    text.push(b'.');
    let start = text.len();
    write_digits(text, fraction);
    let missing = usize::from(scale) - (text.len() - start);
    text.splice(start..start, std::iter::repeat_n(b'0', missing));
}

fn write_digits(text: &mut Vec<u8>, value: u64) {
    let start = text.len();
    let mut rest = value;
    loop {
        text.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    text[start..].reverse();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_value_of_the_polynomial() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn decimals_are_written_without_zeros_behind() {
        let cases = [
            (0, 0, "0"),
            (0, 3, "0"),
            (3_024_350, 2, "30243.5"),
            (3_024_400, 2, "30244"),
            (88, 8, "0.00000088"),
            (105, 2, "1.05"),
            (7, 21, "0.000000000000000000007"),
        ];
        for (mantissa, scale, expected) in cases {
            let mut text = Vec::new();
            write_decimal(&mut text, mantissa, scale);
            assert_eq!(std::str::from_utf8(&text), Ok(expected));
        }
    }

    #[test]
    fn texts_are_joined_as_the_venues_join_them() {
        let mut book = Book::default();
        for (side, price, quantity) in [
            (Side::Bid, "0.50", "10.0"),
            (Side::Bid, "0.45", "2.5"),
            (Side::Ask, "0.55", "0.3"),
        ] {
            book.set_text(side, price.as_bytes(), quantity.as_bytes())
                .unwrap();
        }
        assert_eq!(stacked_checksum(&book, 10), crc32(b"553501004525"));
        let joined = crc32(b"0.5:10:0.55:0.3:0.45:2.5").cast_signed();
        assert_eq!(interleaved_checksum(&book, 25), joined);
        assert_eq!(
            interleaved_checksum(&book, 1),
            crc32(b"0.5:10:0.55:0.3").cast_signed()
        );
        assert_eq!(
            interleaved_checksum(&Book::default(), 25),
            crc32(b"").cast_signed()
        );
    }
}
